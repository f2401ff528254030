"""A telephone for tests: it sends what it is told, keeps what it hears, and answers nothing by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import cast

from tests.doors.calls.makers import call, until
from tests.makers import Node
from tocsin.doors.calls.memory import MemoryCalls
from tocsin.doors.calls.records import Call
from tocsin.doors.door import House
from tocsin.doors.sip.config import SipConfig
from tocsin.doors.sip.door import SipDoor
from tocsin.doors.sip.message import Request, Response, read_message
from tocsin.records import SECOND, Instant

REPORTER = "+447700900999"
SPAMMER = "+447700900123"
FAST = 0.02
"""Seconds of T1: 64 of them pass quickly."""


class Phone(asyncio.DatagramProtocol):
    """One end of a UDP conversation with a door."""

    def __init__(self, door: tuple[str, int]) -> None:
        self._door = door
        self._transport: asyncio.DatagramTransport | None = None
        self.heard: list[Request | Response] = []
        self.bytes_heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - asyncio's signature
        """Keep what was heard."""
        self.bytes_heard += len(data)
        self.heard.append(read_message(data))

    def send(self, data: bytes) -> None:
        """Send a datagram to the door."""
        assert self._transport is not None
        self._transport.sendto(data, self._door)

    @property
    def port(self) -> int:
        """Where this telephone is."""
        assert self._transport is not None
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        """Hang up for good."""
        assert self._transport is not None
        self._transport.close()

    def statuses(self, method: str) -> list[int]:
        """Return the statuses heard in answer to a method."""
        return [
            m.status
            for m in self.heard
            if isinstance(m, Response) and m.headers.first("cseq").endswith(method)
        ]

    async def answer(self, method: str = "INVITE", *, final: bool = True) -> Response:
        """Wait for the answer to a method."""
        lowest = 200 if final else 100

        def found() -> Response | None:
            answers = [m for m in self.heard if isinstance(m, Response) and m.status >= lowest]
            return next((m for m in answers if m.headers.first("cseq").endswith(method)), None)

        await until(found)
        answer = found()
        assert answer is not None
        return answer

    async def request(self, method: str) -> Request:
        """Wait for a request of the door."""

        def found() -> Request | None:
            return next((m for m in self.heard if isinstance(m, Request) and m.method == method), None)

        await until(found)
        request = found()
        assert request is not None
        return request


@asynccontextmanager
async def phone(door: SipDoor) -> AsyncIterator[Phone]:
    """Open a telephone to a door."""
    assert door.address is not None
    address = door.address
    _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Phone(address), local_addr=("127.0.0.1", 0)
    )
    try:
        yield protocol
    finally:
        protocol.close()
        await asyncio.sleep(0)  # asyncio closes a transport at its next turn


@asynccontextmanager
async def serving(
    node: Node, calls: Iterable[Call] | None = None, parts: House | None = None, **changes: object
) -> AsyncIterator[SipDoor]:
    """Keep a SIP door open on a free port; by default one spam call came a second ago."""
    if calls is None:
        calls = [call(began=Instant(node.clock.now() - SECOND))]
    values: dict[str, object] = {
        "numbers": ("7726",),
        "trusted": ("127.0.0.1",),
        "port": 0,
        "jurisdiction": "GB",
        "patience_s": 0,
        "t1_s": FAST,
    }
    config = SipConfig(**values | changes)  # type: ignore[arg-type]
    door = SipDoor("voice", config, parts or node.house, MemoryCalls(calls))
    task = asyncio.create_task(door.run())
    try:
        await until(lambda: door.address or task.done())
        yield door
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def request(method: str = "INVITE", **parts: str) -> bytes:
    """Write a request of the reporter's telephone."""
    values = {
        "uri": "sip:7726@127.0.0.1",
        "call": "call-1",
        "branch": f"z9hG4bK-{parts.get('call', 'call-1')}-{method if method != 'CANCEL' else 'INVITE'}",
        "origin": f"<sip:{REPORTER}@ims.example>;tag=phone",
        "to": "<sip:7726@ims.example>",
        "extra": "",
        "cseq": f"1 {method}",
        "body": "",
    } | parts
    return (
        f"{method} {values['uri']} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:5099;rport;branch={values['branch']}\r\n"
        "Max-Forwards: 70\r\n"
        f"From: {values['origin']}\r\n"
        f"To: {values['to']}\r\n"
        f"Call-ID: {values['call']}\r\n"
        f"CSeq: {values['cseq']}\r\n"
        "Contact: <sip:phone@127.0.0.1:5099>\r\n"
        f"{values['extra']}"
        f"Content-Length: {len(values['body'])}\r\n\r\n{values['body']}"
    ).encode()


def ack(answer: Response) -> bytes:
    """Write the ACK of a 200."""
    return request("ACK", to=answer.headers.first("to"), branch="z9hG4bK-ack")


def accept(asked: Request) -> bytes:
    """Write the 200 to a request of the door."""
    lines = [f"{name}: {value}" for name, value in asked.headers if name in _BACK]
    return ("SIP/2.0 200 OK\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


_BACK = {"via", "from", "to", "call-id", "cseq"}
__all__ = ["Callable", "Phone", "accept", "ack", "phone", "request", "serving"]
