"""Backup while running, and restore: one portable archive, from and to either engine.

The archive is a gzip-compressed stream of MessagePack values, table by table in dependency order, written
inside one read transaction, so that it is one consistent moment of the ledger. A digest at its end proves
that it is whole. It holds no keys: copy `pseudonym.keys` apart from it.
"""

import gzip
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Table, func, insert, select

from tocsin.errors import Misconfigured, Rejected
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create, tables

FORMAT = "tocsin-ledger-1"
_CHUNK = 2000
_encoder = msgspec.msgpack.Encoder()


def back_up(storage: Storage, file: Path) -> dict[str, int]:
    """Write the ledger to an archive; the node may go on taking reports meanwhile.

    Returns:
        rows by table.
    """
    draft = file.with_name(file.name + ".new")
    counts: dict[str, int] = {}
    with gzip.open(draft, "wb", compresslevel=3) as stream, storage.reading() as connection:
        writer = _Writer(stream)
        writer.write(FORMAT)
        for table in tables():
            counts[str(table.name)] = 0
            result = connection.execution_options(yield_per=_CHUNK).execute(select(table))
            for rows in result.partitions():
                writer.write([str(table.name), [list(row) for row in rows]])
                counts[str(table.name)] += len(rows)
        writer.finish()
    draft.replace(file)
    return counts


def restore(storage: Storage, file: Path) -> dict[str, int]:
    """Fill an empty ledger from an archive, in one transaction.

    Returns:
        rows by table.

    Raises:
        Misconfigured: the ledger is not empty.
        Rejected: the archive is damaged, cut short or of another format; nothing was written.
    """
    create(storage)
    known = {str(table.name): table for table in tables()}
    counts = dict.fromkeys(known, 0)
    with storage.writing() as connection:
        for table in known.values():
            if connection.execute(
                select(func.count()).select_from(select(table).limit(1).subquery())
            ).scalar():
                raise Misconfigured(f"the ledger already has rows in {table.name}; restore into an empty one")
        for name, rows in _read(file):
            table = _table(known, name)
            columns = [column.name for column in table.columns]
            connection.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
            counts[name] += len(rows)
    return counts


def _table(known: dict[str, Table], name: str) -> Table:
    if name not in known:
        raise Rejected("archive.table", "archive", "the archive is of another version")
    return known[name]


class _Writer:
    """Frames values (4 bytes of length, then MessagePack) and digests what it wrote."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._digest = sha256()

    def write(self, value: object) -> None:
        payload = _encoder.encode(value)
        frame = len(payload).to_bytes(4, "big") + payload
        self._digest.update(frame)
        self._stream.write(frame)

    def finish(self) -> None:
        self._stream.write(bytes(4) + self._digest.digest())


def _read(file: Path) -> Iterator[tuple[str, list[list[Any]]]]:
    digest = sha256()
    try:
        with gzip.open(file, "rb") as stream:
            first = _frame(stream, digest)
            if first is None or msgspec.msgpack.decode(first) != FORMAT:
                raise Rejected("archive.format", "archive", "not an archive of a Tocsin ledger")
            while (payload := _frame(stream, digest)) is not None:
                name, rows = msgspec.msgpack.decode(payload)
                yield name, rows
            if stream.read() != digest.digest():
                raise Rejected("archive.damaged", "archive", "the archive's digest does not match")
    except (EOFError, OSError, ValueError, msgspec.DecodeError) as error:
        raise Rejected("archive.damaged", "archive", "the archive is damaged or cut short") from error


def _frame(stream: BinaryIO | gzip.GzipFile, digest: Any) -> bytes | None:
    header = stream.read(4)
    length = int.from_bytes(header, "big")
    if len(header) < 4:  # noqa: PLR2004 - the frame header's length
        raise EOFError
    if not length:
        return None
    payload = stream.read(length)
    digest.update(header + payload)
    return payload
