"""UDP and TCP under the SIP server (RFC 3261, section 18), bounded against slow and silent peers."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from tocsin.doors.sip.config import SipConfig
from tocsin.doors.sip.link import Link
from tocsin.doors.sip.message import LONGEST
from tocsin.doors.sip.server import Server

_CONTENT_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,6})[ \t]*\r?$")


class Datagrams(asyncio.DatagramProtocol):
    """Hands each datagram to the server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way out."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a datagram."""
        host, port = addr[:2]
        self._server.receive(data, Link(host, port, reliable=False, send=self._sender(host)))

    def _sender(self, host: str) -> Callable[[bytes, int], None]:
        def send(data: bytes, port: int) -> None:
            if self._transport is not None and not self._transport.is_closing() and port > 0:
                self._transport.sendto(data, (host, port))

        return send


class Streams:
    """Reads messages from TCP connections of trusted peers.

    Args:
        server: understands them.
        config: the bounds.
    """

    def __init__(self, server: Server, config: SipConfig) -> None:
        self._server = server
        self._config = config
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends, falls silent or says something that isn't SIP."""
        host, port = writer.get_extra_info("peername")[:2]
        if not self._server.trusts(host) or len(self._open) >= self._config.most_connections:
            writer.transport.abort()
            return
        self._open.add(writer)

        def send(data: bytes, _port: int) -> None:
            if not writer.is_closing():
                writer.write(data)

        try:
            while data := await self._message(reader):
                self._server.receive(data, Link(host, port, reliable=True, send=send))
                async with asyncio.timeout(self._config.message_s):
                    await writer.drain()  # a peer that does not read is not answered for ever
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # whatever the peer did, its connection ends and nothing else
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    def close(self) -> None:
        """End every connection."""
        for writer in list(self._open):
            writer.close()

    async def _message(self, reader: asyncio.StreamReader) -> bytes:
        """Read one message (RFC 3261, section 18.3); empty at the end of the connection."""
        first = b"\r"
        while first in {b"\r", b"\n"}:  # keep-alive and stray line ends between messages
            async with asyncio.timeout(self._config.idle_s):
                first = await reader.read(1)
        if not first:
            return b""
        async with asyncio.timeout(self._config.message_s):
            head = first + await reader.readuntil(b"\r\n\r\n")
            found = _CONTENT_LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(head) + length > LONGEST:
                raise ValueError("too long")
            return head + await reader.readexactly(length)


@asynccontextmanager
async def listening(server: Server, config: SipConfig, host: str, port: int) -> AsyncIterator[None]:
    """Listen until left.

    Raises:
        OSError: the address is taken.
    """
    loop = asyncio.get_running_loop()
    streams = Streams(server, config)
    datagrams: asyncio.DatagramTransport | None = None
    tcp: asyncio.Server | None = None
    try:
        if "udp" in config.transports:
            datagrams, _ = await loop.create_datagram_endpoint(
                lambda: Datagrams(server), local_addr=(host, port)
            )
        if "tcp" in config.transports:
            tcp = await asyncio.start_server(streams.serve, host, port, limit=LONGEST)
        yield
    finally:
        if tcp is not None:
            tcp.close()
            streams.close()
        if datagrams is not None:
            datagrams.close()
        await asyncio.sleep(0)  # asyncio closes a transport at its next turn
