"""The schema: what the migrations make is what the tables say, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tocsin.storage import schema
from tocsin.storage.engine import Storage
from tocsin.storage.tables import metadata


def test_the_newest_migration_equals_the_tables(storage: Storage) -> None:
    """A table cannot change without a migration."""
    schema.tables()
    with storage.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert schema.revision(storage) == schema.HEAD


def test_creating_twice_changes_nothing(storage: Storage) -> None:
    """A node that starts again finds its ledger as it was."""
    schema.create(storage)
    assert schema.revision(storage) == schema.HEAD
