"""A full disk: the desk says later, loses nothing it answered for, and goes on when there is space again."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.node.test_kill import free_port, wait_until_up
from tocsin.desk.tables import report
from tocsin.desk.whole import faults
from tocsin.storage.engine import Storage

DISK = 16_000_000
BALLAST = 8_000_000
"""Bytes of a file whose removal gives the node its space back."""
BATCH = 20
SENDERS = 3
FULL = 12
AGAIN = 12
"""Requests refused before space returns, and taken before the node is killed."""

# In a mount namespace of its own: a small disk, a node on it, and two commands by lines of standard input.
SCRIPT = f"""
disk=$1 kept=$2; shift 2
mount -t tmpfs -o size={DISK} tocsin "$disk" || exit 9
head -c {BALLAST} /dev/zero > "$disk/ballast"
"$@" &
read -r line; rm "$disk/ballast"
read -r line; kill -9 $!; wait
cp -r "$disk/." "$kept"
"""


def unsharing() -> list[str]:
    """Return the command that runs another with mounts of its own; skip where nobody may."""
    for command in (["unshare", "--mount"], ["unshare", "--mount", "--map-root-user"]):
        try:
            tried = subprocess.run(
                [*command, "mount", "-t", "tmpfs", "tocsin", "/mnt"], capture_output=True, check=False
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return command
    pytest.skip("nobody here may mount a small disk")


@dataclass
class Disk:
    """A node on a small disk, and what was copied from it in the end."""

    url: str
    process: subprocess.Popen[bytes]
    kept: Path

    def say(self) -> None:
        """Take the next step of the script: free the space, then kill and copy."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"next\n")
        self.process.stdin.flush()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Serve a node from a disk of 16 MB of which half is taken."""
    port = free_port()
    disk, kept = folder / "disk", folder / "kept"
    disk.mkdir()
    kept.mkdir()
    serve = [sys.executable, "-m", "tocsin.cli", "serve", "--data", str(disk), "--port", str(port)]
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [*unsharing(), "sh", "-c", SCRIPT, "sh", str(disk), str(kept), *serve],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_up(process, port)
            yield Disk(f"http://127.0.0.1:{port}", process, kept)
        finally:
            # The end of its input makes the script take its remaining steps, whatever became of the test.
            process.communicate(timeout=60)


@dataclass
class Load:
    """Reports sent from several threads until told to stop, and what each request was answered."""

    url: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    later: list[str | None] = field(default_factory=list)
    others: list[object] = field(default_factory=list)
    took: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    refused: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> list[threading.Thread]:
        """Start the senders."""
        threads = [
            threading.Thread(target=self._send, args=(f"s{number}",), daemon=True)
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _send(self, name: str) -> None:
        number = 0
        while not self.stop.is_set():
            self._batch([f"{name}-{number}-{place}" for place in range(BATCH)])
            number += 1

    def _batch(self, ids: list[str]) -> None:
        # Words that nobody else uses: pages that share nothing fill a disk sooner.
        items = [{"channel": "email", "content": f"prize {i} " * 200, "message_id": i} for i in ids]
        try:
            results = call(f"{self.url}/api/v1/reports", items)["results"]
        except urllib.error.HTTPError as answer:
            with answer:
                if answer.code == 503:
                    self.later.append(answer.headers["Retry-After"])
                    self.refused.release()
                    self.stop.wait(0.05)  # a sender that hears "later" does not knock at once
                else:
                    self.others.append((answer.code, answer.read()))
        except OSError as error:
            self.others.append(error)
            self.stop.set()
        else:
            self.acknowledged |= {i: one["ticket"] for i, one in zip(ids, results, strict=True)}
            self.took.release()


def call(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def wait(counted: threading.Semaphore, times: int) -> None:
    for _ in range(times):
        assert counted.acquire(timeout=60)


@pytest.mark.interop
def test_a_full_disk_is_answered_with_later_and_loses_nothing(tmp_path: Path) -> None:
    """Filled under load, the node answers 503, still reads, takes reports again, and its ledger is whole."""
    with small_disk(tmp_path) as disk:
        load = Load(disk.url)
        threads = load.start()
        wait(load.refused, FULL)
        before = dict(load.acknowledged)
        ticket = next(iter(before.values()))
        assert call(f"{disk.url}/healthz") == {"status": "ok"}
        assert call(f"{disk.url}/api/v1/reports/{ticket}")["ticket"] == ticket
        while load.took.acquire(blocking=False):
            pass
        disk.say()
        wait(load.took, AGAIN)
        load.stop.set()
        for thread in threads:
            thread.join(timeout=60)
        disk.say()
        disk.process.communicate(timeout=60)
    assert load.others == []
    assert {later and later.isdecimal() for later in load.later} == {True}
    assert len(load.acknowledged) >= len(before) + AGAIN * BATCH
    assert lost_or_doubled(disk.kept, load.acknowledged) == []


def lost_or_doubled(kept: Path, acknowledged: dict[str, str]) -> list[str]:
    """Return the acknowledged ids that are not in the ledger exactly once, and whatever else is not whole."""
    storage = Storage(f"sqlite:///{kept / 'tocsin.db'}")
    try:
        with storage.reading() as connection:
            query = select(report.c.message_id, func.count()).group_by(report.c.message_id)
            stored = {row[0]: row[1] for row in connection.execute(query)}
        wrong = [i for i in acknowledged if stored.get(i) != 1]
        return wrong + [i for i, count in stored.items() if count != 1] + faults(storage)
    finally:
        storage.close()
