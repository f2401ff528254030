"""Link loss in the middle of every step: nothing acknowledged is lost, nothing counts twice."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.doors.smpp.centres import Recorder, Stage, forward, in_parts, play, until
from tests.makers import open_node, settings
from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.pdus import ShortMessage
from tocsin.doors.smpp.smsc import Smsc
from tocsin.doors.smpp.writing import write


async def rebound(stage: Stage, lost: object) -> None:
    """Wait until another link stands than one that was lost."""
    await until(lambda: any(one.bound and one is not lost for one in stage.smsc.sessions))


async def deliver_until_taken(stage: Stage, message: ShortMessage) -> None:
    """Deliver as message centres do: again and again until it is acknowledged."""
    for _ in range(100):
        try:
            if await stage.smsc.deliver(message, 2) == Status.OK:
                return
        except (ConnectionError, TimeoutError):
            await asyncio.sleep(0.05)
    raise AssertionError("never acknowledged")


def test_a_link_lost_in_the_middle_of_a_pdu(tmp_path: Path) -> None:
    """What came of it is forgotten; delivered again, it counts once."""

    async def scenario(stage: Stage) -> None:
        (session,) = await stage.smsc.bound()
        frame = write(Command.DELIVER_SM, 5, forward())
        session._transport.write(frame[:40])
        session.close()
        await rebound(stage, session)
        await deliver_until_taken(stage, forward())
        assert len(stage.reports()) == 1

    play(tmp_path, scenario)


def test_a_link_lost_before_the_answer(tmp_path: Path) -> None:
    """The report was durable, the answer had nowhere to go: the same message again is no second report."""

    async def scenario(stage: Stage) -> None:
        (session,) = await stage.smsc.bound()
        session._transport.write(write(Command.DELIVER_SM, 5, forward()))
        await until(lambda: any(one.owed for one in stage.door.links) or stage.reports())
        session.abort()
        await rebound(stage, session)
        await deliver_until_taken(stage, forward())
        assert len(stage.reports()) == 1

    play(tmp_path, scenario)


def test_a_lost_answer_to_an_answer(tmp_path: Path) -> None:
    """The number that a reporter sent, delivered again on another link, is not taken as a second report."""

    async def scenario(stage: Stage) -> None:
        await stage.smsc.deliver(forward())
        (session,) = await stage.smsc.bound()
        session._transport.write(write(Command.DELIVER_SM, 5, forward("07700900123")))
        await until(lambda: stage.reports()[0]["sender"])
        session.abort()
        await rebound(stage, session)
        await deliver_until_taken(stage, forward("07700900123"))
        (report,) = stage.reports()
        assert report["sender"] == "+447700900123"

    play(tmp_path, scenario)


def test_the_same_pdu_twice_on_one_link_counts_once(tmp_path: Path) -> None:
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        assert [await stage.smsc.deliver(forward()) for _ in range(2)] == [Status.OK] * 2
        assert len(set(heard.ids)) == 1

    play(tmp_path, scenario, heard)


def test_the_same_words_once_the_first_are_settled_are_new_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same number in answer to two questions: the centre has read our first answer, so it is another."""
    monkeypatch.setattr("tocsin.doors.smpp.identity.SETTLED_S", 0.0)
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        for _ in range(2):
            await stage.smsc.deliver(forward("07700900123"))
        assert len(set(heard.ids)) == 2

    play(tmp_path, scenario, heard)


def test_a_link_lost_between_parts(tmp_path: Path) -> None:
    """Every part of a long message on a link of its own, each cut before its answer is read."""
    heard = Recorder()

    async def scenario(stage: Stage) -> None:
        for part in in_parts(b"a" * 400, 134):
            (session,) = await stage.smsc.bound()
            session._transport.write(write(Command.DELIVER_SM, 5, part))
            session.close()
            await rebound(stage, session)
            await deliver_until_taken(stage, part)
        assert set(heard.texts) == {"a" * 400}
        assert len(set(heard.ids)) == 1

    play(tmp_path, scenario, heard)


def test_a_prompt_of_unknown_fate_is_not_sent_again(tmp_path: Path) -> None:
    """The link is lost when our submit_sm is out: the reporter gets it once or never."""

    async def scenario(stage: Stage) -> None:
        (session,) = await stage.smsc.bound()

        def lose(message: ShortMessage) -> int:
            stage.said.append(message)
            session.abort()
            return Status.OK

        stage.smsc._taken = lose
        await stage.smsc.deliver(forward())
        await until(lambda: stage.said)
        await rebound(stage, session)
        await stage.smsc.deliver(forward(reporter="447700900998"))
        await until(lambda: len(stage.said) > 1)
        assert [said.dest for said in stage.said] == ["447700900999", "447700900998"]

    play(tmp_path, scenario)


_TABLE = """
[doors.in]
kind = "smpp"
host = "127.0.0.1"
port = {port}
system_id = "tocsin"
password = "secret"
code = "7726"
profile = "gb"
"""


def test_kill_minus_nine_under_load(tmp_path: Path) -> None:
    """The process dies three times under load; whatever was acknowledged is there exactly once."""
    acknowledged: list[str] = []
    messages = [forward(f"You won prize {number}", f"4477009{number:05}") for number in range(600)]

    async def scenario() -> None:
        smsc = Smsc({"tocsin": "secret"})
        port = await smsc.open()
        (tmp_path / "tocsin.toml").write_text(_TABLE.format(port=port), encoding="utf-8")
        rest = iter(messages)

        async def deliver() -> None:
            for message in rest:
                while True:
                    try:
                        if await smsc.deliver(message, 5) == Status.OK:
                            break
                    except (ConnectionError, TimeoutError):
                        await asyncio.sleep(0.02)
                acknowledged.append(message.text.decode())

        load = [asyncio.create_task(deliver()) for _ in range(30)]
        for more in (100, 200, 300, None):
            process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once
                [sys.executable, "-m", "tocsin.cli", "door", "in", "--data", str(tmp_path)],
                stdout=subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(120):
                    if more is None:
                        await asyncio.gather(*load)
                    while more is not None and len(acknowledged) < more:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
            finally:
                process.kill()
                process.wait()
        await smsc.close()

    asyncio.run(scenario())
    with open_node(settings(tmp_path)) as node, node.storage.reading() as connection:
        held: list[Any] = list(connection.execute(text("SELECT content FROM report")).scalars())
    assert sorted(held) == sorted(acknowledged) == sorted(message.text.decode() for message in messages)
