"""Bringing a ledger's tables to what this version needs, by Alembic migrations."""

from importlib import import_module
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Table

from tocsin.errors import Misconfigured
from tocsin.storage.engine import Storage
from tocsin.storage.tables import metadata

ROOMS = ("storage.jobs", "campaigns.tables", "statistics.tables", "desk.tables", "doors.dialogue.tables")
HEAD = "0004"
"""The newest migration; a test holds it to the folder."""


def tables() -> list[Table]:
    """Return every room's tables, each after those it refers to."""
    for room in ROOMS:
        import_module(f"tocsin.{room}")
    return list(metadata.sorted_tables)


def create(storage: Storage) -> None:
    """Migrate a ledger, new or old, to this version.

    Raises:
        Misconfigured: the ledger was written by a newer version.
    """
    tables()
    present = revision(storage)
    if present == HEAD:
        return
    if present is not None and present > HEAD:
        raise Misconfigured(f"the ledger is at schema {present}, newer than this version's {HEAD}")
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with storage.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def revision(storage: Storage) -> str | None:
    """Return the ledger's schema revision; None for an empty database."""
    with storage.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()
