"""The desk: validate, refuse duplicates, screen, group, count, all in one commit."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.makers import API, NOW, settings, submission
from tocsin.desk.tables import report, verdict
from tocsin.desk.whole import faults
from tocsin.errors import Busy, Rejected
from tocsin.node import Node
from tocsin.ports import SetClock
from tocsin.records import HOUR, SECOND, Envelope, Receipt


def count(node: Node) -> int:
    with node.storage.reading() as connection:
        return connection.execute(select(func.count()).select_from(report)).scalar_one()


def test_a_report_becomes_fact_judgement_campaign_and_cell(node: Node) -> None:
    """One report leaves one row of each kind, and the ledger is whole."""
    [receipt] = node.desk.take([(submission(), API)])
    assert isinstance(receipt, Receipt)
    assert not receipt.duplicate
    with node.storage.reading() as connection:
        assert connection.execute(select(report.c.ticket)).scalar_one() == receipt.ticket
        assert connection.execute(select(verdict.c.report_id)).scalar_one() == receipt.report_id.bytes
    assert faults(node.storage) == []


def test_the_reporter_is_stored_as_a_pseudonym_only(node: Node) -> None:
    """No column holds the reporter's or the recipient's number."""
    node.desk.take([(submission(reporter="+447700900777", recipient="+447700900888"), API)])
    with node.storage.reading() as connection:
        row = connection.execute(select(report)).one()
    assert len(row.reporter) == len(row.recipient) == 16
    assert not any("7700900777" in str(value) or "7700900888" in str(value) for value in row)


@pytest.mark.parametrize("second", ["+44 7700 900999", "07700 900999", "+447700900999"])
def test_the_same_words_by_the_same_reporter_count_once(node: Node, second: str) -> None:
    """However the number is written, a second report within the window gets the first one's ticket."""
    [first] = node.desk.take([(submission(), API)])
    [again] = node.desk.take([(submission(reporter=second), API)])
    assert isinstance(first, Receipt)
    assert again == Receipt(first.ticket, first.report_id, duplicate=True)
    assert count(node) == 1


def test_after_the_window_the_same_words_count_again(node: Node) -> None:
    """The window is what the setting says."""
    node.desk.take([(submission(), API)])
    node.clock.at += 25 * HOUR  # type: ignore[attr-defined]
    [again] = node.desk.take([(submission(), API)])
    assert isinstance(again, Receipt)
    assert not again.duplicate
    assert count(node) == 2
    assert faults(node.storage) == []


@pytest.mark.parametrize("reporter", ["", "+447700900999"])
def test_a_message_id_counts_once_for_ever_even_within_one_batch(node: Node, reporter: str) -> None:
    """A door that sends the same report again, however late, has it counted once."""
    again = (submission(message_id="a1", reporter=reporter), API)
    first, second = node.desk.take([again, again])
    node.clock.at += 9000 * HOUR  # type: ignore[attr-defined]
    [third] = node.desk.take([again])
    assert isinstance(first, Receipt)
    assert second == third == Receipt(first.ticket, first.report_id, duplicate=True)
    assert count(node) == 1


@pytest.mark.parametrize("stranger", [{"reporter": "+447700900001"}, {"content": "other"}, {"sender": "x"}])
@pytest.mark.parametrize("door", ["api", "smtp", "file"])
def test_nobody_keeps_another_report_out_by_its_id(node: Node, stranger: dict[str, str], door: str) -> None:
    """Who sends a stranger's id first neither takes its report's place nor sees its ticket."""
    envelope = Envelope(door=door)
    [taken] = node.desk.take([(submission(message_id="a1", **stranger), envelope)])
    [own] = node.desk.take([(submission(message_id="a1"), envelope)])
    assert isinstance(taken, Receipt)
    assert isinstance(own, Receipt)
    assert not own.duplicate
    assert own.ticket != taken.ticket
    assert count(node) == 2


def test_anonymous_reports_are_not_duplicates_of_each_other(node: Node) -> None:
    """Without a reporter nothing says that it is the same person."""
    node.desk.take([(submission(reporter=""), API), (submission(reporter=""), API)])
    assert count(node) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"channel": "pigeon"}, "channel.unknown"),
        ({"content": "x\0y"}, "content.nul"),
        ({"content": "\ud800"}, "content.surrogate"),
        ({"content": "x" * 10_000_000}, "content.too_long"),
        ({"content": "  ", "sender": ""}, "content.empty"),
        ({"sent_at": datetime(2099, 1, 1, tzinfo=UTC)}, "sent_at.future"),
        ({"sent_at": datetime(1970, 1, 1, tzinfo=UTC)}, "sent_at.ancient"),
        ({"sent_at": datetime(2026, 1, 1)}, "sent_at.no_offset"),  # noqa: DTZ001 - the fault under test
        ({"jurisdiction": "Narnia"}, "jurisdiction.invalid"),
        ({"claimed_category": "rude"}, "claimed_category.unknown"),
        ({"reporter": "x" * 351}, "reporter.too_long"),
    ],
)
def test_a_bad_report_is_named_and_the_rest_of_its_batch_is_kept(
    node: Node, changes: dict[str, Any], code: str
) -> None:
    """Each kind of bad input has its own name."""
    good, bad = node.desk.take([(submission(), API), (submission(**changes), API)])
    assert isinstance(good, Receipt)
    assert isinstance(bad, Rejected)
    assert bad.code == code
    assert count(node) == 1
    assert faults(node.storage) == []


def test_nothing_is_left_of_a_batch_whose_commit_fails(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Report, verdict, campaign and cells are one transaction: all or nothing."""

    def fail(*_arguments: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("tocsin.statistics.cells.count", fail)
    with pytest.raises(RuntimeError, match="power cut"):
        node.desk.take([(submission(), API)])
    assert count(node) == 0
    monkeypatch.undo()
    [receipt] = node.desk.take([(submission(), API)])
    assert isinstance(receipt, Receipt)
    assert not receipt.duplicate


def test_a_full_disk_says_later_and_recovers(tmp_path: Path) -> None:
    """When SQLite can grow no more the desk says later, keeps what it has, and goes on after."""
    node = Node(settings(tmp_path / "data"), SetClock(NOW))

    def pages(most: int) -> None:
        for connection in connections:
            connection.execute(f"PRAGMA max_page_count = {most}")

    connections: list[Any] = []
    remember: Callable[..., None] = lambda dbapi, _record: connections.append(dbapi)  # noqa: E731
    from sqlalchemy import event  # noqa: PLC0415

    event.listen(node.storage.engine, "connect", remember)
    node.storage.engine.dispose()
    node.desk.take([(submission(), API)])
    pages(1)
    taken = 1
    with pytest.raises(Busy):  # noqa: PT012 - which report no longer fits is SQLite's affair
        for number in range(1000):
            node.desk.take([(submission(content=f"{number} " * 5000, reporter=""), API)])
            taken += 1
    assert count(node) == taken
    pages(10_000_000)
    [receipt] = node.desk.take([(submission(content="after"), API)])
    assert isinstance(receipt, Receipt)
    assert faults(node.storage) == []
    node.close()


def test_a_ticket_is_not_a_serial_number(node: Node) -> None:
    """Tickets of neighbours share nothing that could be guessed from."""
    answers = node.desk.take([(submission(content=f"text number {n}"), API) for n in range(50)])
    tickets = {answer.ticket for answer in answers if isinstance(answer, Receipt)}
    assert len(tickets) == 50
    assert len({ticket[:5] for ticket in tickets}) == 50


def test_time_is_kept_in_microseconds_utc(node: Node) -> None:
    """An offset changes how a time is written, not when it was."""
    when = datetime.fromisoformat("2026-11-01T13:30:00+03:00")
    node.desk.take([(submission(sent_at=when), API)])
    with node.storage.reading() as connection:
        assert connection.execute(select(report.c.sent_at)).scalar_one() == NOW - 90 * 60 * SECOND
