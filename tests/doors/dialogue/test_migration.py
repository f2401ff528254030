"""A ledger of before the dialogue gets its table and keeps what it holds."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from tocsin.doors.dialogue.records import Session
from tocsin.doors.dialogue.store import Sessions
from tocsin.storage import schema
from tocsin.storage.engine import Storage
from tocsin.storage.jobs import job


def test_an_older_ledger_is_brought_up_with_its_rows(tmp_path: Path) -> None:
    """Schema 0001 with a job in it."""
    storage = Storage(f"sqlite:///{tmp_path / 'old.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with storage.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO job (id, kind, payload, attempts, error) VALUES (:id, 'k', :id, 0, '')"),
            {"id": b"0123456789abcdef"},
        )
    schema.create(storage)
    Sessions(storage).save({b"k" * 16: (Session(language="ar"), 10)}, 1)
    assert Sessions(storage).load([b"k" * 16], 1) == {b"k" * 16: Session(language="ar")}
    with storage.reading() as connection:
        assert connection.execute(select(job.c.kind)).scalars().all() == ["k"]
    storage.close()
