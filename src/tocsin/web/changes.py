"""The ledger's change number: equal as long as nobody committed anything, in this process or another."""

from threading import Lock

from sqlalchemy import Connection, Engine, event, text

from tocsin.storage.engine import Storage

# What a snapshot can see is what its text says (PostgreSQL 9.27, "Snapshot information functions").
_SNAPSHOT = text("SELECT pg_current_snapshot()")


class Changes:
    """Tells whether the ledger changed, without reading any of it.

    On SQLite the number is `PRAGMA data_version`, which moves when another connection commits: one connection
    is kept for it alone, until the ledger is closed.

    Args:
        storage: the ledger.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lock = Lock()
        self._kept: Connection | None = None
        event.listen(storage.engine, "engine_disposed", self._let_go)

    def number(self) -> str:
        """Return the change number; any thread may ask."""
        if not self._storage.is_sqlite:
            with self._storage.reading() as connection:
                return str(connection.execute(_SNAPSHOT).scalar_one())
        with self._lock:
            if self._kept is None:
                self._kept = self._storage.engine.connect()
            with self._kept.begin():
                return str(self._kept.exec_driver_sql("PRAGMA data_version").scalar_one())

    def _let_go(self, _engine: Engine) -> None:
        with self._lock:
            if self._kept is not None:
                self._kept.invalidate()
                self._kept = None
