"""Where parts of unfinished messages lie until the rest comes: durable, so that a part may be acknowledged.

A message centre with a window of one sends the second part only when the first is acknowledged; holding the
answer back would stall it, acknowledging from memory could lose the part. The shelf is a SQLite file of its
own in the data folder, because its rows live for seconds; it holds no number of a reporter.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from tocsin.doors.smpp.parts import PartSet

_TABLES = """
CREATE TABLE IF NOT EXISTS part (
    key BLOB, number INTEGER, id TEXT, total INTEGER, coding INTEGER, began_at INTEGER, body BLOB,
    PRIMARY KEY (key, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS given (key BLOB PRIMARY KEY, id TEXT, total INTEGER, at INTEGER) WITHOUT ROWID;
"""


class Shelf:
    """The parts of one door.

    Args:
        file: the SQLite file.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, file: Path) -> None:
        self._lock = Lock()
        try:
            self._ledger = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            self._ledger.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + _TABLES)
        except sqlite3.Error as error:
            raise OSError("the shelf of an SMPP door can't be opened") from error

    def load(self) -> list[PartSet]:
        """Return what lies here, in the order in which the sets began."""
        sets: dict[bytes, PartSet] = {}
        rows = self._ledger.execute("SELECT key, id, total, coding, began_at, number, body FROM part")
        for key, name, total, coding, began_at, number, body in rows:
            found = sets.setdefault(key, PartSet(key, name, total, coding, began_at))
            found.bodies[number] = body
            found.known[number] = hash(body)
        for key, name, total, at in self._ledger.execute("SELECT key, id, total, at FROM given"):
            sets[key] = PartSet(key, name, total, 0, at, given=True)
        return sorted(sets.values(), key=lambda found: found.began_at)

    def put(self, parts: Iterable[tuple[PartSet, int]]) -> None:
        """Write parts, each a set and a number in it; they are durable when this returns.

        Raises:
            sqlite3.Error: they are not.
        """
        rows = [
            (found.key, number, found.id, found.total, found.coding, found.began_at, found.bodies[number])
            for found, number in parts
        ]
        with self._lock, self._ledger:
            self._ledger.execute("BEGIN IMMEDIATE")
            # Parts of an earlier message under the same reference make room.
            self._ledger.executemany(
                "DELETE FROM part WHERE key = ? AND id <> ?", {(row[0], row[2]) for row in rows}
            )
            self._ledger.executemany(
                "DELETE FROM given WHERE key = ? AND id <> ?", {(row[0], row[2]) for row in rows}
            )
            self._ledger.executemany("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def give(self, sets: Sequence[PartSet], oldest: int) -> None:
        """Clear sets that were given out, and remember that they were; forget who were before `oldest`.

        Raises:
            sqlite3.Error: nothing was changed.
        """
        with self._lock, self._ledger:
            self._ledger.execute("BEGIN IMMEDIATE")
            self._ledger.executemany("DELETE FROM part WHERE key = ?", [(found.key,) for found in sets])
            self._ledger.executemany(
                "INSERT OR REPLACE INTO given VALUES (?, ?, ?, ?)",
                [(found.key, found.id, found.total, found.began_at) for found in sets],
            )
            self._ledger.execute("DELETE FROM given WHERE at < ?", (oldest,))

    def close(self) -> None:
        """Let go of the file."""
        self._ledger.close()
