"""A door in a process of its own works on the node's ledger beside it."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.node.test_kill import free_port, post, serving, wait_until_up
from tocsin.desk.tables import report
from tocsin.desk.whole import faults
from tocsin.storage.engine import Storage

TOLD = {
    "v": "1",
    "u": "Messages/Android/1.0",
    "s": "+447700900123",
    "r": "+447700900002",
    "m": {"p": "sms", "t": "2026-01-01T00:00:00Z", "c": "Your parcel is held"},
}


def test_a_door_in_its_own_process_fills_the_same_ledger(tmp_path: Path) -> None:
    """What comes in by either process is counted once, and the ledger is whole."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "tocsin.toml").write_text('[doors.phones]\nkind = "handset"\n', encoding="utf-8")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "tocsin.cli",
        "door",
        "phones",
        "--data",
        str(folder),
        "--port",
        str(port),
    ]
    with serving(folder) as (_, url), (tmp_path / "door.log").open("wb") as log:
        alone = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until_up(alone, port)
            post(url, [{"channel": "sms", "content": "You won. Call now", "reporter": "+447700900001"}])
            answer = send(f"http://127.0.0.1:{port}/doors/phones/mars", TOLD)
        finally:
            alone.terminate()
            assert alone.wait(30) in {0, -signal.SIGTERM}
    assert answer == 201
    ledger = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(report)).scalar_one() == 2
    assert list(faults(ledger)) == []
    ledger.close()


def send(url: str, document: dict[str, object]) -> int:
    request = urllib.request.Request(url, json.dumps(document).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
        return int(response.status)


def test_a_page_is_not_served_by_a_door_alone(tmp_path: Path) -> None:
    """A door's process has its routes and health, and nothing else."""
    pytest.importorskip("httpx")
    from litestar.testing import TestClient  # noqa: PLC0415 - needs httpx

    from tests.makers import open_node, settings  # noqa: PLC0415

    with open_node(settings(tmp_path)) as node, TestClient(node.app(rooms=False)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/report").status_code == 404
