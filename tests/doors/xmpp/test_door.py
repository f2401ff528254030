"""The component against a server of a few lines: who may report, what is answered, what a lost link costs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.doors.calls.makers import reports
from tests.doors.sip.test_door import full
from tests.makers import Node, open_node, settings
from tocsin.desk.intake import Answer, Item
from tocsin.doors.door import House, Intake
from tocsin.doors.xmpp.door import XmppConfig, XmppDoor
from tocsin.doors.xmpp.report import Blocked, Complaint, write_block
from tocsin.doors.xmpp.xml import Element, Stream
from tocsin.errors import Misconfigured

pytestmark = pytest.mark.anyio
HEADER = (
    b"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='7'>"
)
HANDSHAKE = b"<handshake/>"
BLOCK = write_block([Blocked("romeo@spam.example", Complaint(text="unwanted"))]).write()
DISCO = "<query xmlns='http://jabber.org/protocol/disco#info'/>"


class Server:
    """The server's end of one link: it says what it is told and keeps what it hears."""

    def __init__(self, opening: bytes) -> None:
        self._opening = opening
        self._stream = Stream()
        self._heard: asyncio.Queue[Element] = asyncio.Queue()
        self.writer: asyncio.StreamWriter | None = None
        self.links = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the opening, then listen."""
        self.links += 1
        self._stream, self.writer = Stream(), writer
        writer.write(self._opening)
        while data := await reader.read(4096):
            for stanza in self._stream.feed(data):
                self._heard.put_nowait(stanza)
        writer.close()

    def say(self, text: str) -> None:
        """Send to the component."""
        assert self.writer is not None
        self.writer.write(text.encode())

    async def hear(self) -> Element:
        """Wait for the next stanza of the component."""
        async with asyncio.timeout(20):
            return await self._heard.get()

    async def ask(
        self, payload: str, sender: str = "juliet@example.net/home", kind: str = "set", identity: str = "1"
    ) -> Element:
        """Send a request and wait for its answer."""
        self.say(f"<iq type='{kind}' id='{identity}' from='{sender}' to='spam.example.net'>{payload}</iq>")
        return await self.hear()


def forwarded(reporter: str, payload: str = BLOCK) -> str:
    """Pass a request on as a server does for its user."""
    inner = f"<iq xmlns='jabber:client' type='set' id='a' from='{reporter}'>{payload}</iq>"
    return f"<forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded>"


@asynccontextmanager
async def linked(
    node: Node, opening: bytes = HEADER + HANDSHAKE, parts: House | None = None
) -> AsyncIterator[tuple[Server, "asyncio.Task[None]"]]:
    """Run a component against a server."""
    server = Server(opening)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    config = XmppConfig("spam.example.net", "quay", ("example.net",), port=port, patience_s=5)
    task = asyncio.create_task(XmppDoor("im", config, parts or node.house).run())
    try:
        if opening == HEADER + HANDSHAKE:
            assert (await server.hear()).name == "handshake"
        yield server, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if server.writer is not None:
            server.writer.transport.abort()
        listening.close()
        await asyncio.sleep(0)


async def test_the_secret_is_proven_by_digest(tmp_path: Path) -> None:
    """XEP-0114: SHA-1 of the stream's id and the secret."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node, HEADER) as (server, _task):
            handshake = await server.hear()
    assert handshake.text == "7ec75fe020d2a34f2cfe774f7d38890042985659"  # printf 7quay | sha1sum


async def test_a_result_means_that_the_report_is_durable(tmp_path: Path) -> None:
    """A user of ours reports directly."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node) as (server, _task):
            answer = await server.ask(BLOCK)
            (report,) = reports(node)
        assert report["reporter"] == node.keyring.pseudonym("juliet@example.net", "ZZ")
    assert (answer.get("type"), answer.get("id"), answer.get("to")) == (
        "result",
        "1",
        "juliet@example.net/home",
    )
    assert (report["sender"], report["comment"]) == ("romeo@spam.example", "unwanted")


async def test_a_server_reports_for_its_users(tmp_path: Path) -> None:
    """The same report relayed twice, under one id, counts once."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node) as (server, _task):
            kinds = [
                (await server.ask(forwarded("juliet@example.net"), "example.net")).get("type")
                for _ in range(2)
            ]
        assert (kinds, len(reports(node))) == (["result", "result"], 1)


@pytest.mark.parametrize(
    ("payload", "sender", "condition"),
    [
        (BLOCK, "someone@elsewhere.example/x", "forbidden"),
        (forwarded("juliet@example.net"), "elsewhere.example", "forbidden"),
        (forwarded("victim@elsewhere.example"), "example.net", "bad-request"),
        (forwarded("example.net"), "example.net", "bad-request"),
        (BLOCK, "example.net", "bad-request"),
        (forwarded("juliet@example.net"), "juliet@example.net/x", "bad-request"),
        (forwarded("juliet@example.net", ""), "example.net", "bad-request"),
        ("<block xmlns='urn:xmpp:blocking'/>", "juliet@example.net", "bad-request"),
        ("<query xmlns='jabber:iq:roster'/>", "juliet@example.net", "bad-request"),
        ("", "juliet@example.net", "service-unavailable"),
    ],
)
async def test_what_is_refused(tmp_path: Path, payload: str, sender: str, condition: str) -> None:
    """Strangers, forged reporters, and what isn't a report; nothing of it is in the ledger."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node) as (server, _task):
            answer = await server.ask(payload, sender)
        assert reports(node) == []
    assert answer.get("type") == "error"
    assert answer.children[0].children[0].name == condition


async def test_a_full_desk_says_wait(tmp_path: Path) -> None:
    """`resource-constraint`, of type `wait`, which the relay understands."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node, parts=full(node.house)) as (server, _task):
            answer = await server.ask(BLOCK)
    error = answer.children[0]
    assert (error.get("type"), error.children[0].name) == ("wait", "resource-constraint")


async def test_routine_questions_are_answered(tmp_path: Path) -> None:
    """Discovery names reporting; a ping gets a result; presence and messages get nothing."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node) as (server, _task):
            server.say("<presence/><message><body>x</body></message><iq type='result' id='9'/> ")
            pong = await server.ask("<ping xmlns='urn:xmpp:ping'/>", kind="get")
            disco = await server.ask(DISCO, kind="get")
            other = await server.ask("<time xmlns='urn:xmpp:time'/>", kind="get")
    assert pong.get("type") == "result"
    assert "urn:xmpp:reporting:1" in {each.get("var") for each in disco.children[0].children}
    assert other.children[0].children[0].name == "service-unavailable"


@pytest.mark.parametrize(
    "said",
    [
        b"<!DOCTYPE s [<!ENTITY a 'b'>]>",
        HEADER + b"</wrong>",
        HEADER + b"<stream:error><host-unknown xmlns='x'/></stream:error>",
        HEADER + b"<other/>",
        HEADER + b"</stream:stream>",
        HEADER + HANDSHAKE + b"<iq><!-- --></iq>",
        HEADER + HANDSHAKE + b"</stream:stream>",
        HEADER + HANDSHAKE + b"<iq>" + b"x" * 300_000,
    ],
)
async def test_a_server_that_breaks_the_stream_is_tried_again(tmp_path: Path, said: bytes) -> None:
    """The door ends by an error of the link, which the frame answers by opening it again."""
    with open_node(settings(tmp_path)) as node:
        async with linked(node, said + b" ") as (_server, task):
            async with asyncio.timeout(20):
                await asyncio.wait([task])
            assert isinstance(task.exception(), ConnectionError)


async def test_a_wrong_secret_is_said_and_not_tried_again(tmp_path: Path) -> None:
    """Nothing but the operator can mend it."""
    refused = (
        HEADER + b"<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    )
    with open_node(settings(tmp_path)) as node:
        async with linked(node, refused) as (_server, task):
            async with asyncio.timeout(20):
                await asyncio.wait([task])
            assert isinstance(task.exception(), Misconfigured)


async def test_a_server_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    """Half-open: connected, then silence."""
    held: list[asyncio.StreamWriter] = []
    with open_node(settings(tmp_path)) as node:
        listening = await asyncio.start_server(lambda _, writer: held.append(writer), "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        silent = XmppConfig("spam.example.net", "quay", ("example.net",), port=port, patience_s=0.1)
        with pytest.raises(TimeoutError):
            await XmppDoor("im", silent, node.house).run()
        for writer in held:
            writer.transport.abort()
        listening.close()
        await asyncio.sleep(0)


class Slow:
    """An intake that waits for leave before it takes."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.asked, self.leave = asyncio.Event(), asyncio.Event()

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Take, once there is leave."""
        self.asked.set()
        await self.leave.wait()
        return await self._intake.submit(items)

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Name a sender."""
        return await self._intake.name_sender(ticket, sender)


async def test_a_closing_door_answers_what_it_took(tmp_path: Path) -> None:
    """Cancelled between the report and its answer, it still answers, then ends the stream."""
    with open_node(settings(tmp_path)) as node:
        parts = node.house
        slow = Slow(parts.intake)
        async with linked(node, parts=replace(parts, intake=slow)) as (server, task):
            server.say(f"<iq type='set' id='1' from='juliet@example.net'>{BLOCK}</iq>")
            await slow.asked.wait()
            task.cancel()
            slow.leave.set()
            answer = await server.hear()
            await asyncio.gather(task, return_exceptions=True)
        assert answer.get("type") == "result"
        assert len(reports(node)) == 1


@pytest.mark.parametrize(("name", "domains"), [("", ("example.net",)), ("spam.example.net", ())])
async def test_a_table_that_cannot_work_is_named(tmp_path: Path, name: str, domains: tuple[str, ...]) -> None:
    """Empty means nobody."""
    with open_node(settings(tmp_path)) as node, pytest.raises(Misconfigured):
        XmppDoor("im", XmppConfig(name, "quay", domains), node.house)
