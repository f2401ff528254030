"""One message by every national definition (R3)."""

import time
from typing import Any

from bench.serving import quantile
from tocsin.definitions.questions import Question, answer
from tocsin.definitions.records import Circumstances
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import load_snapshot

ROUNDS = 1000


def run() -> list[dict[str, Any]]:
    """Measure `define.all` in ms: screening, the way out's words, and all definitions."""
    known = Circumstances(commercial=True, consented=False)
    questions = [
        Question(content=f"Sale at shop {number}. Reply STOP to end", known=known) for number in range(ROUNDS)
    ]
    screener, snapshot = Screener(), load_snapshot()
    judged = len(answer(questions[0], screener, snapshot))
    times = []
    for question in questions:
        started = time.perf_counter()
        answer(question, screener, snapshot)
        times.append((time.perf_counter() - started) * 1000)
    p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
    return [{"name": "define.all", "value": p50, "unit": f"ms, {judged} definitions", "p50": p50, "p99": p99}]
