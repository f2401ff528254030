"""Durable intake by SMTP: Postfix's `smtp-source`, 10 sessions, mails of 4 KB, one link a mail (R4).

Every mail is caught by a trap's address, so that none is a repetition of another: each one is screened,
grouped, written and counted before its 250.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.serving import peak_mb

MAILS = 3000
SESSIONS = 10
LENGTH = 4096
_CONFIG = """
[doors.mail]
kind = "smtp"
port = {port}
mailboxes = {{ "@trap.example" = {{ jurisdiction = "GB", trap = true }} }}
"""


def run() -> list[dict[str, Any]]:
    """Measure `smtp.accept` in mails/s from the first link to the last 250."""
    source = shutil.which("smtp-source", path=f"{os.environ['PATH']}:/usr/sbin")
    if source is None:
        raise SystemExit("smtp-source is missing: it comes with Postfix")
    with _node() as (port, pid):
        _send(source, port, 200)
        rate = MAILS / _send(source, port, MAILS)
        figure = {"name": "smtp.accept", "value": rate, "unit": "mails/s", "peak_rss_mb": peak_mb(pid)}
    return [figure]


def _send(source: str, port: int, mails: int) -> float:
    """Send mails; returns the seconds it took; `smtp-source` fails on any answer but 250."""
    sizes = ["-s", str(SESSIONS), "-m", str(mails), "-l", str(LENGTH)]
    people = ["-f", "sender@example.com", "-t", "caught@trap.example"]
    started = time.perf_counter()
    subprocess.run([source, *sizes, *people, f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - started


@contextmanager
def _node() -> Iterator[tuple[int, int]]:
    """Serve a node with a mail door from an empty folder; gives the door's port and the process id."""
    web, door = _free_port(), _free_port()
    with TemporaryDirectory() as folder:
        (Path(folder) / "tocsin.toml").write_text(_CONFIG.format(port=door), encoding="utf-8")
        command = [sys.executable, "-m", "tocsin.cli", "serve", "--data", folder, "--port", str(web)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                _wait(door)
                yield door, process.pid
            finally:
                process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    patience = threading.Event()
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            patience.wait(0.1)
        else:
            return
    raise SystemExit("the mail door did not open within a minute")
