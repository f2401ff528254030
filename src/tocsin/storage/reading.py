"""Reading the ledger of a data folder from the command line, without opening a node."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from tocsin import settings
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create


@contextmanager
def ledger(data: str | None) -> Iterator[Connection]:
    """Open one reading connection; the ledger is made, or brought to this version, if need be.

    Args:
        data: the data folder; None takes the one of the settings.

    Raises:
        Misconfigured: the settings are wrong, or a newer version wrote the ledger.
    """
    values = settings.load({"data": data})
    values.folder.mkdir(parents=True, exist_ok=True)
    storage = Storage(values.database_url)
    try:
        create(storage)
        with storage.reading() as connection:
            yield connection
    finally:
        storage.close()
