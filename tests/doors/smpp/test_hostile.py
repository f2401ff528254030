"""Hostile peers at the socket: each is answered in SMPP's own words or cut off, and nobody else notices."""

import asyncio
import struct
from collections.abc import Awaitable, Callable

import pytest

from tests.doors.smpp.centres import PATIENCE_S, forward, until
from tocsin.doors.smpp.esme import Account, BindRefused, bind
from tocsin.doors.smpp.numbers import Command, Status
from tocsin.doors.smpp.pdus import Bind, Cancel, Multi, Nothing, Pdu, Query, QueryAnswer
from tocsin.doors.smpp.reading import read
from tocsin.doors.smpp.session import Limits, LinkLost, Session
from tocsin.doors.smpp.smsc import Smsc
from tocsin.doors.smpp.writing import write

QUICK = Limits(window=4, enquire_s=60, response_s=0.3, frame_s=0.3, bind_s=0.6)
CALM = Limits(window=4)
LOGIN = write(Command.BIND_TRANSCEIVER, 1, Bind("tocsin", "secret"))
Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answer(reader: asyncio.StreamReader) -> Pdu:
    """Read one PDU."""
    async with asyncio.timeout(PATIENCE_S):
        head = await reader.readexactly(4)
        return read(head + await reader.readexactly(int.from_bytes(head, "big") - 4))


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the other side has closed."""
    async with asyncio.timeout(PATIENCE_S):
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
    return True


def against(
    scenario: Callable[[Smsc, Peer], Awaitable[None]], limits: Limits = CALM, login: bool = True
) -> None:
    """Play a scenario with a bare socket against our message centre, whose sessions are those of the door."""

    async def played() -> None:
        smsc = Smsc({"tocsin": "secret"}, limits=limits)
        port = await smsc.open()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            if login:
                writer.write(LOGIN)
                assert (await answer(reader)).status == Status.OK
            await scenario(smsc, (reader, writer))
        finally:
            writer.transport.abort()
            await until(lambda: not smsc.sessions)
            await smsc.close()

    asyncio.run(played())


@pytest.mark.parametrize("length", [0, 3, 15, 100_000, 0xFFFFFFFF])
def test_an_impossible_length_is_answered_and_ends_the_link(length: int) -> None:
    """Nobody can tell where the next PDU begins; nothing is kept or waited for."""

    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(struct.pack(">4I", length, Command.DELIVER_SM, 0, 9) + b"x" * 1000)
        nack = await answer(reader)
        assert (nack.command, nack.status) == (Command.GENERIC_NACK, Status.INVALID_LENGTH)
        assert await ended(reader)

    against(scenario)


@pytest.mark.parametrize(
    ("frame", "command", "status"),
    [
        (struct.pack(">4I", 16, 0x4242, 0, 9), Command.GENERIC_NACK, Status.INVALID_COMMAND),
        (struct.pack(">4I", 16, Command.BROADCAST_SM, 0, 9), Command.GENERIC_NACK, Status.INVALID_COMMAND),
        (struct.pack(">4I", 16, Command.SUBMIT_SM, 0, 9), Command.SUBMIT_SM_RESP, Status.INVALID_LENGTH),
        (
            struct.pack(">4I", 18, Command.ENQUIRE_LINK, 0, 9) + b"\0\1",
            Command.ENQUIRE_LINK_RESP,
            Status.INVALID_TLV_STREAM,
        ),
        (LOGIN[:12] + b"\0\0\0\x09" + LOGIN[16:], Command.BIND_TRANSCEIVER_RESP, Status.ALREADY_BOUND),
    ],
)
def test_what_can_not_be_served_is_answered_and_the_link_stays(
    frame: bytes, command: int, status: int
) -> None:
    """An unknown id, one nobody serves, a cut-off body, bad TLVs, a second bind: named, sequence kept."""

    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(frame)
        refused = await answer(reader)
        assert (refused.command, refused.status, refused.sequence) == (command, status, 9)
        writer.write(write(Command.ENQUIRE_LINK, 10))
        assert (await answer(reader)).command == Command.ENQUIRE_LINK_RESP

    against(scenario)


def test_octet_by_octet_is_slow_but_heard() -> None:
    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        for octet in write(Command.ENQUIRE_LINK, 3):
            writer.write(bytes((octet,)))
            await writer.drain()
        assert (await answer(reader)).sequence == 3

    against(scenario)


@pytest.mark.parametrize("begun", [b"\0", LOGIN[:9], LOGIN[:20]])
def test_half_a_pdu_and_then_silence_ends_the_link(begun: bytes) -> None:
    async def scenario(_: Smsc, peer: Peer) -> None:
        peer[1].write(begun)
        assert await ended(peer[0])

    against(scenario, QUICK)


def test_who_never_binds_is_cut_off() -> None:
    async def scenario(_: Smsc, peer: Peer) -> None:
        assert await ended(peer[0])

    against(scenario, QUICK, login=False)


def test_who_does_not_read_is_cut_off() -> None:
    """Answers pile up in our buffers only to the high-water mark; then reading stops, then the link ends."""

    async def scenario(smsc: Smsc, peer: Peer) -> None:
        _, writer = peer
        peer[0]._transport.pause_reading()
        flood = write(Command.ENQUIRE_LINK, 3) * 100_000

        async def pour() -> None:
            while True:
                writer.write(flood)
                await writer.drain()

        pouring = asyncio.create_task(pour())
        await until(lambda: not smsc.sessions)
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)

    against(scenario, QUICK)


def test_nothing_is_served_before_a_bind() -> None:
    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(write(Command.SUBMIT_SM, 1, forward()))
        assert (await answer(reader)).status == Status.INVALID_BIND_STATE

    against(scenario, login=False)


def test_unbind_is_answered_and_ends_the_link() -> None:
    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(write(Command.UNBIND, 2))
        assert (await answer(reader)).command == Command.UNBIND_RESP
        assert await ended(reader)

    against(scenario)


def test_the_lesser_commands_are_answered_truly() -> None:
    """query_sm, submit_multi and cancel_sm of a centre that hands everything on at once."""

    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(write(Command.QUERY_SM, 2, Query("7")))
        queried = await answer(reader)
        assert isinstance(queried.body, QueryAnswer)
        assert (queried.body.message_id, queried.body.state) == ("7", 2)
        writer.write(write(Command.SUBMIT_MULTI, 3, Multi((), forward())))
        assert (await answer(reader)).command == Command.SUBMIT_MULTI_RESP
        writer.write(write(Command.CANCEL_SM, 4, Cancel("", "7")))
        assert (await answer(reader)).status == Status.INVALID_MESSAGE_ID

    against(scenario)


def dialled(
    scenario: Callable[[Smsc, Callable[..., Awaitable[Session]]], Awaitable[None]], limits: Limits = CALM
) -> None:
    """Play a scenario with our own ESME side against our message centre."""

    async def played() -> None:
        smsc = Smsc({"tocsin": "secret"})
        port = await smsc.open()

        async def dial(
            password: str = "secret",  # noqa: S107 - a test's
            requests: Callable[[Session, Pdu], None] = lambda session, pdu: session.answer(pdu),
        ) -> Session:
            account = Account("127.0.0.1", port, "tocsin", password)
            return await bind(account, Command.BIND_TRANSCEIVER, limits, requests)

        try:
            await scenario(smsc, dial)
        finally:
            await smsc.close()

    asyncio.run(played())


def test_a_refused_bind_says_why() -> None:
    async def scenario(_: Smsc, dial: Callable[..., Awaitable[Session]]) -> None:
        with pytest.raises(BindRefused) as refused:
            await dial("wrong")
        assert refused.value.status == Status.INVALID_PASSWORD

    dialled(scenario)


def test_the_window_is_never_exceeded() -> None:
    """With a window of 4, a fifth request waits for an answer to one of the four."""

    async def played() -> None:
        smsc = Smsc({})
        port = await smsc.open()
        waiting: list[tuple[Session, Pdu]] = []
        smsc._request = lambda session, pdu: waiting.append((session, pdu))  # type: ignore[method-assign]
        esme = Session(CALM, lambda *_: None)
        await asyncio.get_running_loop().create_connection(lambda: esme, "127.0.0.1", port)
        sent = [asyncio.create_task(esme.request(Command.SUBMIT_SM, forward())) for _ in range(9)]
        await until(lambda: len(waiting) == 4)
        await asyncio.sleep(0.02)
        assert len(waiting) == 4
        while not all(task.done() for task in sent):
            for session, pdu in waiting:
                session.answer(pdu, Status.OK, None)
            waiting.clear()
            await asyncio.sleep(0)
        esme.close()
        await smsc.close()

    asyncio.run(played())


def test_a_lost_link_tells_who_waits() -> None:
    async def scenario(smsc: Smsc, dial: Callable[..., Awaitable[Session]]) -> None:
        session = await dial(requests=lambda session, _: session.abort())
        with pytest.raises(LinkLost):
            await smsc.deliver(forward())
        await until(session.gone.done)
        with pytest.raises(ConnectionError):
            await session.request(Command.ENQUIRE_LINK)

    dialled(scenario)


def test_an_answer_that_never_comes_times_out() -> None:
    async def scenario(smsc: Smsc, dial: Callable[..., Awaitable[Session]]) -> None:
        session = await dial(requests=lambda *_: None)
        with pytest.raises(TimeoutError):
            await smsc.deliver(forward(), timeout_s=0.05)
        session.abort()

    dialled(scenario)


def test_answers_to_nothing_are_passed_over() -> None:
    """Forged answers, with any sequence number, disturb nobody."""

    async def scenario(_: Smsc, peer: Peer) -> None:
        reader, writer = peer
        writer.write(write(Command.SUBMIT_SM_RESP, 77) + write(Command.GENERIC_NACK, 0, Nothing(), 3))
        writer.write(write(Command.ENQUIRE_LINK, 10))
        assert (await answer(reader)).sequence == 10

    against(scenario)
