"""The front page: live figures, the newest campaigns, and where to report or check."""

from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from tocsin.campaigns import store as campaigns
from tocsin.errors import NotFound
from tocsin.ports import Clock
from tocsin.records import HOUR, Source, moment
from tocsin.screening.snapshot import Snapshot
from tocsin.statistics import store
from tocsin.statistics.disclosure import public
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


def demo(
    request: Request[Any, Any, Any],
    storage: NamedDependency[Storage],
    play_demo: NamedDependency[Callable[[], None]],
) -> Redirect:
    """Start the demonstration on an empty node, and go back to the front page."""
    with storage.reading() as connection:
        empty = not any(store.has(connection, source) for source in Source)
    if empty:
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
        hours = store.totals(connection, end - _HOURS * HOUR, end, source)
        newest = campaigns.page(connection, "newest", 6, min_reports=5, simulated=simulated).campaigns
        return {
            "empty": False,
            "simulated": simulated,
            "summary": store.summary(connection, now, source) if simulated else real,
            "chart": _chart(hours, end),
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


def _chart(counts: dict[int, int], end: int) -> dict[str, Any]:
    """Lay out bars for the hours up to `end`; a withheld hour has no height and says so."""
    shown = {at: public(count) for at, count in counts.items()}
    most = max((count or 0 for count in shown.values()), default=0) or 1
    bars, ticks = [], []
    for place in range(_HOURS):
        at = end - (_HOURS - place) * HOUR
        count = shown.get(at, 0)
        height = round(_HEIGHT * (count or 0) / most, 1)
        text = rfc3339(at)
        x, y = place * _STEP, 140 - height
        bars.append({"x": x, "y": y, "height": height, "label": text[:16].replace("T", " "), "count": count})
        if moment(at).hour in {0, 12}:
            ticks.append({"x": x, "label": text[11:16] if moment(at).hour else text[5:10]})
    return {"width": _HOURS * _STEP, "bars": bars, "ticks": ticks}


def routes() -> list[BaseRouteHandler]:
    """Return the pages of the statistics."""
    return [
        *page("/", front),
        *page("/demo", demo, method="POST"),
        *page("/about", about),
        front_fragment,
    ]
