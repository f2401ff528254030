"""The front page with many reports stored (R18, R24)."""

import http.client
import time
from typing import Any

from bench.desk import load
from bench.serving import REPORTS, node, peak_mb, quantile


def run() -> list[dict[str, Any]]:
    """Measure `web.front`: milliseconds from request to last byte on loopback, and bytes."""
    with node() as (port, pid):
        load(port, REPORTS, 52)
        client = http.client.HTTPConnection("127.0.0.1", port)
        waits, size = [], 0
        for _ in range(50):
            started = time.perf_counter()
            client.request("GET", "/")
            size = len(client.getresponse().read())
            waits.append((time.perf_counter() - started) * 1000)
        p50, p99 = quantile(waits, 0.5), quantile(waits, 0.99)
        page = {"name": "web.front", "value": p50, "unit": "ms (p50)", "p50": p50, "p99": p99}
        return [
            page | {"peak_rss_mb": peak_mb(pid)},
            {"name": "web.front.bytes", "value": size, "unit": "bytes"},
        ]
