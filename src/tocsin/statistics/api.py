"""JSON and CSV routes of the statistics: every figure says its unit, source, method and freshness."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromQuery
from sqlalchemy import Connection

from tocsin.errors import Rejected
from tocsin.ports import Clock
from tocsin.records import DAY, HOUR, Source, instant
from tocsin.screening.snapshot import Snapshot
from tocsin.statistics import store, tabular
from tocsin.statistics.cells import GRAINS
from tocsin.statistics.records import Evidence, Figure, SeriesAnswer, Summary, SummaryAnswer, TopAnswer
from tocsin.statistics.store import rfc3339
from tocsin.storage.engine import Storage
from tocsin.web.answers import CSV, conditional, wanted_format
from tocsin.web.described import ALSO

_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_HEADERS = [
    ResponseHeader(name="ETag", description="changes with the answer", documentation_only=True),
    ResponseHeader(name="Vary", description="Accept", documentation_only=True),
]
_UNCHANGED = {304: ResponseSpec(None, description="as the tag in If-None-Match", generate_examples=False)}
Answer = TypeVar("Answer")


@get(
    "/api/v1/statistics/summary",
    tags=["statistics"],
    summary="The first figures",
    response_headers=_HEADERS,
    responses=_UNCHANGED,
    opt={ALSO: "text/csv"},
    sync_to_thread=True,
)
def summary(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    snapshot: NamedDependency[Snapshot],
    source: FromQuery[str] = "consumer_report",
    channel: FromQuery[str] = "",
    format: FromQuery[str] = "",  # noqa: A002 - its name in the address
) -> Response[SummaryAnswer]:
    """Give the last day's and week's figures of one source, as JSON or CSV."""
    now, form = clock.now(), wanted_format(request, format)
    with storage.reading() as connection:
        found = store.summary(connection, now, _source(source), channel)
        week = store.last_days(now, 7)
        evidence = _evidence(connection, snapshot, source, channel, *week)
    answer = SummaryAnswer(evidence, _figures(found, evidence, now), found.channels, found.classes)
    return _answer(request, form, answer, tabular.summary)


@get(
    "/api/v1/statistics/timeseries",
    tags=["statistics"],
    summary="A series by hour or day",
    response_headers=_HEADERS,
    responses=_UNCHANGED,
    opt={ALSO: "text/csv"},
    sync_to_thread=True,
)
def timeseries(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    snapshot: NamedDependency[Snapshot],
    dimension: FromQuery[str] = "channel",
    grain: FromQuery[str] = "hour",
    start: FromQuery[datetime | None] = None,
    end: FromQuery[datetime | None] = None,
    source: FromQuery[str] = "consumer_report",
    channel: FromQuery[str] = "",
    format: FromQuery[str] = "",  # noqa: A002 - its name in the address
) -> Response[SeriesAnswer]:
    """Give reports by time and one dimension, as JSON or CSV; by default the last 7 days."""
    form = wanted_format(request, format)
    first, last = _period(clock.now(), grain, start, end)
    with storage.reading() as connection:
        points = store.timeseries(connection, dimension, grain, first, last, _source(source), channel)
        evidence = _evidence(connection, snapshot, source, channel, first, last)
    return _answer(request, form, SeriesAnswer(evidence, dimension, grain, points), tabular.series)


@get(
    "/api/v1/statistics/top",
    tags=["statistics"],
    summary="The most reported values",
    response_headers=_HEADERS,
    responses=_UNCHANGED,
    opt={ALSO: "text/csv"},
    sync_to_thread=True,
)
def top(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    clock: NamedDependency[Clock],
    snapshot: NamedDependency[Snapshot],
    dimension: FromQuery[str] = "category",
    start: FromQuery[datetime | None] = None,
    end: FromQuery[datetime | None] = None,
    source: FromQuery[str] = "consumer_report",
    channel: FromQuery[str] = "",
    limit: FromQuery[int] = 20,
    format: FromQuery[str] = "",  # noqa: A002 - its name in the address
) -> Response[TopAnswer]:
    """Give the values of one dimension with most reports, as JSON or CSV; by default of the last 7 days."""
    form = wanted_format(request, format)
    if not 1 <= limit <= 100:  # noqa: PLR2004 - stated in the refusal
        raise Rejected("limit.invalid", "limit", "1 to 100")
    first, last = _period(clock.now(), "hour", start, end)
    with storage.reading() as connection:
        items = store.top(connection, dimension, first, last, _source(source), limit, channel=channel)
        evidence = _evidence(connection, snapshot, source, channel, first, last)
    return _answer(request, form, TopAnswer(evidence, dimension, items), tabular.top)


def _answer(
    request: Request[Any, Any, Any], form: str, answer: Answer, written: Callable[[Answer], bytes]
) -> Response[Any]:
    if form == "csv":
        return conditional(request, written(answer), CSV)
    return conditional(request, msgspec.json.encode(answer), "application/json")


def _figures(found: Summary, evidence: Evidence, now: int) -> list[Figure]:
    """Give each figure its own unit and period."""
    end = now - now % HOUR + HOUR
    today = now - now % DAY
    day, before = (end - DAY, end), (end - 2 * DAY, end - DAY)
    week, whole = store.last_days(now, 7), (today - 7 * DAY, today)
    rows = (
        ("reports_day", found.day, "reports", day),
        ("reports_day_before", found.day_before, "reports", before),
        ("reports_week", found.week, "reports", week),
        ("change_week", found.change, "share of the reports of the seven days before", whole),
        ("unwanted_share", found.unwanted_share, "share of the reports", week),
        ("reporters_week", found.reporters, "people, estimated within 3 %", week),
    )
    method = tabular.version(evidence.method)
    return [
        Figure(name, value, unit, rfc3339(period[0]), rfc3339(period[1]), evidence.source, method)
        for name, value, unit, period in rows
    ]


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
    last = instant(end) if end else now + 1
    last += -last % length
    first = instant(start) if start else last - 7 * DAY
    return first - first % length, last


def _evidence(
    connection: Connection, snapshot: Snapshot, source: str, channel: str, start: int, end: int
) -> Evidence:
    newest = store.freshness(connection, source)
    return Evidence(
        unit="reports",
        denominator=None,
        source=source,
        channel=channel,
        start=rfc3339(start),
        end=rfc3339(end),
        method=snapshot.method,
        freshness=None if newest is None else rfc3339(newest),
    )


def routes() -> list[BaseRouteHandler]:
    """Return the statistics' routes for programs."""
    return [summary, timeseries, top]
