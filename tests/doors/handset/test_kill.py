"""A handset door killed in its work has lost nothing it answered for, and counts nothing twice."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from tests.node.test_kill import free_port, wait_until_up
from tocsin.desk.tables import report
from tocsin.storage.engine import Storage

REPORTS, BEFORE = 40, 15


@contextmanager
def door(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the door in a process of its own until the block ends."""
    folder.mkdir(exist_ok=True)
    (folder / "tocsin.toml").write_text('[doors.in]\nkind = "handset"\n', encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "tocsin.cli", "door", "in", "--data", str(folder), "--port", str(port)]
    with (folder.parent / "door.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until_up(process, port)
            yield process, f"http://127.0.0.1:{port}/doors/in/mars"
        finally:
            process.kill()
            process.wait()


def hand_in(url: str, number: int) -> int:
    """Send one report; return the status, or 0 when the link broke."""
    message = {"p": "sms", "t": "2026-11-01T12:00:00Z", "c": f"Win prize {number}"}
    body = {"v": "1", "u": "A/B/1", "s": "+447700900123", "r": f"+4477009{number:05}", "m": message}
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - our own door
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own door
            return int(answer.status)
    except OSError:
        return 0


def test_everything_sent_again_after_a_kill_is_there_exactly_once(tmp_path: Path) -> None:
    """Some are answered, the door is killed, all are sent again: known ones 200, each once in the ledger."""
    folder = tmp_path / "data"
    with door(folder) as (process, url):
        assert [hand_in(url, number) for number in range(BEFORE)] == [201] * BEFORE
        process.kill()
        process.wait()
        assert hand_in(url, BEFORE) == 0
    with door(folder) as (_, url):
        answers = [hand_in(url, number) for number in range(REPORTS)]
    assert answers == [200] * BEFORE + [201] * (REPORTS - BEFORE)
    ledger = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    with ledger.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(report)) == REPORTS
    ledger.close()
