"""Recounting: what the cells should be, from the reports themselves, however many there are.

Cells add up, so they are recounted in parts: so many facts at a time become tallies, which are added to a
scratch table on disk and let go. Memory depends on the size of a part, not on that of the ledger.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from datasketches import compact_theta_sketch
from sqlalchemy import Connection, select

from tocsin.statistics.cells import Fact, Key, Tally, tally
from tocsin.statistics.tables import DIMENSIONS, cell

PART = 50_000
"""Facts counted in memory before they go to the scratch table."""
MOST_FOUND = 100
_FETCHED = 2000


def differences(connection: Connection, facts: Iterable[Fact], part: int = PART) -> list[str]:
    """Compare every cell with a recount.

    Args:
        connection: a reading connection.
        facts: what every report adds, as `desk.store.counted` gives them.
        part: facts held in memory at a time.

    Returns:
        one sentence for each cell that differs, at most 100 and then how many more; empty when all are true.
    """
    with _scratch() as scratch:
        rest = iter(facts)
        while tallies := tally(islice(rest, part)):
            scratch.add(tallies)
        return _bounded(_compare(connection, scratch))


class _Scratch:
    """Cells on disk, by key. One process uses it and nothing of it outlives the recount."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE expected (key BLOB PRIMARY KEY, count INTEGER, spam INTEGER, reporters BLOB)"
            " WITHOUT ROWID"
        )
        database.execute("BEGIN")

    def add(self, tallies: Mapping[Key, Tally]) -> None:
        """Add tallies to what was counted under their keys before."""
        for key, one in tallies.items():
            name = _name(key)
            count, spam, reporters = self._find(name) or (0, 0, None)
            self._database.execute(
                "REPLACE INTO expected VALUES (?, ?, ?, ?)",
                (name, count + one.count, spam + one.spam, one.sketch(reporters)),
            )

    def take(self, key: Key) -> tuple[int, int, bytes] | None:
        """Give the count, the unwanted ones and the reporters of a cell, once."""
        name = _name(key)
        found = self._find(name)
        self._database.execute("DELETE FROM expected WHERE key = ?", (name,))
        return found

    def left(self) -> Iterator[tuple[list[Any], int]]:
        """Give the key and the count of each cell that was not taken."""
        for name, count in self._database.execute("SELECT key, count FROM expected"):
            yield msgspec.json.decode(name), count

    def _find(self, name: bytes) -> tuple[int, int, bytes] | None:
        query = "SELECT count, spam, reporters FROM expected WHERE key = ?"
        found: tuple[int, int, bytes] | None = self._database.execute(query, (name,)).fetchone()
        return found


@contextmanager
def _scratch() -> Iterator[_Scratch]:
    with (
        TemporaryDirectory(prefix="tocsin-recount-") as folder,
        closing(sqlite3.connect(Path(folder) / "cells.db", isolation_level=None)) as database,
    ):
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        yield _Scratch(database)


def _compare(connection: Connection, scratch: _Scratch) -> Iterator[str]:
    rows = connection.execution_options(yield_per=_FETCHED).execute(select(cell))
    for row in rows:
        key = (row.grain, row.bucket, *(getattr(row, name) for name in DIMENSIONS))
        expected = scratch.take(key)
        if expected is None or not _equal(expected, row):
            yield f"{key} holds {row.count}, a recount gives {expected[0] if expected else 0}"
    for missing, count in scratch.left():
        yield f"{tuple(missing)} is missing, a recount gives {count}"


def _bounded(sentences: Iterator[str]) -> list[str]:
    found = list(islice(sentences, MOST_FOUND))
    more = sum(1 for _ in sentences)
    return [*found, f"{more} more cells"] if more else found


def _equal(expected: tuple[int, int, bytes], row: Any) -> bool:
    count, spam, reporters = expected
    return count == row.count and spam == row.spam and _same_people(reporters, row.reporters)


def _same_people(one: bytes, other: bytes) -> bool:
    """Compare two sketches as far down as both look.

    They keep the hashes below their own `theta`; a cell that someone left (`cells.move`) keeps a lower one.
    """
    first, second = compact_theta_sketch.deserialize(one), compact_theta_sketch.deserialize(other)
    both = min(first.theta64, second.theta64)
    return {people for people in first if people < both} == {people for people in second if people < both}


def _name(key: Key) -> bytes:
    return msgspec.json.encode(key)
