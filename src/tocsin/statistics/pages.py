"""The front page: live figures, the newest campaigns, and where to report or check."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from tocsin.campaigns import store as campaigns
from tocsin.errors import NotFound
from tocsin.ports import Clock
from tocsin.records import HOUR, Source, instant, moment
from tocsin.screening.snapshot import Snapshot
from tocsin.statistics import store
from tocsin.statistics.store import Item, rfc3339
from tocsin.storage.engine import Storage
from tocsin.vocabulary.terms import label
from tocsin.web.i18n import LANGUAGES, translate
from tocsin.web.layout import fragment, language_of, render
from tocsin.web.routing import page

_HOURS = 72
_STEP = 10
_HEIGHT = 130


def front(
    request: Request[Any, Any, Any], storage: NamedDependency[Storage], clock: NamedDependency[Clock]
) -> Response[str]:
    """Show the front page."""
    return render(request, "front.html", **_figures(storage, clock.now(), language_of(request)))


@get("/fragments/front/{language:str}", include_in_schema=False, sync_to_thread=True)
def front_fragment(
    language: str, storage: NamedDependency[Storage], clock: NamedDependency[Clock]
) -> Response[str]:
    """Give the part of the front page that moves."""
    if language not in LANGUAGES:
        raise NotFound("no such language")
    html = fragment("figures.html", language, **_figures(storage, clock.now(), language))
    return Response(html, media_type="text/html")


def demo(request: Request[Any, Any, Any], play_demo: NamedDependency[Callable[[], None]]) -> Redirect:
    """Start the demonstration and go back to the front page."""
    play_demo()
    return Redirect(f"/{language_of(request)}", status_code=303)


def about(request: Request[Any, Any, Any], snapshot: NamedDependency[Snapshot]) -> Response[str]:
    """Say how the figures come to be."""
    return render(request, "about.html", method=snapshot.method)


def _figures(storage: NamedDependency[Storage], now: int, language: str) -> dict[str, Any]:
    with storage.reading() as connection:
        # People's reports come first; until there are enough to publish, the demonstration's, labelled.
        real = store.summary(connection, now, Source.CONSUMER_REPORT.value)
        simulated = not real.week and store.has(connection, Source.SIMULATION)
        if not simulated and not store.has(connection, Source.CONSUMER_REPORT):
            return {"empty": True, "simulated": False}
        source = Source.SIMULATION.value if simulated else Source.CONSUMER_REPORT.value
        end = now - now % HOUR + HOUR
        tops = {
            name: store.top(connection, name, *store.last_days(now, 7), source, 8, grain="day")
            for name in ("channel", "category", "origin", "member")
        }
        points = store.timeseries(connection, "channel", "hour", end - _HOURS * HOUR, end, source)
        newest = campaigns.page(connection, "newest", 6, min_reports=5, simulated=simulated).campaigns
        return {
            "empty": False,
            "simulated": simulated,
            "summary": store.summary(connection, now, source) if simulated else real,
            "chart": _chart(points, end),
            "tables": _tables(tops, language),
            "campaigns": newest,
        }


def _tables(
    tops: dict[str, list[Item]], language: str
) -> list[tuple[str, str, list[tuple[str, int | None, float]]]]:
    def say(text: str) -> str:
        return translate(language, text)

    return [
        (say("By channel"), say("Channel"), _rows(tops["channel"], say)),
        (say("By kind"), say("Kind"), _rows(tops["category"], lambda name: label(name, language))),
        (
            say("Where it comes from"),
            say("Country"),
            _rows(tops["origin"], lambda name: say("unknown") if name == "ZZ" else name),
        ),
        (say("By member"), say("Member"), _rows(tops["member"], say)),
    ]


def _rows(items: list[Item], name: Callable[[str], str]) -> list[tuple[str, int | None, float]]:
    most = max((item.count or 0 for item in items), default=0) or 1
    return [(name(item.value), item.count, round(100 * (item.count or 0) / most, 1)) for item in items]


def _chart(points: list[store.Point], end: int) -> dict[str, Any]:
    """Lay out bars for the hours up to `end`; a withheld hour has no height and says so."""
    sums: dict[int, int] = {}
    withheld: set[int] = set()
    for point in points:
        hour = instant(datetime.fromisoformat(point.start))
        sums[hour] = sums.get(hour, 0) + (point.count or 0)
        if point.count is None:
            withheld.add(hour)
    most = max(sums.values(), default=0) or 1
    bars, ticks = [], []
    for place in range(_HOURS):
        at = end - (_HOURS - place) * HOUR
        height = round(_HEIGHT * sums.get(at, 0) / most, 1)
        text = rfc3339(at)
        bars.append(
            {
                "x": place * _STEP,
                "y": 140 - height,
                "height": height,
                "label": text[:16].replace("T", " "),
                "count": None if at in withheld and not sums[at] else sums.get(at, 0),
            }
        )
        if moment(at).hour in {0, 12}:
            ticks.append({"x": place * _STEP, "label": text[11:16] if moment(at).hour else text[5:10]})
    return {"width": _HOURS * _STEP, "bars": bars, "ticks": ticks}


def routes() -> list[BaseRouteHandler]:
    """Return the pages of the statistics."""
    return [
        *page("/", front),
        *page("/demo", demo, method="POST"),
        *page("/about", about),
        front_fragment,
    ]
