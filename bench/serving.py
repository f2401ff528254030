"""A real node in a process of its own, and a lean client for it."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tocsin.exercises.simulation import generate
from tocsin.ports import SystemClock

REPORTS = int(os.environ.pop("TOCSIN_BENCH_REPORTS", "100000"))


@contextmanager
def node(prepare: Callable[[Path], object] | None = None) -> Iterator[tuple[int, int]]:
    """Serve a node from an empty folder, or one that `prepare` fills; gives its port and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory() as folder:
        if prepare is not None:
            prepare(Path(folder))
        command = [sys.executable, "-m", "tocsin.cli", "serve", "--data", folder, "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(process, port)
                yield port, process.pid
            finally:
                process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    patience = threading.Event()
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("the node ended at start")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            patience.wait(0.1)
        else:
            return
    raise SystemExit("the node did not listen within a minute")


def bodies(count: int, size: int, seed: int) -> list[bytes]:
    """Make request bodies of `size` reports each, `count` reports in all."""
    made: list[bytes] = []
    chunk: list[dict[str, Any]] = []
    for submission, _ in generate(SystemClock().now(), seed, count):
        fields = ("channel", "content", "sender", "reporter")
        chunk.append({name: getattr(submission, name) for name in fields} | {"jurisdiction": "GB"})
        if len(chunk) == size:
            made.append(json.dumps(chunk[0] if size == 1 else chunk, ensure_ascii=False).encode())
            chunk = []
    return made


def post(client: http.client.HTTPConnection, body: bytes) -> int:
    """Post reports; returns the HTTP status."""
    client.request("POST", "/api/v1/reports", body, {"Content-Type": "application/json"})
    answer = client.getresponse()
    answer.read()
    return answer.status


def peak_mb(pid: int) -> float:
    """Return a process's peak resident memory in megabytes."""
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return round(int(found[1]) / 1024, 1) if found else 0.0


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lie."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 2)
