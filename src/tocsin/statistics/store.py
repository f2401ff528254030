"""The statistics' queries: over cells only, so that their cost does not grow with the reports.

What they return may be published: small counts, and those that would betray them, are withheld.
"""

from datetime import UTC, datetime
from typing import Any

from datasketches import compact_theta_sketch, theta_union
from sqlalchemy import ColumnElement, Connection, func, select

from tocsin.campaigns import store as campaigns
from tocsin.errors import Rejected
from tocsin.records import DAY, HOUR, Channel, Instant, Source
from tocsin.statistics.cells import GRAINS, LG_K
from tocsin.statistics.disclosure import partition, public, share
from tocsin.statistics.records import Item, Point, Summary
from tocsin.statistics.tables import DIMENSIONS, cell

READABLE = (*DIMENSIONS[1:], "class")
_MOST_POINTS = 5000


def summary(connection: Connection, now: int, source: str, channel: str = "") -> Summary:
    """Return the first figures of a source, whole hours up to now.

    Args:
        connection: a reading connection.
        now: what the last day and week end with.
        source: one of `Source`.
        channel: count this channel only; empty for all.

    Raises:
        Rejected: no such channel.
    """
    end = now - now % HOUR + HOUR
    week, tomorrow = last_days(now, 7)
    day, day_before = (
        _total(connection, "hour", end - n * DAY, end - (n - 1) * DAY, source, channel) for n in (1, 2)
    )
    days = [
        _total(connection, "day", tomorrow - first * DAY, tomorrow - last * DAY, source, channel)
        for first, last in ((7, 0), (8, 1), (15, 8))
    ]
    whole = connection.execute(
        select(func.coalesce(func.sum(cell.c.spam), 0)).where(
            *_period("day", week, tomorrow, source, channel)
        )
    ).scalar_one()
    return Summary(
        day=day,
        day_before=day_before,
        week=days[0],
        change=_change(days[1], days[2]),
        unwanted_share=share(int(whole), days[0]) if days[0] else None,
        reporters=None
        if days[0] is None
        else public(_reporters(connection, week, tomorrow, source, channel)),
        channels=top(connection, "channel", week, tomorrow, source, grain="day", channel=channel),
        classes=top(connection, "class", week, tomorrow, source, grain="day", channel=channel),
    )


def last_days(now: int, days: int) -> tuple[int, int]:
    """Return the whole days, UTC, that end with today: their start and tomorrow's."""
    tomorrow = now - now % DAY + DAY
    return tomorrow - days * DAY, tomorrow


def timeseries(
    connection: Connection, dimension: str, grain: str, start: int, end: int, source: str, channel: str = ""
) -> list[Point]:
    """Return a series for each value of a dimension; buckets without reports have no point.

    Raises:
        Rejected: unknown dimension, grain or channel, or a period of more than 5,000 buckets.
    """
    if grain not in GRAINS:
        raise Rejected("grain.unknown", "grain", f"one of {', '.join(GRAINS)}")
    _check_period(start, end, GRAINS[grain])
    buckets = by_bucket(connection, dimension, grain, start, end, source, channel)
    if channel:
        whole = by_bucket(connection, "channel", grain, start, end, source)
        buckets = {
            at: counts if _is_shown(whole[at], channel) else dict.fromkeys(counts, 1)
            for at, counts in buckets.items()
        }
    return [
        Point(rfc3339(bucket), value, count)
        for bucket, counts in buckets.items()
        for value, count in zip(counts, partition(list(counts.values())), strict=True)
    ]


def by_bucket(
    connection: Connection, dimension: str, grain: str, start: int, end: int, source: str, channel: str = ""
) -> dict[int, dict[str, int]]:
    """Return the reports of each bucket that has any, by a dimension; not yet fit to be published."""
    column = _column(dimension)
    query = (
        select(cell.c.bucket, column, func.sum(cell.c.count))
        .where(*_period(grain, start, end, source, channel))
        .group_by(cell.c.bucket, column)
        .order_by(cell.c.bucket, column)
    )
    buckets: dict[int, dict[str, int]] = {}
    for bucket, value, count in connection.execute(query):
        counts = buckets.setdefault(bucket, {})
        name = _named(dimension, value)
        counts[name] = counts.get(name, 0) + int(count)
    return buckets


def top(
    connection: Connection,
    dimension: str,
    start: int,
    end: int,
    source: str,
    limit: int = 20,
    *,
    grain: str = "hour",
    channel: str = "",
) -> list[Item]:
    """Return the values of a dimension with most reports; withheld ones last, by name.

    Raises:
        Rejected: unknown dimension or channel, or a period that ends before it starts or is too long.
    """
    _check_period(start, end, GRAINS[grain])
    sums = _sums(connection, dimension, grain, start, end, source, channel)
    if channel and not _is_shown(_sums(connection, "channel", grain, start, end, source), channel):
        sums = dict.fromkeys(sums, 1)
    items = [Item(*row) for row in zip(sums, partition(list(sums.values())), strict=True)]
    return sorted(items, key=lambda item: (-(item.count or 0), item.value))[:limit]


def has(connection: Connection, source: Source) -> bool:
    """Say whether anything of a source was ever counted."""
    query = select(cell.c.bucket).where(cell.c.grain == "day", cell.c.source == source.value).limit(1)
    return connection.execute(query).first() is not None


def freshness(connection: Connection, source: str) -> Instant | None:
    """Return when the newest counted report of a source was received; None when there is none.

    The cells know its hour, the campaigns its microsecond; where another source reported in the same hour,
    the newest of both is taken.
    """
    query = select(func.max(cell.c.bucket)).where(cell.c.grain == "hour", cell.c.source == source)
    hour = connection.execute(query).scalar_one()
    if hour is None:
        return None
    found = campaigns.newest(connection, hour + HOUR, simulated=source == Source.SIMULATION)
    return None if found is None else Instant(max(found, hour))


def rfc3339(at: int) -> str:
    """Write an instant as RFC 3339, whole seconds, UTC."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sums(
    connection: Connection, dimension: str, grain: str, start: int, end: int, source: str, channel: str = ""
) -> dict[str, int]:
    column = _column(dimension)
    query = (
        select(column, func.sum(cell.c.count))
        .where(*_period(grain, start, end, source, channel))
        .group_by(column)
    )
    sums: dict[str, int] = {}
    for value, count in connection.execute(query):
        name = _named(dimension, value)
        sums[name] = sums.get(name, 0) + int(count)
    return sums


def _total(connection: Connection, grain: str, start: int, end: int, source: str, channel: str) -> int | None:
    """Return a period's reports as they may be published, of one channel or of all."""
    if channel:
        sums = _sums(connection, "channel", grain, start, end, source)
        return sums.get(channel, 0) if _is_shown(sums, channel) else None
    query = select(func.coalesce(func.sum(cell.c.count), 0)).where(*_period(grain, start, end, source))
    return public(int(connection.execute(query).scalar_one()))


def _is_shown(channels: dict[str, int], channel: str) -> bool:
    """Say whether a channel's count is published beside the others': if not, its parts would betray it."""
    shown = dict(zip(channels, partition(list(channels.values())), strict=True))
    return shown.get(channel, 0) is not None


def _change(after: int | None, before: int | None) -> float | None:
    return round(after / before - 1, 2) if before and after is not None else None


def _check_period(start: int, end: int, length: int) -> None:
    if not 0 < end - start <= _MOST_POINTS * length:
        raise Rejected("period.invalid", "end", f"after start, and at most {_MOST_POINTS} buckets")


def _period(
    grain: str, start: int, end: int, source: str, channel: str = ""
) -> tuple[ColumnElement[bool], ...]:
    found = (cell.c.grain == grain, cell.c.source == source, cell.c.bucket >= start, cell.c.bucket < end)
    if not channel:
        return found
    if channel not in set(Channel):
        raise Rejected("channel.unknown", "channel", f"one of {', '.join(Channel)}")
    return (*found, cell.c.channel == channel)


def _reporters(connection: Connection, start: int, end: int, source: str, channel: str) -> int:
    """Merge the sketches of whole days."""
    union = theta_union(LG_K)
    query = select(cell.c.reporters).where(*_period("day", start, end, source, channel))
    for blob in connection.execute(query).scalars():
        union.update(compact_theta_sketch.deserialize(blob))
    return round(float(union.get_result().get_estimate()))


def _column(dimension: str) -> ColumnElement[Any]:
    if dimension not in READABLE:
        raise Rejected("dimension.unknown", "dimension", f"one of {', '.join(READABLE)}")
    return cell.c["category" if dimension == "class" else dimension]


def _named(dimension: str, value: str) -> str:
    return value.partition(".")[0] if dimension == "class" else value
