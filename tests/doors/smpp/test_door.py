"""The door on a real node, bound to a message centre: what is acknowledged is durable, and counts once."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.doors.smpp.centres import SPAM, Recorder, Stage, forward, in_parts, open_door, play, table, until
from tests.makers import open_node, settings
from tocsin.doors.door import configured
from tocsin.doors.smpp.door import KIND
from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.session import Limits
from tocsin.doors.smpp.words import encode
from tocsin.errors import Busy, Misconfigured, Rejected

LONG = (
    "Congratulations! You won a prize, claim it today at http://prize.example/claim or lose it. " * 4
).strip()
CHINESE = "恭喜您中奖了😀请点击领取 http://prize.example " * 6


def test_a_forward_is_durable_when_it_is_acknowledged(tmp_path: Path) -> None:
    """The report stands in the ledger, without the reporter's number."""

    async def scenario(stage: Stage) -> None:
        assert await stage.smsc.deliver(forward()) == Status.OK
        (report,) = stage.reports()
        assert (report["content"], report["door"], report["jurisdiction"]) == (SPAM, "in", "GB")
        assert "447700900999" not in repr(report)

    play(tmp_path, scenario)


def test_the_dialogue_asks_for_the_sender_and_thanks(tmp_path: Path) -> None:
    """The prompt comes from our code; the answer names the sender; the thanks quote the ticket."""

    async def scenario(stage: Stage) -> None:
        await stage.smsc.deliver(forward())
        await until(lambda: len(stage.said) == 1)
        assert await stage.smsc.deliver(forward("07700900123")) == Status.OK
        await until(lambda: len(stage.said) == 2)
        (report,) = stage.reports()
        assert report["sender"] == "+447700900123"
        assert report["ticket"].encode() in stage.said[1].text
        assert {(said.source, said.dest, said.dest_ton) for said in stage.said} == {
            ("7726", "447700900999", 1)
        }

    play(tmp_path, scenario)


def test_a_door_that_must_not_answer_is_silent(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.smsc.deliver(forward())
        await stage.smsc.deliver(forward("07700900123"))
        assert stage.said == []

    play(tmp_path, scenario, answer=False)


@pytest.mark.parametrize("text", [LONG, CHINESE])
def test_parts_in_any_order_are_one_message(tmp_path: Path, text: str) -> None:
    """Every part waits for the acknowledgement of the one before: a window of one does not stall."""
    written = encode(text)
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        parts = in_parts(b"".join(written.parts), 134, data_coding=written.coding)
        for part in reversed(parts):
            assert await stage.smsc.deliver(part) == Status.OK
        assert heard.texts == [text]

    play(tmp_path, scenario, heard)


def test_sar_parts_and_message_payload_are_heard(tmp_path: Path) -> None:
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        for number, words in ((2, b"world"), (1, b"hello ")):
            sar = ((0x020C, b"\0\7"), (0x020E, b"\2"), (0x020F, bytes((number,))))
            await stage.smsc.deliver(forward(text=words, tlvs=sar))
        await stage.smsc.deliver(forward(text=b"", tlvs=((0x0424, b"long" * 500),)))
        assert heard.texts == ["hello world", "long" * 500]

    play(tmp_path, scenario, heard)


def test_a_part_delivered_again_is_known(tmp_path: Path) -> None:
    """Each part twice, the last one also after the message was reported: one message."""
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        parts = in_parts(LONG.encode(), 134)
        for part in (parts[0], parts[0], *parts[1:], *parts):
            assert await stage.smsc.deliver(part) == Status.OK
        assert heard.texts == [LONG]

    play(tmp_path, scenario, heard)


def test_a_reference_used_again_is_another_message(tmp_path: Path) -> None:
    """What came of the first message is reported as far as it came."""
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        first, second = in_parts(b"a" * 200, 134), in_parts(b"b" * 200, 134)
        for part in (first[0], *second):
            assert await stage.smsc.deliver(part) == Status.OK
        assert heard.texts == ["a" * 134, "b" * 200]

    play(tmp_path, scenario, heard)


def test_a_message_that_stays_incomplete_is_reported_as_it_is(tmp_path: Path) -> None:
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        assert await stage.smsc.deliver(in_parts(b"a" * 200, 134)[1]) == Status.OK
        await until(lambda: heard.texts)
        assert heard.texts == ["a" * 66]

    play(tmp_path, scenario, heard, parts_s=1)


def test_an_acknowledged_part_outlives_the_node(tmp_path: Path) -> None:
    """One part before a restart, the other after it: one whole message."""
    first, second = in_parts(b"a" * 200, 134)
    heard = Recorder()

    async def before(stage: Stage) -> None:
        assert await stage.smsc.deliver(second) == Status.OK

    async def after(stage: Stage) -> None:
        assert await stage.smsc.deliver(first) == Status.OK
        assert heard.texts == ["a" * 200]

    play(tmp_path, before, heard)
    play(tmp_path, after, heard)


def test_a_part_of_an_unknown_reporter_is_reported_after_a_restart(tmp_path: Path) -> None:
    """The shelf holds no number: what nobody completes is reported by no one, and is not lost."""

    async def before(stage: Stage) -> None:
        await stage.smsc.deliver(in_parts(b"Your parcel is held " * 10, 134)[0])

    async def after(stage: Stage) -> None:
        await until(stage.reports)
        (report,) = stage.reports()
        assert report["reporter"] is None
        assert report["content"].startswith("Your parcel is held")

    play(tmp_path, before, parts_s=1)
    shelf = b"".join(file.read_bytes() for file in tmp_path.glob("smpp-*"))
    assert b"447700900999" not in shelf
    play(tmp_path, after, parts_s=1)


def test_a_part_that_can_not_be_kept_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk says later; delivered again, the part is taken."""
    heard = Recorder()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def scenario(stage: Stage) -> None:
        first, second = in_parts(b"a" * 200, 134)
        with monkeypatch.context() as patch:
            patch.setattr("tocsin.doors.smpp.shelf.Shelf.put", full)
            assert await stage.smsc.deliver(first) == Status.THROTTLED
        for part in (second, first):
            assert await stage.smsc.deliver(part) == Status.OK
        assert heard.texts == ["a" * 200]

    play(tmp_path, scenario, heard)


def test_receipts_are_acknowledged_and_are_no_reports(tmp_path: Path) -> None:
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        assert await stage.smsc.deliver(forward(esm_class=4)) == Status.OK
        assert heard.texts == []

    play(tmp_path, scenario, heard)


def test_a_full_desk_says_throttled_and_the_same_message_is_taken_later(tmp_path: Path) -> None:
    heard = Recorder(fails=[Busy("full"), Busy("full")])

    async def scenario(stage: Stage) -> None:
        parts = in_parts(b"a" * 200, 134)
        assert await stage.smsc.deliver(forward()) == Status.THROTTLED
        assert await stage.smsc.deliver(parts[0]) == Status.OK
        assert await stage.smsc.deliver(parts[1]) == Status.THROTTLED
        assert await stage.smsc.deliver(parts[1]) == Status.OK
        assert await stage.smsc.deliver(forward()) == Status.OK
        assert heard.texts == ["a" * 200, SPAM]

    play(tmp_path, scenario, heard)


def test_what_is_refused_is_said_and_spoils_nothing(tmp_path: Path) -> None:
    """A refusal of the whole call, and a fault that is nobody's: the door goes on."""
    heard = Recorder(fails=[Rejected("content.empty", "content", "empty"), RuntimeError("a fault")])

    async def scenario(stage: Stage) -> None:
        statuses = [await stage.smsc.deliver(forward(str(number))) for number in range(3)]
        assert statuses == [Status.SUBMIT_FAILED, Status.SYSTEM_ERROR, Status.OK]

    play(tmp_path, scenario, heard)


def test_messages_in_flight_share_a_batch(tmp_path: Path) -> None:
    """Reading goes on while one batch is heard; what came meanwhile is the next batch."""

    async def scenario(stage: Stage) -> None:
        heard.hold = asyncio.Event()
        sent = [asyncio.create_task(stage.smsc.deliver(forward(str(number)))) for number in range(50)]
        await until(lambda: sum(session.owed for session in stage.door.links) == 50)
        heard.hold.set()
        assert set(await asyncio.gather(*sent)) == {Status.OK}
        assert len(heard.batches) <= 3

    heard = Recorder()
    play(tmp_path, scenario, heard)


def test_several_binds_share_the_work(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        assert len(await stage.smsc.bound(3)) == 3
        sent = [stage.smsc.deliver(forward(str(number))) for number in range(9)]
        assert set(await asyncio.gather(*sent)) == {Status.OK}

    play(tmp_path, scenario, Recorder(), binds=3)


def test_a_receiver_answers_through_a_transmitter(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        bound = {session.bound for session in await stage.smsc.bound(2)}
        assert bound == {Command.BIND_RECEIVER, Command.BIND_TRANSMITTER}
        await stage.smsc.deliver(forward())
        await until(lambda: stage.said)

    play(tmp_path, scenario, bind="receiver")


def test_a_throttled_answer_is_sent_again_and_a_hopeless_one_dropped(tmp_path: Path) -> None:
    """RTHROTTLED waits and tries again; a status that will not change ends it."""
    answers = [Status.THROTTLED, Status.SUBMIT_FAILED, Status.OK, Status.OK]
    tried: list[str] = []

    async def scenario(stage: Stage) -> None:
        stage.smsc._taken = lambda message: tried.append(message.dest) or answers.pop(0)
        for reporter in ("447700900001", "447700900002", "447700900003"):
            await stage.smsc.deliver(forward(reporter=reporter))
            await until(lambda who=reporter: who in tried)
        await until(lambda: not answers)
        assert sorted(tried) == ["447700900001"] * 2 + ["447700900002", "447700900003"]

    play(tmp_path, scenario)


def test_cancelling_answers_what_was_taken(tmp_path: Path) -> None:
    """A message that is being heard when the door closes is acknowledged before the link ends."""
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        heard.hold = asyncio.Event()
        sent = asyncio.create_task(stage.smsc.deliver(forward()))
        await until(lambda: any(session.owed for session in stage.door.links))
        stage.running.cancel()
        await asyncio.sleep(0)
        heard.hold.set()
        assert await sent == Status.OK
        await asyncio.gather(stage.running, return_exceptions=True)
        assert not stage.door.links

    play(tmp_path, scenario, heard)


def test_a_wrong_password_is_tried_again_later(tmp_path: Path) -> None:
    """The message centre may be at fault or restarting: a refused bind never closes the door for good."""

    async def scenario(stage: Stage) -> None:
        stage.smsc._accounts = {"tocsin": "another"}
        for session in await stage.smsc.bound():
            session.abort()
        await until(lambda: len(refused) >= 1)
        stage.smsc._accounts = {"tocsin": "secret"}
        await stage.smsc.bound()
        assert await stage.smsc.deliver(forward()) == Status.OK

    refused: list[object] = []
    real = Recorder()

    async def watched(stage: Stage) -> None:
        bind = stage.smsc._bind

        def seen(session: object, pdu: object) -> None:
            bind(session, pdu)  # type: ignore[arg-type]
            refused.append(pdu)

        stage.smsc._bind = seen  # type: ignore[method-assign, assignment]
        await scenario(stage)

    play(tmp_path, watched, real)


@pytest.mark.parametrize(
    "changes",
    [
        {"bind": "transmitter"},
        {"binds": 0},
        {"window": 0},
        {"colour": "red"},
        {"port": "2775"},
        {"code": ""},
        {"jurisdiction": "gb"},
    ],
)
def test_a_table_that_can_not_work_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Misconfigured):
        configured(KIND, "in", table(2775, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"profile": "atlantis"},
        {"alphabet": "ebcdic"},
        {"password": "env:NO_SUCH_VARIABLE"},
        {"tls": True, "authority": "/no/such/file"},
    ],
)
def test_what_can_not_be_had_is_misconfigured(tmp_path: Path, changes: dict[str, object]) -> None:
    with open_node(settings(tmp_path)) as node, pytest.raises(Misconfigured):
        open_door(node, 2775, **changes)


def test_enquire_link_keeps_a_silent_link_and_ends_a_dead_one(tmp_path: Path) -> None:
    """The door asks, and a centre that does not answer is bound to anew."""

    async def scenario(stage: Stage) -> None:
        (session,) = await stage.smsc.bound()
        heard_at = session.heard_at
        await until(lambda: session.heard_at > heard_at)
        session._transport.pause_reading()
        await until(lambda: len([one for one in stage.smsc.sessions if one.bound and one is not session]))

    play(tmp_path, scenario, Recorder(), Limits(frame_s=60), enquire_link_s=0.05, response_s=0.5)
