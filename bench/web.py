"""The front page over a million reports and half a million cells spread over a year (R18, R24)."""

import http.client
import json
import threading
import time
from typing import Any

from bench._cells import fill
from bench.desk import load
from bench.serving import REPORTS, node, peak_mb, post, quantile

HITS = 200
CHANGES = 20


def run() -> list[dict[str, Any]]:
    """Measure milliseconds from request to last byte on loopback, and bytes.

    `web.front` is what readers get: a page made at most once a second. `web.front.changed` is the one reader
    for whom it is made anew, after a report.
    """
    with node(fill) as (port, pid):
        load(port, REPORTS, 52)
        client = http.client.HTTPConnection("127.0.0.1", port)
        changed = [_after_a_report(client, number) for number in range(CHANGES)]
        hits = [_front(client) for _ in range(HITS)]
        peak = peak_mb(pid)
    size = hits[0][1]
    return [
        _figure("web.front", [wait for wait, _ in hits], peak),
        _figure("web.front.changed", [wait for wait, _ in changed], peak),
        {"name": "web.front.bytes", "value": size, "unit": "bytes"},
    ]


def _after_a_report(client: http.client.HTTPConnection, number: int) -> tuple[float, int]:
    body = {
        "channel": "sms",
        "content": f"number {number} is new",
        "reporter": f"someone{number}@bench.example",
    }
    if post(client, json.dumps(body).encode()) != http.client.CREATED:
        raise SystemExit("a report was refused")
    threading.Event().wait(1.1)  # a page made within the last second would be given again
    return _front(client)


def _front(client: http.client.HTTPConnection) -> tuple[float, int]:
    started = time.perf_counter()
    client.request("GET", "/")
    size = len(client.getresponse().read())
    return (time.perf_counter() - started) * 1000, size


def _figure(name: str, waits: list[float], peak: float) -> dict[str, Any]:
    p50, p99 = quantile(waits, 0.5), quantile(waits, 0.99)
    return {"name": name, "value": p50, "unit": "ms (p50)", "p50": p50, "p99": p99, "peak_rss_mb": peak}
