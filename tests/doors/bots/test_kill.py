"""A node killed between a report and its session: after redelivery each counts once, and has its sender."""

import json
import os
import signal
import threading
import urllib.request
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import text

from tests.doors.bots.payloads import SECRET, SPAM, update, user
from tests.node.test_kill import serving
from tocsin.storage.engine import Storage

PEOPLE = 120
ROUNDS = 3
TABLE = f'jurisdiction = "GB"\n[doors.tips]\nkind = "telegram"\nsecret = "{SECRET}"\n'


def deliver(url: str, payload: object) -> str:
    """Deliver an update; returns the answer's words, or nothing."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "content-type": "application/json"}
    request = urllib.request.Request(f"{url}/doors/tips/updates", json.dumps(payload).encode(), headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        body = answer.read()
    return json.loads(body)["text"] if body else ""


def said(person: int, number: int, words: str) -> object:
    chat = {"id": person, "type": "private"}
    return update(person * 10 + number, text=words, chat=chat, **{"from": user(person)})


class Crowd(threading.Thread):
    """Forwards one message of each of some people, until the node is gone."""

    def __init__(self, url: str, people: range, enough: threading.Semaphore) -> None:
        super().__init__(daemon=True)
        self.url, self.people, self.enough = url, people, enough

    def run(self) -> None:
        """Deliver until a delivery fails."""
        for person in self.people:
            try:
                deliver(self.url, said(person, 1, f"{SPAM}{person}"))
            except (OSError, HTTPException, ValueError):
                return
            self.enough.release()


def test_a_dialogue_survives_kill_9(tmp_path: Path) -> None:
    """Whatever was or was not acknowledged is delivered again, as the service does; then people answer."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "tocsin.toml").write_text(TABLE, encoding="utf-8")
    for round_number in range(ROUNDS):
        enough = threading.Semaphore(0)
        with serving(folder) as (process, url):
            start = 1000 * (round_number + 1)
            crowds = [Crowd(url, range(start + n, start + PEOPLE, 4), enough) for n in range(4)]
            for crowd in crowds:
                crowd.start()
            for _ in range(PEOPLE // 3):
                assert enough.acquire(timeout=60)
            os.kill(process.pid, signal.SIGKILL)
            for crowd in crowds:
                crowd.join(timeout=60)
    everybody = [1000 * (n + 1) + m for n in range(ROUNDS) for m in range(PEOPLE)]
    with serving(folder) as (_, url):
        for person in everybody:
            deliver(url, said(person, 1, f"{SPAM}{person}"))
        thanks = [deliver(url, said(person, 2, "07700 900123")) for person in everybody]
    assert all("counts" in words for words in thanks)
    storage = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    with storage.reading() as connection:
        rows = connection.execute(text("SELECT content, sender FROM report")).all()
    storage.close()
    assert sorted(rows) == sorted((f"{SPAM}{person}", "+447700900123") for person in everybody)
