"""Bringing a ledger's tables to what this version needs."""

from importlib import import_module
from importlib.util import find_spec

from tocsin.storage.engine import Storage
from tocsin.storage.tables import metadata

ROOMS = ("storage.jobs", "campaigns.tables", "statistics.tables", "desk.tables")


def create(storage: Storage) -> None:
    """Create whatever table is missing."""
    for room in ROOMS:
        if find_spec(f"tocsin.{room}"):
            import_module(f"tocsin.{room}")
    with storage.writing() as connection:
        metadata.create_all(connection)
