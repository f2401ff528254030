"""Strangers, garbage, slow and half-open peers: nothing is disturbed and nothing is amplified."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.calls.makers import reports, until
from tests.doors.sip.makers import ack, phone, request, serving
from tests.makers import open_node, settings
from tocsin.doors.sip.link import Link, Trusted
from tocsin.doors.sip.message import Response, read_message
from tocsin.doors.sip.strangers import MOST_A_SECOND, Strangers
from tocsin.doors.sip.transactions import Transactions
from tocsin.errors import Busy, Misconfigured

pytestmark = pytest.mark.anyio


def stranger(sent: list[bytes]) -> Link:
    """Make a link that nobody trusts."""
    return Link("192.0.2.66", 5060, reliable=False, send=lambda data, _port: sent.append(data))


def read(data: bytes) -> Response:
    """Read an answer."""
    answer = read_message(data)
    assert isinstance(answer, Response)
    return answer


async def test_a_stranger_reports_nothing(tmp_path: Path) -> None:
    """Its word on who is calling is worth nothing: 403."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, trusted=("192.0.2.0/24",)) as door, phone(door) as reporter:
            reporter.send(request())
            assert (await reporter.answer()).status == 403
        assert reports(node) == []


@given(st.binary(max_size=300).map(lambda noise: request() + noise), st.integers(0, 500))
def test_a_stranger_gets_no_more_than_it_sent(data: bytes, cut: int) -> None:
    """A forged source address makes no flood (RFC 3261, section 26.1.5)."""
    sent: list[bytes] = []
    Strangers(lambda: 0.0).receive(data[cut:], stranger(sent))
    Strangers(lambda: 0.0).receive(data[: len(data) - cut], stranger(sent))
    assert all(len(answer) <= len(data) for answer in sent)
    assert len(sent) <= 2


def test_a_short_question_of_a_stranger_is_not_answered() -> None:
    """Where the answer would be the longer one there is none."""
    sent: list[bytes] = []
    short = (
        b"OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP a\r\nf:<sip:a>\r\nt:<sip:b>\r\ni:1\r\nCSeq:1 OPTIONS\r\n\r\n"
    )
    Strangers(lambda: 0.0).receive(short, stranger(sent))
    assert sent == []


def test_strangers_are_answered_seldom() -> None:
    """Ten a second, all together."""
    sent: list[bytes] = []
    now = [5.0]
    strangers = Strangers(lambda: now[0])
    for _ in range(100):
        strangers.receive(request(), stranger(sent))
    assert len(sent) == MOST_A_SECOND
    now[0] = 6.0
    strangers.receive(request(), stranger(sent))
    assert len(sent) == MOST_A_SECOND + 1


async def test_garbage_disturbs_nobody(tmp_path: Path) -> None:
    """Any bytes from a trusted peer, then a report by the same door."""
    garbage = [
        b"",
        b"\0" * 100,
        b"\xff" * 1400,
        b"INVITE",
        b"\r\n\r\n",
        b"ACK sip:a SIP/2.0\r\n\r\n",
        request().replace(b"Via", b"Vix"),
        request()[:80],
        request("INVITE", cseq="x INVITE"),
        request("INVITE", cseq="1 BYE"),
        request("INVITE", origin="nobody"),
        request("ACK", to="<sip:x@y>;tag=none"),
        b"SIP/2.0 607 Unwanted\r\n\r\n",
        request("INVITE", call="bad-contact").replace(b"<sip:phone@127.0.0.1:5099>", b"*"),
    ]
    with open_node(settings(tmp_path)) as node:
        async with serving(node, answer=603) as door, phone(door) as reporter:
            for data in garbage:
                reporter.send(data)
            await until(lambda: {m.headers.first("call-id") for m in reporter.heard} >= {"bad-contact"})
            reporter.heard.clear()
            reporter.send(request(call="good"))
            await until(lambda: 603 in reporter.statuses("INVITE"))
        assert len(reports(node)) == 1


@pytest.mark.parametrize(("method", "status"), [("OPTIONS", 200), ("MESSAGE", 405), ("REGISTER", 405)])
async def test_other_methods_are_answered(tmp_path: Path, method: str, status: int) -> None:
    """OPTIONS says what is allowed, and so does 405."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door, phone(door) as reporter:
            reporter.send(request(method))
            answer = await reporter.answer(method)
    assert (answer.status, "INVITE" in answer.headers.first("allow")) == (status, True)


def test_transactions_are_bounded_and_forgotten() -> None:
    """Beyond the most there is no room; after 64 × T1 there is again."""
    now = [0.0]
    held = Transactions(2, 32, lambda: now[0])
    sent: list[bytes] = []
    asked = [read_request(request(call=f"call-{n}")) for n in range(3)]
    for each in asked[:2]:
        held.open(each, stranger(sent))
    with pytest.raises(Busy):
        held.open(asked[2], stranger(sent))
    assert held.find(asked[0]) is not None
    now[0] = 33
    assert held.find(asked[0]) is None
    assert len(held) == 0


def read_request(data: bytes):
    """Read a request."""
    message = read_message(data)
    assert not isinstance(message, Response)
    return message


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("192.0.2.7", True),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::5%eth0", True),
        ("198.51.100.1", False),
        ("x", False),
    ],
)
def test_trust_is_by_address(host: str, trusted: bool) -> None:
    """Also of IPv4 inside IPv6."""
    assert (host in Trusted(["192.0.2.0/24", "2001:db8::/32"])) is trusted


def test_trust_in_anything_else_is_refused() -> None:
    """A name could be made to point anywhere."""
    with pytest.raises(Misconfigured):
        Trusted(["proxy.example"])


async def test_tcp_serves_a_call(tmp_path: Path) -> None:
    """One connection carries INVITE, ACK and BYE; keep-alives between them are nothing."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node) as door:
            assert door.address is not None
            reader, writer = await asyncio.open_connection(*door.address)
            tcp = request().replace(b"SIP/2.0/UDP", b"SIP/2.0/TCP")
            for part in (b"\r\n\r\n", tcp[:50], tcp[50:]):
                writer.write(part)
                await writer.drain()
            answers = [read(await one(reader)) for _ in range(2)]
            writer.write(ack(answers[1]))
            bye = await one(reader)
            writer.close()
    assert [answer.status for answer in answers] == [100, 200]
    assert bye.startswith(b"BYE sip:phone@127.0.0.1:5099 SIP/2.0\r\nVia: SIP/2.0/TCP")


async def one(reader: asyncio.StreamReader) -> bytes:
    """Read one message."""
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(int(head.rpartition(b"Content-Length: ")[2]))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"INVITE sip:7726",
        b"INVITE sip:a SIP/2.0\r\nContent-Length: 999999\r\n\r\n",
        b"x" * 200_000,
        b"INVITE sip:a SIP/2.0\r\nl: 9\r\n\r\nhalf",
    ],
)
async def test_slow_and_endless_connections_are_closed(tmp_path: Path, said: bytes) -> None:
    """Silence, half a message and too much of one end the connection, and no other."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, idle_s=0.2, message_s=0.2) as door:
            assert door.address is not None
            reader, writer = await asyncio.open_connection(*door.address)
            writer.write(said)
            async with asyncio.timeout(20):
                assert await ended(reader)
            writer.close()


async def test_connections_are_bounded(tmp_path: Path) -> None:
    """One more than the most is closed at once."""
    with open_node(settings(tmp_path)) as node:
        async with serving(node, most_connections=1) as door:
            assert door.address is not None
            first, held = await asyncio.open_connection(*door.address)
            held.write(request("OPTIONS").replace(b"UDP", b"TCP"))
            await one(first)
            second, refused = await asyncio.open_connection(*door.address)
            async with asyncio.timeout(20):
                assert await ended(second)
            held.close()
            refused.close()


async def ended(reader: asyncio.StreamReader) -> bool:
    """Wait until a connection ends."""
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True
