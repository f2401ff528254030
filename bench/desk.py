"""Durable intake over HTTP: batches of 100, then single reports at 500 a second (R24)."""

import http.client
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.serving import REPORTS, bodies, node, peak_mb, post, quantile

CLIENTS = 4
RATE = 500
SINGLES = 5000
_local = threading.local()


def run() -> list[dict[str, Any]]:
    """Measure `desk.batch` in reports/s, `desk.single` in ms from its due time to its receipt."""
    with node() as (port, pid):
        load(port, 2000, 7)
        rate = REPORTS / load(port, REPORTS, 52)
        batch = {"name": "desk.batch", "value": rate, "unit": "reports/s", "peak_rss_mb": peak_mb(pid)}
        waits = _singles(port)
        single = {"name": "desk.single", "value": quantile(waits, 0.99), "unit": "ms (p99)"}
        single |= {"p50": quantile(waits, 0.5), "p99": quantile(waits, 0.99), "peak_rss_mb": peak_mb(pid)}
    return [batch, single]


def load(port: int, reports: int, seed: int) -> float:
    """Post reports in batches of 100 from a few clients; returns the seconds spent; fails on a refusal."""
    size = 20_000
    spent = 0.0
    for part in range(0, reports, size):
        made = bodies(min(size, reports - part), 100, seed + part)
        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            statuses = list(pool.map(_poster(port), made))
        spent += time.perf_counter() - started
        if set(statuses) != {201}:
            raise SystemExit(f"refused: {set(statuses)}")
    return spent


def _poster(port: int) -> Callable[[bytes], int]:
    def send(body: bytes) -> int:
        client = getattr(_local, "client", None)
        if client is None or client.port != port:
            client = _local.client = http.client.HTTPConnection("127.0.0.1", port)
        return post(client, body)

    return send


def _singles(port: int) -> list[float]:
    send = _poster(port)
    start = time.perf_counter() + 0.5
    pace = threading.Event()

    def one(numbered: tuple[int, bytes]) -> float:
        due = start + numbered[0] / RATE
        pace.wait(max(0.0, due - time.perf_counter()))
        send(numbered[1])
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(32) as pool:
        return list(pool.map(one, enumerate(bodies(SINGLES, 1, 99))))
