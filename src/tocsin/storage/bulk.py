"""Writing and finding many rows at once, past the statement compiler: the desk's hot path.

For a batch of a thousand reports the compiler's work on each row costs more than the database's. And the
SQLite driver lets go of the interpreter's lock at each step of a statement: while other threads are busy,
a row a step means a wait a row (measured: 1,290 µs against 56 µs). So many rows go into one statement,
in powers of two, so that few statements stay prepared.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

_MOST_VALUES = 16_384
"""Values bound in one statement; SQLite takes 32,766."""


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    once: bool = False,
) -> None:
    """Insert rows.

    Args:
        connection: the caller's transaction.
        table: where to.
        columns: what each row's values are.
        rows: values in the columns' order, as the driver takes them.
        once: leave a row out whose key is there already.
    """
    tail = " ON CONFLICT DO NOTHING" if once else ""
    head = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES "
    if connection.dialect.name != "sqlite":
        if rows:
            connection.exec_driver_sql(f"{head}({', '.join(['%s'] * len(columns))}){tail}", list(rows))
        return
    one = f"({','.join('?' * len(columns))})"
    start = 0
    for size in _powers(len(rows), _MOST_VALUES // len(columns)):
        values = tuple(chain.from_iterable(rows[start : start + size]))
        connection.exec_driver_sql(f"{head}{','.join([one] * size)}{tail}", values)
        start += size


def find_rows(connection: Connection, query: str, values: Iterable[Any]) -> Iterator[Any]:
    """Run a query for many values.

    Args:
        connection: any connection.
        query: SQL that ends with `IN`; its list is added.
        values: looked for, in chunks.
    """
    ordered = list(values)
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    for start in range(0, len(ordered), _MOST_VALUES):
        chunk = ordered[start : start + _MOST_VALUES]
        # Filled up to a power of two with a value that is looked for anyway.
        chunk += [chunk[-1]] * ((1 << (len(chunk) - 1).bit_length()) - len(chunk))
        marks = ",".join([mark] * len(chunk))
        yield from connection.exec_driver_sql(f"{query} ({marks})", tuple(chunk)).fetchall()


def _powers(count: int, most: int) -> Iterator[int]:
    """Split a count into powers of two, largest first, none above `most`."""
    size = 1 << (most.bit_length() - 1)
    while count:
        while size > count:
            size >>= 1
        yield size
        count -= size
