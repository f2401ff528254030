"""What many readers share: made once, never older than stated."""

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import insert

from tocsin.storage.engine import Storage
from tocsin.storage.jobs import job
from tocsin.web.changes import Changes
from tocsin.web.shared import PAUSE_S, Shared


class Ledger:
    """A ledger's change number and a clock's seconds, set by hand."""

    def __init__(self) -> None:
        self.number = "1"
        self.seconds = 0.0
        self.made = 0
        self.shared = Shared(lambda: self.number, lambda: self.seconds)

    def ask(self, also: int = 0) -> int:
        """Ask the same question; the answer is how often it was made."""

        def make() -> int:
            self.made += 1
            return self.made

        return self.shared.get("question", make, also)


def test_an_answer_is_made_once_while_the_ledger_is_as_it_was() -> None:
    """However much time goes by."""
    ledger = Ledger()
    assert ledger.ask() == 1
    ledger.seconds += 10 * PAUSE_S
    assert ledger.ask() == 1


def test_a_change_is_seen_within_a_second_and_not_twice_in_one() -> None:
    """Before the second is over the answer stays, then it is made anew."""
    ledger = Ledger()
    ledger.ask()
    ledger.number = "2"
    assert ledger.ask() == 1
    ledger.seconds += PAUSE_S
    assert ledger.ask() == 2


def test_what_an_answer_also_depends_on_is_seen_at_once() -> None:
    """A new hour does not wait for the second to end."""
    ledger = Ledger()
    ledger.ask(also=1)
    assert ledger.ask(also=2) == 2


def test_many_readers_at_once_cost_one() -> None:
    """Those who ask while an answer is made wait for it and get the same."""
    asked, made = threading.Barrier(8), []
    shared = Shared(lambda: "1")

    def make() -> int:
        made.append(1)
        return len(made)

    def reader(_: int) -> int:
        asked.wait(timeout=30)
        return shared.get("question", make)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(reader, range(8))) == [1] * 8


def test_a_commit_moves_the_change_number_and_a_reading_does_not(storage: Storage) -> None:
    """On both engines, whoever commits."""
    changes = Changes(storage)
    other = Storage(storage.url.render_as_string(hide_password=False))
    before = changes.number()
    with storage.reading():
        assert changes.number() == before
    with other.writing() as connection:
        row = {"id": b"1" * 16, "kind": "x", "payload": b"", "due_at": 0, "attempts": 0, "error": ""}
        connection.execute(insert(job), row)
    assert changes.number() != before
    other.close()
