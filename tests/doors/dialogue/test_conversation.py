"""The dialogue in a real house: durable, once, in order, and nobody's number kept."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.doors.dialogue.houses import house, run, stored
from tests.makers import Node, open_node, settings
from tocsin.desk.intake import Answer, Item
from tocsin.desk.tables import report
from tocsin.doors.dialogue.conversation import Conversation, Heard, Incoming
from tocsin.doors.dialogue.profiles import profile
from tocsin.doors.dialogue.tables import dialogue_session
from tocsin.doors.dialogue.words import words
from tocsin.doors.door import Intake
from tocsin.errors import Busy
from tocsin.ports import SetClock
from tocsin.records import DAY, HOUR, Channel, instant, moment

SPAM = "Your parcel is held. Pay the fee at http://parcel.example/pay"
START = instant(datetime(2026, 3, 1, 12, tzinfo=UTC))
ANNE, BERT = "+447700900999", "+447700900888"
ASK = words("en").answers["ask"]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node in Britain whose clock stands still."""
    with open_node(settings(tmp_path, jurisdiction="GB"), SetClock(START)) as opened:
        yield opened


def gb(node: Node, intake: Intake | None = None) -> Conversation:
    return Conversation("gb-7726", house(node, intake=intake or node.counter), profile("gb"))


def texts(heard: Sequence[Heard]) -> list[str]:
    return [reply.text for one in heard for reply in one.replies]


class Failing:
    """An intake that does its work and then says that it could not: the crash before the answer."""

    def __init__(self, intake: Intake, fails: str) -> None:
        self.intake, self.fails = intake, fails

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Take the reports."""
        answers = await self.intake.submit(items)
        if self.fails == "submit":
            raise Busy("the link broke")
        return answers

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Name the sender."""
        answer = await self.intake.name_sender(ticket, sender)
        if self.fails == "name_sender":
            raise Busy("the link broke")
        return answer


class Full:
    """An intake whose queue is full."""

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Take nothing."""
        raise Busy(f"no place for {len(items)}")

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Change nothing."""
        raise Busy(f"no time for {ticket} and {sender}")


def test_a_whole_dialogue_leaves_one_report_with_its_sender(node: Node) -> None:
    """Forward, question, answer, thanks."""
    talk = gb(node)
    assert texts(run(talk.hear([Incoming("1", ANNE, SPAM)]))) == [ASK]
    assert stored(node) == [(SPAM, "", "GB")]
    [thanks] = texts(run(talk.hear([Incoming("2", ANNE, "07700 900123")])))
    assert thanks.startswith("Thank you, your report counts.")
    assert stored(node) == [(SPAM, "+447700900123", "GB")]


def test_a_batch_holds_the_conversations_of_many_people(node: Node) -> None:
    """Each is answered about their own report."""
    talk = gb(node)
    heard = run(
        talk.hear([Incoming("1", ANNE, SPAM), Incoming("2", BERT, "You won http://prize.example now")])
    )
    assert [one.replies[0].reporter for one in heard] == [ANNE, BERT]
    run(talk.hear([Incoming("3", BERT, "+447700900111"), Incoming("4", ANNE, "+447700900222")]))
    assert {(content[:4], sender) for content, sender, _ in stored(node)} == {
        ("Your", "+447700900222"),
        ("You ", "+447700900111"),
    }


def test_forward_and_answer_may_come_in_one_batch(node: Node) -> None:
    """The answer is for the forward before it; one thank-you, no question."""
    heard = run(gb(node).hear([Incoming("1", ANNE, SPAM), Incoming("2", ANNE, "+447700900123")]))
    assert [len(one.replies) for one in heard] == [0, 1]
    assert stored(node) == [(SPAM, "+447700900123", "GB")]


def test_a_repeated_delivery_is_neither_reported_nor_answered_again(node: Node) -> None:
    """Not even in the same batch."""
    talk = gb(node)
    heard = run(talk.hear([Incoming("1", ANNE, SPAM), Incoming("1", ANNE, SPAM)]))
    assert texts(heard) == [ASK]
    assert texts(run(talk.hear([Incoming("1", ANNE, SPAM)]))) == []
    assert len(stored(node)) == 1


@pytest.mark.parametrize("lost", ["submit", "session"])
def test_a_crash_after_the_report_loses_and_doubles_nothing(node: Node, lost: str) -> None:
    """The batch comes again to a new process, which asks the question that was never asked."""
    broken = gb(node, Failing(node.counter, lost))
    if lost == "session":

        def fail(*_: object) -> None:
            raise Busy("the disk is full")

        broken._sessions.save = fail
    with pytest.raises(Busy):
        run(broken.hear([Incoming("1", ANNE, SPAM)]))
    assert len(stored(node)) == 1
    again = gb(node)
    assert texts(run(again.hear([Incoming("1", ANNE, SPAM)]))) == [ASK]
    run(again.hear([Incoming("2", ANNE, "+447700900123")]))
    assert stored(node) == [(SPAM, "+447700900123", "GB")]


def test_a_crash_after_the_naming_ends_in_thanks(node: Node) -> None:
    """The desk refuses to name it again, and that is well."""
    run(gb(node).hear([Incoming("1", ANNE, SPAM)]))
    with pytest.raises(Busy):
        run(gb(node, Failing(node.counter, "name_sender")).hear([Incoming("2", ANNE, "+447700900123")]))
    [thanks] = texts(run(gb(node).hear([Incoming("2", ANNE, "+447700900123")])))
    assert thanks.startswith("Thank you, your report counts.")
    assert stored(node) == [(SPAM, "+447700900123", "GB")]


def test_a_full_desk_takes_nothing_and_says_later(node: Node) -> None:
    """The caller says it in its protocol's words."""
    with pytest.raises(Busy):
        run(gb(node, Full()).hear([Incoming("1", ANNE, SPAM)]))
    assert stored(node) == []
    assert texts(run(gb(node).hear([Incoming("1", ANNE, SPAM)]))) == [ASK]


def test_a_report_that_the_desk_refuses_says_why_and_spoils_nothing(node: Node) -> None:
    """One bad message in a batch."""
    heard = run(gb(node).hear([Incoming("1", ANNE, SPAM + "\0"), Incoming("2", BERT, SPAM)]))
    assert [one.refused.code if one.refused else "" for one in heard] == ["content.nul", ""]
    assert len(stored(node)) == 1


@pytest.mark.parametrize("address", ["7726", "60777", "HMRC", "+447700900100", ""])
def test_machines_are_neither_heard_nor_answered(node: Node, address: str) -> None:
    """Our own code, short codes, names: they would answer our answers."""
    talk = Conversation("gb-7726", node.house, profile("gb"), our_codes=frozenset({"07700 900100"}))
    assert run(talk.hear([Incoming("1", address, SPAM)])) == [Heard()]
    assert stored(node) == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("gb", "07700900999"),
        ("gb", "447700900999"),
        ("cn", "13800138000"),
        ("sa", "0551234567"),
        ("us", "2025550123"),
    ],
)
def test_people_are_heard_in_national_form_too(node: Node, name: str, address: str) -> None:
    """An operator's gateway may give its own subscribers' numbers so."""
    talk = Conversation("door", node.house, profile(name))
    [heard] = run(talk.hear([Incoming("1", address, SPAM)]))
    assert heard.replies


@pytest.mark.parametrize("address", ["1069012345678", "+861069012345678", "10086"])
def test_chinese_service_numbers_are_machines(node: Node, address: str) -> None:
    """106 and 100 are not given to people."""
    talk = Conversation("door", node.house, profile("cn"))
    assert run(talk.hear([Incoming("1", address, SPAM)])) == [Heard()]


def test_an_eight_digit_number_is_a_person_where_numbers_have_eight() -> None:
    """Norway's, for one; elsewhere it is a short code."""
    from tocsin.doors.dialogue.senders import is_service  # noqa: PLC0415

    assert not is_service("40612345", "NO", (), ())
    assert is_service("40612345", "GB", (), ())


def test_two_numbers_forms_of_one_person_are_one_conversation(node: Node) -> None:
    """The pseudonym is of the canonical number."""
    talk = gb(node)
    run(talk.hear([Incoming("1", "+447700900999", SPAM)]))
    run(talk.hear([Incoming("2", "07700 900999", "+447700900123")]))
    assert stored(node) == [(SPAM, "+447700900123", "GB")]


def test_nothing_of_the_reporter_is_stored(node: Node, tmp_path: Path) -> None:
    """Not in the session, not in the report, not in any file of the ledger."""
    run(gb(node).hear([Incoming("1", ANNE, SPAM), Incoming("2", ANNE, ANNE)]))
    node.storage.close()
    for file in tmp_path.iterdir():
        assert b"900999" not in file.read_bytes()


def test_a_session_is_forgotten_after_a_day(node: Node) -> None:
    """And its row is purged when others write."""
    talk = gb(node)
    run(talk.hear([Incoming("1", ANNE, SPAM)]))
    node.clock.at += DAY + 1
    run(talk.hear([Incoming("2", BERT, SPAM)]))
    with node.storage.reading() as connection:
        assert len(connection.execute(select(dialogue_session)).all()) == 1


def test_stop_is_remembered_longer(node: Node) -> None:
    """Nobody says STOP every day."""
    run(gb(node).hear([Incoming("1", ANNE, "STOP")]))
    node.clock.at += 30 * DAY
    assert texts(run(gb(node).hear([Incoming("2", ANNE, SPAM)]))) == []
    assert len(stored(node)) == 1


def test_a_call_is_reported_as_a_call(node: Node) -> None:
    """On the voice channel, without words."""
    run(gb(node).hear([Incoming("1", ANNE, "CALL 07700 900123")]))
    with node.storage.reading() as connection:
        row = connection.execute(select(report)).one()
    assert (row.channel, row.sender, row.content) == ("voice", "+447700900123", "")


def test_an_indian_day_becomes_its_noon(node: Node) -> None:
    """In Indian time; the hour is not known."""
    talk = Conversation("in-1909", node.house, profile("in"))
    run(talk.hear([Incoming("1", "+919876543210", "Loan offer, 9876501234, 28/02/26")]))
    with node.storage.reading() as connection:
        sent_at = connection.execute(select(report.c.sent_at)).scalar_one()
    assert moment(sent_at).isoformat() == "2026-02-28T06:30:00+00:00"


@pytest.mark.parametrize("day", ["28/02/46", "01/01/1980", "01/03/26"])
def test_a_day_that_cannot_be_never_refuses_a_report(node: Node, day: str) -> None:
    """A future day, one before SMS, and a noon that is still to come."""
    talk = Conversation("in-1909", node.house, profile("in"))
    node.clock.at = START - 8 * HOUR
    [heard] = run(talk.hear([Incoming("1", "+919876543210", f"Loan offer, 9876501234, {day}")]))
    assert heard.refused is None
    assert len(stored(node)) == 1


def test_concurrent_batches_keep_each_persons_order(node: Node) -> None:
    """The answer does not overtake the forward."""
    talk = gb(node)
    people = [f"+4477009001{number:02}" for number in range(40)]

    async def all_at_once() -> None:
        forwards = (talk.hear([Incoming(f"f{p}", p, f"{SPAM}{p[-2:]}")]) for p in people)
        answers = (talk.hear([Incoming(f"a{p}", p, "+447700900555")]) for p in people)
        await asyncio.gather(*forwards, *answers)

    run(all_at_once())
    assert [sender for _, sender, _ in stored(node)] == ["+447700900555"] * 40


def test_a_hundred_messages_of_one_person_in_one_batch_are_all_reported(node: Node) -> None:
    """And answered once."""
    batch = [Incoming(str(number), ANNE, f"{SPAM}{number}") for number in range(100)]
    assert texts(run(gb(node).hear(batch))) == [ASK]
    assert len(stored(node)) == 100


def test_the_profile_without_a_country_takes_the_nodes(node: Node) -> None:
    """The default profile in Britain reads British numbers."""
    talk = Conversation("door", node.house, profile("default"), Channel.SMS)
    run(talk.hear([Incoming("1", ANNE, SPAM), Incoming("2", ANNE, "07700 900123")]))
    assert stored(node) == [(SPAM, "+447700900123", "GB")]
