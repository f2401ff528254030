"""The part of the front page that moves: read from the ledger once after a change, shared by all readers."""

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tocsin.campaigns import store as campaigns
from tocsin.ports import Clock
from tocsin.records import DAY, HOUR, SECOND, Source
from tocsin.statistics import chart, store
from tocsin.statistics.disclosure import public
from tocsin.statistics.records import Item, Summary
from tocsin.storage.engine import Storage
from tocsin.vocabulary.terms import label
from tocsin.web.i18n import translate
from tocsin.web.layout import country, fragment
from tocsin.web.shared import Shared

MINUTE = 60 * SECOND
_ROWS = 8


class Fragment(NamedTuple):
    """The moving part in one language, and a tag that changes with it (RFC 9110, section 8.8.3)."""

    html: str
    etag: str


class _Read:
    """What every language shows. Two readings are never equal: each makes its own fragments."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values


def figures(shared: Shared, storage: Storage, clock: Clock, language: str) -> Fragment:
    """Return the moving part of the front page, at most one second behind the ledger.

    Args:
        shared: keeps it for other readers.
        storage: the ledger.
        clock: what "the last 24 hours" end with; the figures are read again each minute.
        language: one of `web.i18n.LANGUAGES`.
    """
    now = clock.now()
    read = shared.get("front", lambda: _read(storage, now), now // MINUTE)

    def render() -> Fragment:
        html = fragment("figures.html", language, **_shown(read.values, language))
        return Fragment(html, f'"{blake2b(html.encode(), digest_size=9).hexdigest()}"')

    return shared.get(("front", language), render, read)


def _read(storage: Storage, now: int) -> _Read:
    """Read what every language shows."""
    with storage.reading() as connection:
        # People's reports come first; until there are enough to publish, the demonstration's, labelled.
        real = store.summary(connection, now, Source.CONSUMER_REPORT.value)
        simulated = not real.week and store.has(connection, Source.SIMULATION)
        if not simulated and not store.has(connection, Source.CONSUMER_REPORT):
            return _Read({"empty": True, "simulated": False})
        source = Source.SIMULATION.value if simulated else Source.CONSUMER_REPORT.value
        summary = store.summary(connection, now, source) if simulated else real
        end = now - now % HOUR + HOUR
        return _Read(
            {
                "empty": False,
                "simulated": simulated,
                "source": source,
                "at": now,
                "summary": summary,
                "tops": _tops(connection, summary, source, now),
                "chart": chart.stacked(
                    store.by_bucket(connection, "channel", "hour", end - chart.HOURS * HOUR, end, source), end
                ),
                "newest": store.freshness(connection, source),
                "active": public(campaigns.active(connection, now - DAY, simulated=simulated)),
                "campaigns": campaigns.page(
                    connection, "newest", 6, min_reports=5, simulated=simulated
                ).campaigns,
            }
        )


def _tops(connection: Connection, summary: Summary, source: str, now: int) -> dict[str, list[Item]]:
    week = store.last_days(now, 7)
    others = {
        name: store.top(connection, name, *week, source, _ROWS, grain="day")
        for name in ("category", "origin", "member")
    }
    return {"channel": summary.channels[:_ROWS]} | others


def _shown(read: dict[str, Any], language: str) -> dict[str, Any]:
    return read if read["empty"] else read | {"tables": _tables(read["tops"], language)}


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
            _rows(tops["origin"], lambda code: say("unknown") if code == "ZZ" else country(code, language)),
        ),
        (say("By member"), say("Member"), _rows(tops["member"], say)),
    ]


def _rows(items: list[Item], name: Callable[[str], str]) -> list[tuple[str, int | None, float]]:
    most = max((item.count or 0 for item in items), default=0) or 1
    return [(name(item.value), item.count, round(100 * (item.count or 0) / most, 1)) for item in items]
