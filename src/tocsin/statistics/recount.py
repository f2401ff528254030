"""Recounting: what the cells should be, from the reports themselves."""

from collections.abc import Iterable, Iterator
from typing import Any

from datasketches import compact_theta_sketch
from sqlalchemy import Connection, select

from tocsin.statistics.cells import UNKNOWN, Fact, Tally, tally
from tocsin.statistics.tables import DIMENSIONS, cell


def differences(connection: Connection, rows: Iterable[Any]) -> list[str]:
    """Compare every cell with a recount.

    Args:
        connection: a reading connection.
        rows: every report with its verdict, as `desk.store.counted` gives them.

    Returns:
        one sentence for each cell that differs; empty when all are true.
    """
    expected = tally(_facts(rows))
    found: list[str] = []
    for row in connection.execute(select(cell)):
        key = (row.grain, row.bucket, *(getattr(row, name) for name in DIMENSIONS))
        one = expected.pop(key, None)
        if one is None or not _equal(one, row):
            found.append(f"{key} holds {row.count}, a recount gives {one.count if one else 0}")
    return found + [f"{key} is missing, a recount gives {one.count}" for key, one in expected.items()]


def _equal(one: Tally, row: Any) -> bool:
    counted = one.count == row.count and one.spam == row.spam
    return counted and _same_people(one.sketch(), row.reporters)


def _same_people(one: bytes, other: bytes) -> bool:
    """Compare two sketches as far down as both look.

    They keep the hashes below their own `theta`; a cell that someone left (`cells.move`) keeps a lower one.
    """
    first, second = compact_theta_sketch.deserialize(one), compact_theta_sketch.deserialize(other)
    both = min(first.theta64, second.theta64)
    return {people for people in first if people < both} == {people for people in second if people < both}


def _facts(rows: Iterable[Any]) -> Iterator[Fact]:
    for row in rows:
        yield Fact(
            row.received_at,
            (
                row.source,
                row.channel,
                row.category,
                row.route_origin or row.sender_country or UNKNOWN,
                row.route_kind,
                row.jurisdiction,
                row.member,
            ),
            row.p_wanted <= 0.5,  # noqa: PLR2004 - unwanted at one half
            row.reporter,
        )
