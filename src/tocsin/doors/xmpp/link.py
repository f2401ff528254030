"""The link to an XMPP server as one of its components (XEP-0114)."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator
from hashlib import sha1
from xml.sax.saxutils import quoteattr

from tocsin.doors.xmpp.xml import Element, Stream
from tocsin.errors import Malformed, Misconfigured

COMPONENT = "jabber:component:accept"
STREAMS = "http://etherx.jabber.org/streams"
_CHUNK = 16_384
_KEEP_ALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 60_000))


class Link:
    """A component's stream, open.

    Args:
        reader: from the server.
        writer: to the server.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._stream = Stream()
        self._waiting: deque[Element] = deque()

    async def open(self, name: str, secret: str) -> None:
        """Open the stream and prove who we are.

        Args:
            name: the component's domain.
            secret: shared with the server.

        Raises:
            ConnectionError: the server doesn't answer so.
            Misconfigured: it doesn't know us, or not by this secret.
        """
        opening = f"<stream:stream xmlns='{COMPONENT}' xmlns:stream='{STREAMS}' to={quoteattr(name)}>"
        await self.send(f"<?xml version='1.0'?>{opening}")
        while self._stream.root is None:
            if not await self._read():
                raise ConnectionError("the XMPP server closed the link")
        stream_id = self._stream.root.get("id")
        # SHA-1 is what XEP-0114 prescribes.
        proof = sha1(f"{stream_id}{secret}".encode(), usedforsecurity=False).hexdigest()
        await self.send(f"<handshake>{proof}</handshake>")
        answer = await self._next()
        if answer is None or answer.namespace == STREAMS:
            condition = answer.children[0].name if answer and answer.children else "closed"
            if condition == "not-authorized":
                raise Misconfigured("the XMPP server refuses this component's secret")
            raise ConnectionError(f"the XMPP server ended the stream: {condition}")
        if answer.name != "handshake":
            raise ConnectionError("the XMPP server did not answer the handshake")

    async def stanzas(self) -> AsyncIterator[Element]:
        """Give each stanza until the stream or the link ends.

        Raises:
            ConnectionError: the link broke, or what came can't be read.
        """
        while stanza := await self._next():
            yield stanza

    async def send(self, text: str) -> None:
        """Send, and wait while the server is slow to read.

        Raises:
            ConnectionError: the link broke.
        """
        self._writer.write(text.encode())
        await self._writer.drain()

    async def close(self) -> None:
        """End the stream politely, and the link in any case."""
        try:
            async with asyncio.timeout(2):
                await self.send("</stream:stream>")
        except (OSError, TimeoutError):
            pass  # it is gone already
        finally:
            self._writer.transport.abort()

    async def _next(self) -> Element | None:
        while not self._waiting:
            if self._stream.ended or not await self._read():
                return None
        return self._waiting.popleft()

    async def _read(self) -> bool:
        """Read what has come; False at the end of the link."""
        data = await self._reader.read(_CHUNK)
        try:
            self._waiting += self._stream.feed(data)
        except Malformed as error:
            raise ConnectionError(f"the XMPP server sent what is not read: {error.code}") from error
        return bool(data)


async def connect(host: str, port: int, name: str, secret: str, patience_s: float) -> Link:
    """Connect to a server and open the stream.

    Raises:
        OSError: it can't be had now.
        Misconfigured: it refuses us.
    """
    async with asyncio.timeout(patience_s):
        reader, writer = await asyncio.open_connection(host, port, limit=_CHUNK)
        link = Link(reader, writer)
        try:
            _notice_silence(writer.get_extra_info("socket"))
            await link.open(name, secret)
        except BaseException:
            writer.transport.abort()
            raise
        return link


def _notice_silence(connection: socket.socket) -> None:
    """Have the system notice a peer that is gone without a word, where it can."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEP_ALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
