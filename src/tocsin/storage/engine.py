"""Opening the ledger and holding its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from tocsin.errors import Busy

# Words in which the engines say that they can't write now: SQLITE_FULL, SQLITE_BUSY, SQLITE_IOERR on
# a full file system; PostgreSQL's disk_full and too_many_connections.
_LATER = ("disk is full", "database is locked", "disk I/O error", "No space left", "too many clients")


class Storage:
    """The ledger. Reading and writing are separate on purpose: a reader never waits for a writer.

    Args:
        url: an SQLAlchemy URL, `sqlite:///path` or `postgresql+psycopg://…`.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.url = parsed
        self.engine: Engine = create_engine(parsed, hide_parameters=True, **self._options())
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)

    def _options(self) -> dict[str, Any]:
        if self.is_sqlite:
            return {
                "connect_args": {"timeout": 30, "check_same_thread": False, "cached_statements": 512},
                "pool_size": 8,
            }
        return {"pool_size": 8, "pool_pre_ping": True}

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection on one consistent snapshot, for queries only."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(  # noqa: PLW2901
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open one transaction; it commits at the end, durably, or leaves nothing behind.

        Raises:
            Busy: the database can't be written now (disk full, locked); the caller may try again.
        """
        try:
            with (
                self.engine.connect().execution_options(tocsin_writes=True) as connection,
                connection.begin(),
            ):
                yield connection
        except (OperationalError, DBAPIError) as error:
            if any(words in str(error.orig) for words in _LATER):
                raise Busy("the ledger can't be written at the moment") from error
            raise

    def serialise(self, connection: Connection, name: str) -> None:
        """Let one transaction at a time pass here, on any node of this ledger, until it ends.

        SQLite has one writer anyway. On PostgreSQL, what is read, merged and written back needs it.
        """
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})

    def close(self) -> None:
        """Close every connection; on SQLite fold the write-ahead log into the file."""
        self.engine.dispose()


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not guessed by the driver
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an acknowledged report survives a power cut
    connection.execute("PRAGMA foreign_keys = ON")
    # Pages that many batches touch are folded into the file once, not once a batch: with a million reports
    # stored, the desk takes half as many again. The log grows to 64 MB.
    connection.execute("PRAGMA wal_autocheckpoint = 16000")
    connection.execute("PRAGMA cache_size = -32000")
    connection.execute("PRAGMA temp_store = MEMORY")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the one write lock at once: taking it later could fail halfway through.
    writes = connection.get_execution_options().get("tocsin_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
