"""Grouping alone: seeded templates with rotating slots, batches of 1,000, SQLite, the commits included."""

import random
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tocsin.campaigns.grouping import Grouper
from tocsin.ports import SeededChance, uuid7
from tocsin.records import (
    SECOND,
    Channel,
    Instant,
    Message,
    Method,
    Observable,
    ObservableKind,
    Report,
    Sender,
    SenderKind,
    Source,
    Verdict,
)
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create

REPORTS = 50_000
BATCH = 1000
TEMPLATES = 500
NOISE = 0.15
"""Share of texts that belong to no campaign, and so open one."""
_START = 1_700_000_000 * SECOND
_VERDICT = Verdict((0.8, 0.05, 0.05, 0.05, 0.05), "fraud.phishing", "und", Method("", "", ""))
_CHINESE = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能"
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
_LATIN = "abcdefghijklmnopqrstuvwxyz"


def run() -> list[dict[str, Any]]:
    """Measure `campaigns.group` in reports/s, observables given; p50 and p99 in ms a batch."""
    made = _reports(random.Random(52), REPORTS)
    waits: list[float] = []
    with TemporaryDirectory() as folder:
        storage = Storage(f"sqlite:///{Path(folder) / 'bench.db'}")
        create(storage)
        for start in range(0, REPORTS, BATCH):
            batch = made[start : start + BATCH]
            began = time.perf_counter()
            with storage.writing() as connection:
                reports, traces = [row[0] for row in batch], [row[1] for row in batch]
                Grouper().group(connection, reports, [_VERDICT] * len(batch), traces)
            waits.append((time.perf_counter() - began) * 1000)
        storage.close()
    ordered = sorted(waits)
    figure = {"name": "campaigns.group", "value": REPORTS / sum(waits) * 1000, "unit": "reports/s"}
    figure |= {"p50": round(ordered[len(ordered) // 2], 2), "p99": round(ordered[-1], 2)}
    return [figure | {"peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}]


def _reports(chance: random.Random, count: int) -> list[tuple[Report, tuple[Observable, ...]]]:
    templates = [_words(chance) for _ in range(TEMPLATES)]
    return [_one(chance, number, templates) for number in range(count)]


def _words(chance: random.Random) -> str:
    letters = chance.choice((_LATIN, _LATIN, _ARABIC, _CHINESE))
    if letters is _CHINESE:
        return "".join(chance.choices(letters, k=50))
    return " ".join("".join(chance.choices(letters, k=chance.randrange(2, 9))) for _ in range(18))


def _one(chance: random.Random, number: int, templates: list[str]) -> tuple[Report, tuple[Observable, ...]]:
    words = _words(chance) if chance.random() < NOISE else chance.choice(templates)
    host = f"h{chance.getrandbits(24)}.example"
    link = f"http://{host}/{chance.getrandbits(24):x}"
    content = f"{words} {chance.randrange(10_000, 99_999)} {link}"
    value = f"+447700900{chance.randrange(1000):03}"
    at = _START + number * SECOND
    report = Report(
        id=uuid7(at, SeededChance(number)),
        ticket="",
        message=Message(Channel.SMS, content, Sender(SenderKind.E164, value, value, "GB")),
        received_at=Instant(at),
        door="bench",
        member="",
        source=Source.CONSUMER_REPORT,
        reporter=None,
        jurisdiction="GB",
    )
    return report, (Observable(ObservableKind.HOST, host, link), Observable(ObservableKind.URL, link, link))
