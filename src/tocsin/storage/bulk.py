"""Writing and finding many rows at once, past the statement compiler: the desk's hot path.

For a batch of a thousand reports the compiler's work on each row costs more than the database's.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Table

_MOST_VALUES = 5000


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
    if rows:
        mark = "?" if connection.dialect.name == "sqlite" else "%s"
        names = ", ".join(columns)
        marks = ", ".join([mark] * len(columns))
        tail = " ON CONFLICT DO NOTHING" if once else ""
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks}){tail}", list(rows))


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
        chunk = tuple(ordered[start : start + _MOST_VALUES])
        marks = ",".join([mark] * len(chunk))
        yield from connection.exec_driver_sql(f"{query} ({marks})", chunk).fetchall()
