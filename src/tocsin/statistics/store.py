"""The statistics' queries: over cells only, so that their cost does not grow with the reports."""

from datetime import UTC, datetime
from typing import Any

from datasketches import compact_theta_sketch, theta_union
from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, func, select

from tocsin.errors import Rejected
from tocsin.records import DAY, HOUR, Source
from tocsin.statistics.cells import GRAINS, LG_K
from tocsin.statistics.disclosure import partition, public, share
from tocsin.statistics.tables import DIMENSIONS, cell

READABLE = (*DIMENSIONS[1:], "class")
_MOST_POINTS = 5000


class Point(Struct, frozen=True):
    """One figure: its bucket's start (RFC 3339), the dimension's value, reports (null: withheld)."""

    start: str
    value: str
    count: int | None


class Item(Struct, frozen=True):
    """One value of a dimension and its reports; null is withheld."""

    value: str
    count: int | None


class Summary(Struct, frozen=True):
    """The figures one looks at first.

    Args:
        day: reports of the last 24 hours.
        day_before: of the 24 hours before.
        week: of today and the six days before, UTC.
        unwanted_share: share of the week's reports that screening holds for unwanted; null when unknown.
        reporters: distinct reporters of the week, estimated (Theta sketch, error about 3 %).
        channels: the week's reports by channel.
        classes: the week's reports by class.
    """

    day: int | None
    day_before: int | None
    week: int | None
    unwanted_share: float | None
    reporters: int | None
    channels: list[Item]
    classes: list[Item]


def summary(connection: Connection, now: int, source: str) -> Summary:
    """Return the first figures of a source, whole hours up to now."""
    end = now - now % HOUR + HOUR
    week, tomorrow = last_days(now, 7)
    total, spam = connection.execute(
        select(func.coalesce(func.sum(cell.c.count), 0), func.coalesce(func.sum(cell.c.spam), 0)).where(
            *_period("day", week, tomorrow, source)
        )
    ).one()
    return Summary(
        day=public(_total(connection, end - DAY, end, source)),
        day_before=public(_total(connection, end - 2 * DAY, end - DAY, source)),
        week=public(int(total)),
        unwanted_share=share(int(spam), int(total)),
        reporters=public(_reporters(connection, week, tomorrow, source)),
        channels=top(connection, "channel", week, tomorrow, source, grain="day"),
        classes=top(connection, "class", week, tomorrow, source, grain="day"),
    )


def last_days(now: int, days: int) -> tuple[int, int]:
    """Return the whole days, UTC, that end with today: their start and tomorrow's."""
    tomorrow = now - now % DAY + DAY
    return tomorrow - days * DAY, tomorrow


def timeseries(
    connection: Connection, dimension: str, grain: str, start: int, end: int, source: str
) -> list[Point]:
    """Return a series for each value of a dimension; buckets without reports have no point.

    Raises:
        Rejected: unknown dimension or grain, or a period of more than 5,000 buckets.
    """
    if grain not in GRAINS:
        raise Rejected("grain.unknown", "grain", f"one of {', '.join(GRAINS)}")
    _check_period(start, end, GRAINS[grain])
    column = _column(dimension)
    query = (
        select(cell.c.bucket, column, func.sum(cell.c.count))
        .where(*_period(grain, start, end, source))
        .group_by(cell.c.bucket, column)
        .order_by(cell.c.bucket, column)
    )
    sums: dict[tuple[int, str], int] = {}
    for bucket, value, count in connection.execute(query):
        key = (bucket, _named(dimension, value))
        sums[key] = sums.get(key, 0) + int(count)
    buckets: dict[int, dict[str, int]] = {}
    for (bucket, value), count in sums.items():
        buckets.setdefault(bucket, {})[value] = count
    return [
        Point(rfc3339(bucket), value, count)
        for bucket, counts in buckets.items()
        for value, count in zip(counts, partition(list(counts.values())), strict=True)
    ]


def totals(connection: Connection, start: int, end: int, source: str) -> dict[int, int]:
    """Return the reports of each hour that has any; to be published only through `disclosure`."""
    query = (
        select(cell.c.bucket, func.sum(cell.c.count))
        .where(*_period("hour", start, end, source))
        .group_by(cell.c.bucket)
    )
    return {bucket: int(count) for bucket, count in connection.execute(query)}


def top(
    connection: Connection,
    dimension: str,
    start: int,
    end: int,
    source: str,
    limit: int = 20,
    *,
    grain: str = "hour",
) -> list[Item]:
    """Return the values of a dimension with most reports; withheld ones last, by name.

    Raises:
        Rejected: unknown dimension, or a period that ends before it starts or is too long.
    """
    _check_period(start, end, GRAINS[grain])
    column = _column(dimension)
    query = select(column, func.sum(cell.c.count)).where(*_period(grain, start, end, source)).group_by(column)
    sums: dict[str, int] = {}
    for value, count in connection.execute(query):
        name = _named(dimension, value)
        sums[name] = sums.get(name, 0) + int(count)
    items = [Item(*row) for row in zip(sums, partition(list(sums.values())), strict=True)]
    return sorted(items, key=lambda item: (-(item.count or 0), item.value))[:limit]


def _check_period(start: int, end: int, length: int) -> None:
    if not 0 < end - start <= _MOST_POINTS * length:
        raise Rejected("period.invalid", "end", f"after start, and at most {_MOST_POINTS} buckets")


def has(connection: Connection, source: Source) -> bool:
    """Say whether anything of a source was ever counted."""
    query = select(cell.c.bucket).where(cell.c.grain == "day", cell.c.source == source.value).limit(1)
    return connection.execute(query).first() is not None


def rfc3339(at: int) -> str:
    """Write an instant as RFC 3339, whole seconds, UTC."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _period(grain: str, start: int, end: int, source: str) -> tuple[ColumnElement[bool], ...]:
    return (cell.c.grain == grain, cell.c.source == source, cell.c.bucket >= start, cell.c.bucket < end)


def _total(connection: Connection, start: int, end: int, source: str) -> int:
    query = select(func.coalesce(func.sum(cell.c.count), 0)).where(*_period("hour", start, end, source))
    return int(connection.execute(query).scalar_one())


def _reporters(connection: Connection, start: int, end: int, source: str) -> int:
    """Merge the sketches of whole days."""
    union = theta_union(LG_K)
    for blob in connection.execute(
        select(cell.c.reporters).where(*_period("day", start, end, source))
    ).scalars():
        union.update(compact_theta_sketch.deserialize(blob))
    return round(float(union.get_result().get_estimate()))


def _column(dimension: str) -> ColumnElement[Any]:
    if dimension not in READABLE:
        raise Rejected("dimension.unknown", "dimension", f"one of {', '.join(READABLE)}")
    return cell.c["category" if dimension == "class" else dimension]


def _named(dimension: str, value: str) -> str:
    return value.partition(".")[0] if dimension == "class" else value
