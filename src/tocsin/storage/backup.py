"""Backup while running, and restore: one portable archive, from and to either engine.

The archive (`storage.archive`) is made inside one read transaction, so that it is one consistent moment of
the ledger. It is restored in one transaction too: at the schema it was made of, then migrated to this
version's, so that whatever goes wrong leaves nothing behind. It holds no keys, only their fingerprints: copy
`pseudonym.keys` apart from it.
"""

import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table, column, insert, inspect, literal, select, table
from sqlalchemy.exc import OperationalError, StatementError

from tocsin.errors import Misconfigured, Rejected
from tocsin.storage import archive, schema
from tocsin.storage.archive import Chunk, Header
from tocsin.storage.engine import Storage

KEYS = "pseudonym.keys"
_KEY_BYTES = 32
_FETCHED = 200
_CHUNK_ROWS = 2000
_CHUNK_BYTES = 4_000_000
_VERSION_TABLE = "alembic_version"


def back_up(storage: Storage, file: Path, keys: Path | None = None) -> dict[str, int]:
    """Write the ledger to an archive; the node may go on taking reports meanwhile.

    Args:
        storage: the ledger.
        file: the archive; an older one of this name is replaced.
        keys: the file of pseudonym keys; by default the one beside an SQLite ledger.

    Returns:
        rows by table.

    Raises:
        Misconfigured: there is no ledger, or it is of another version.
        Rejected: the archive can't be written.
    """
    _check_ledger(storage)
    tables = schema.tables()
    header = Header(
        archive.FORMAT,
        schema.HEAD,
        _fingerprints(keys or _keys_beside(storage)) or [],
        {str(one.name): [str(name.name) for name in one.columns] for one in tables},
    )
    counts: dict[str, int] = {}
    with archive.written(file) as writer, storage.reading() as connection:
        writer.write(header)
        for one in tables:
            name = str(one.name)
            counts[name] = 0
            for rows in _chunks(connection, one):
                writer.write(Chunk(name, rows))
                counts[name] += len(rows)
    return counts


def restore(storage: Storage, file: Path, keys: Path | None = None) -> dict[str, int]:
    """Fill an empty ledger from an archive, in one transaction.

    Args:
        storage: a new ledger, or an empty one of the archive's schema.
        file: the archive.
        keys: the file of pseudonym keys, as for `back_up`. Where there is none yet, put the archive's there
            before a node starts.

    Returns:
        rows by table.

    Raises:
        Misconfigured: the ledger is not empty or of another schema, or the keys are not the archive's.
        Rejected: the archive is damaged, cut short, of another format or of a newer version. Nothing was
            written.
    """
    counts: dict[str, int] = {}
    with archive.opened(file) as source:
        _check_keys(source.header, _fingerprints(keys or _keys_beside(storage)))
        with storage.writing() as connection:
            storage.serialise(connection, "desk")
            _prepare(connection, source.header)
            for chunk in source.chunks():
                _insert(connection, source.header, chunk)
                counts[chunk.table] = counts.get(chunk.table, 0) + len(chunk.rows)
            _migrate(connection, schema.HEAD)
    return dict.fromkeys(source.header.tables, 0) | counts


def _check_ledger(storage: Storage) -> None:
    database = storage.url.database
    if storage.is_sqlite and not (database and Path(database).is_file()):
        raise Misconfigured("there is no ledger in this data folder")
    present = schema.revision(storage)
    if present != schema.HEAD:
        raise Misconfigured(
            f"the ledger is at schema {present}, this version's is {schema.HEAD}: start the node once, or use"
            " the version that wrote it"
        )


def _chunks(connection: Connection, source: Table) -> Iterator[list[list[Any]]]:
    """Give rows in chunks that are bounded in number and in size."""
    rows: list[list[Any]] = []
    size = 0
    for row in connection.execution_options(yield_per=_FETCHED).execute(select(source)):
        rows.append(list(row))
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if len(rows) >= _CHUNK_ROWS or size >= _CHUNK_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def _prepare(connection: Connection, header: Header) -> None:
    """Bring a new ledger to the archive's schema, or make sure that an old one is empty and has it."""
    present = MigrationContext.configure(connection).get_current_revision()
    revisions = {
        one.revision for one in ScriptDirectory.from_config(_migrations(connection)).walk_revisions()
    }
    if header.schema not in revisions:
        raise Rejected(
            "archive.newer",
            "archive",
            f"it is of schema {header.schema:.20}, this version's is {schema.HEAD}: restore it with the"
            " version that made it, or a newer one",
        )
    if present is None:
        _migrate(connection, header.schema)
    inspector = inspect(connection)
    names = set(inspector.get_table_names()) - {_VERSION_TABLE}
    for name in sorted(names):
        if connection.execute(select(literal(1)).select_from(table(name)).limit(1)).first():
            raise Misconfigured(f"the ledger already has rows in {name}; restore into an empty one")
    if present not in {None, header.schema}:
        raise Misconfigured(
            f"the ledger is at schema {present}, the archive at {header.schema}: restore where no ledger is"
        )
    found = {name: {one["name"] for one in inspector.get_columns(name)} for name in names}
    if found != {name: set(columns) for name, columns in header.tables.items()}:
        raise Rejected("archive.tables", "archive", "its tables are not those of its schema")


def _insert(connection: Connection, header: Header, chunk: Chunk) -> None:
    columns = header.tables.get(chunk.table)
    if columns is None or any(len(row) != len(columns) for row in chunk.rows):
        raise Rejected("archive.damaged", "archive", "it holds rows that fit no table")
    target = table(chunk.table, *(column(name) for name in columns))
    try:
        if chunk.rows:
            connection.execute(insert(target), [dict(zip(columns, row, strict=True)) for row in chunk.rows])
    except OperationalError:
        raise  # the disk, not the archive
    except (StatementError, OverflowError, TypeError, ValueError) as error:
        raise Rejected("archive.rows", "archive", f"its rows can't stand in {chunk.table}") from error


def _migrations(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection, revision: str) -> None:
    schema.tables()
    command.upgrade(_migrations(connection), revision)


def _keys_beside(storage: Storage) -> Path | None:
    database = storage.url.database
    return Path(database).parent / KEYS if storage.is_sqlite and database else None


def _fingerprints(keys: Path | None) -> list[str] | None:
    """Return a keyed digest of a constant for each key: it tells keys apart and gives none away."""
    if keys is None or not keys.exists():
        return None
    try:
        secrets = [bytes.fromhex(line) for line in keys.read_text("ascii").split()]
    except (OSError, ValueError) as error:
        raise Misconfigured("the pseudonym keys are damaged") from error
    if not secrets or any(len(secret) != _KEY_BYTES for secret in secrets):
        raise Misconfigured("the pseudonym keys are missing or damaged")
    return [hmac.digest(secret, b"tocsin key fingerprint", "sha256")[:8].hex() for secret in secrets]


def _check_keys(header: Header, present: list[str] | None) -> None:
    """Refuse keys that would give the archive's reporters other pseudonyms; keys added later do no harm."""
    if present is not None and header.keys and present[: len(header.keys)] != header.keys:
        raise Misconfigured(
            f"the {KEYS} in this data folder are not those of the archive: put the right ones there first"
        )
