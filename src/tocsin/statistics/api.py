"""JSON routes of the statistics: every answer says its unit, source, method and freshness."""

from datetime import datetime

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery
from msgspec import Struct

from tocsin.errors import Rejected
from tocsin.ports import Clock
from tocsin.records import DAY, HOUR, Source, instant
from tocsin.statistics import store
from tocsin.statistics.cells import GRAINS
from tocsin.statistics.store import Item, Point, Summary, rfc3339
from tocsin.storage.engine import Storage
from tocsin.vocabulary.terms import vocabulary

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
NOTE = "Counts from 1 to 4, and those that would betray them, are null. Reports do not measure all spam."


class Evidence(Struct, frozen=True):
    """What a figure rests on.

    Args:
        unit: what is counted.
        denominator: null: plain counts.
        source: how the observations came to be known; sources never add up.
        start: of the period, RFC 3339.
        end: of the period, exclusive.
        vocabulary: version of the words.
        freshness: when this was read from the cells.
        note: what to know before quoting.
    """

    unit: str
    denominator: str | None
    source: str
    start: str
    end: str
    vocabulary: str
    freshness: str
    note: str


class SummaryAnswer(Struct, frozen=True):
    """The first figures with what they rest on."""

    evidence: Evidence
    summary: Summary


class SeriesAnswer(Struct, frozen=True):
    """A time series with what it rests on; a bucket without reports has no point."""

    evidence: Evidence
    dimension: str
    grain: str
    points: list[Point]


class TopAnswer(Struct, frozen=True):
    """The values of a dimension with most reports, and what they rest on."""

    evidence: Evidence
    dimension: str
    items: list[Item]


@get("/api/v1/statistics/summary", tags=["statistics"], summary="The first figures", sync_to_thread=True)
def summary(
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    source: FromQuery[str] = "consumer_report",
) -> SummaryAnswer:
    """Give the last day's and week's figures of one source."""
    now = clock.now()
    with storage.reading() as connection:
        figures = store.summary(connection, now, _source(source))
    return SummaryAnswer(_evidence(source, *store.last_days(now, 7), now), figures)


@get(
    "/api/v1/statistics/timeseries",
    tags=["statistics"],
    summary="A series by hour or day",
    sync_to_thread=True,
)
def timeseries(
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    dimension: FromQuery[str] = "channel",
    grain: FromQuery[str] = "hour",
    start: FromQuery[datetime | None] = None,
    end: FromQuery[datetime | None] = None,
    source: FromQuery[str] = "consumer_report",
) -> SeriesAnswer:
    """Give reports by time and one dimension; by default the last 7 days."""
    first, last = _period(clock.now(), grain, start, end)
    with storage.reading() as connection:
        points = store.timeseries(connection, dimension, grain, first, last, _source(source))
    return SeriesAnswer(_evidence(source, first, last, clock.now()), dimension, grain, points)


@get("/api/v1/statistics/top", tags=["statistics"], summary="The most reported values", sync_to_thread=True)
def top(
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    dimension: FromQuery[str] = "category",
    start: FromQuery[datetime | None] = None,
    end: FromQuery[datetime | None] = None,
    source: FromQuery[str] = "consumer_report",
    limit: FromQuery[int] = 20,
) -> TopAnswer:
    """Give the values of one dimension with most reports; by default of the last 7 days."""
    if not 1 <= limit <= 100:  # noqa: PLR2004 - stated in the refusal
        raise Rejected("limit.invalid", "limit", "1 to 100")
    first, last = _period(clock.now(), "hour", start, end)
    with storage.reading() as connection:
        items = store.top(connection, dimension, first, last, _source(source), limit)
    return TopAnswer(_evidence(source, first, last, clock.now()), dimension, items)


def _source(name: str) -> str:
    if name not in set(Source):
        raise Rejected("source.unknown", "source", f"one of {', '.join(Source)}")
    return name


def _period(now: int, grain: str, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Return whole buckets that hold the asked period."""
    length = GRAINS.get(grain, HOUR)
    for name, when in (("start", start), ("end", end)):
        if when is not None and when.tzinfo is None:
            raise Rejected(f"{name}.no_offset", name, "a time needs its offset from UTC")
        if when is not None and not _FIRST_YEAR <= when.year < _LAST_YEAR:
            raise Rejected(f"{name}.invalid", name, f"between {_FIRST_YEAR} and {_LAST_YEAR}")
    last = instant(end) if end else now
    last += -last % length
    first = instant(start) if start else last - 7 * DAY
    return first - first % length, last


def _evidence(source: str, start: int, end: int, now: int) -> Evidence:
    return Evidence(
        unit="reports",
        denominator=None,
        source=source,
        start=rfc3339(start),
        end=rfc3339(end),
        vocabulary=vocabulary().version,
        freshness=rfc3339(now),
        note=NOTE,
    )


def routes() -> list[BaseRouteHandler]:
    """Return the statistics' JSON routes."""
    return [summary, timeseries, top]
