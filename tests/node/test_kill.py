"""Acknowledged means durable: a node killed in the middle of its work has lost nothing it answered for."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tocsin.desk.tables import report
from tocsin.desk.whole import faults
from tocsin.storage.engine import Storage

BATCH = 20
ENOUGH = 15
"""Batches to have been acknowledged before the node is killed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a node in a process of its own until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "tocsin.cli", "serve", "--data", str(folder), "--port", str(port)]
    log = (folder.parent / "serve.log").open("ab")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_up(process, port)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()
        log.close()


def wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    patience = threading.Event()
    for _ in range(600):
        assert process.poll() is None, "the node ended at start"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            patience.wait(0.1)
        else:
            return
    pytest.fail("the node did not listen within a minute")


def post(url: str, items: list[dict[str, str]]) -> list[dict[str, str]]:
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{url}/api/v1/reports", json.dumps(items).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.load(answer)["results"]


class Sender(threading.Thread):
    """Reports batch after batch and notes what was acknowledged, until the node is gone."""

    def __init__(self, url: str, name: str, enough: threading.Semaphore) -> None:
        super().__init__(name=name, daemon=True)
        self.url, self.enough = url, enough
        self.acknowledged: list[str] = []

    def run(self) -> None:
        """Send until a request fails."""
        for number in range(100_000):
            ids = [f"{self.name}-{number}-{place}" for place in range(BATCH)]
            items = [
                {"channel": "sms", "content": f"prize {i} at http://p.example", "message_id": i} for i in ids
            ]
            try:
                post(self.url, items)
            except (OSError, HTTPException, ValueError):
                return
            self.acknowledged += ids
            self.enough.release()


def test_every_acknowledged_report_survives_kill_9_exactly_once(tmp_path: Path) -> None:
    """Killed three times during a load of concurrent reports, the ledger is whole and holds each once."""
    folder = tmp_path / "data"
    acknowledged: list[str] = []
    for round_number in range(3):
        enough = threading.Semaphore(0)
        with serving(folder) as (process, url):
            senders = [Sender(url, f"r{round_number}s{n}", enough) for n in range(4)]
            for sender in senders:
                sender.start()
            for _ in range(ENOUGH):
                assert enough.acquire(timeout=60)
            os.kill(process.pid, signal.SIGKILL)
            for sender in senders:
                sender.join(timeout=60)
                acknowledged += sender.acknowledged
    storage = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    with storage.reading() as connection:
        query = select(report.c.message_id, func.count()).group_by(report.c.message_id)
        stored = {row[0]: row[1] for row in connection.execute(query)}
    assert len(acknowledged) >= 3 * ENOUGH * BATCH
    assert [i for i in acknowledged if stored.get(i) != 1] == []
    assert set(stored.values()) == {1}
    assert faults(storage) == []
    storage.close()
