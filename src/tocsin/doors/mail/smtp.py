"""SMTP and LMTP sessions (RFC 5321, RFC 2033, RFC 3207), over `aiosmtpd`, which knows the commands.

What is our own: the reading of DATA, since aiosmtpd's keeps an endless line in memory and splits each mail
into lines; TLS by the loop's own call; one answer for each recipient in LMTP; and no logging of addresses.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, syntax

logging.getLogger("mail.log").disabled = True  # it names everyone who reports

_END = b"\r\n.\r\n"
_CHUNK = 1 << 30
_COMMANDS = {"NOOP": 100, "RSET": 1000, "VRFY": 20, "HELP": 20, "STARTTLS": 2, "*": 20_000}
"""How often one link may give a command, so that none is held for ever."""

Taken = Callable[[bytes, str, list[str]], Awaitable[str]]
"""Takes a mail, its envelope's sender and recipients; returns the answer's line."""


@dataclass(slots=True)
class Budget:
    """Bytes of all mails that are being received: many slow links together must not fill the memory.

    Args:
        most: bytes.
    """

    most: int
    used: int = 0


@dataclass(slots=True)
class Terms:
    """What the sessions of one door share.

    Args:
        hostname: our name in the greeting.
        known: says whether a recipient is one of ours.
        take: takes a mail.
        size: bytes of a mail.
        recipients: of a mail.
        links: at once.
        timeout_s: seconds from one command to the next, DATA's whole mail included.
        tls: for STARTTLS; None for none.
        require_tls: whether mail comes by TLS only.
        lmtp: whether LMTP is spoken.
        budget: of memory.
        sessions: the links that are open.
        taking: links that wait for the desk.
        idle: set while none does.
    """

    hostname: str
    known: Callable[[str], bool]
    take: Taken
    size: int
    recipients: int
    links: int
    timeout_s: float
    tls: ssl.SSLContext | None
    require_tls: bool
    lmtp: bool
    budget: Budget
    sessions: set["Session"] = field(default_factory=set)
    taking: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """Note that a mail is with the desk."""
        self.taking += 1
        self.idle.clear()

    def end(self) -> None:
        """Note that a mail has been answered."""
        self.taking -= 1
        if not self.taking:
            self.idle.set()


class Handler:
    """Answers the commands that need a decision of ours.

    Args:
        terms: of the door.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    async def handle_EHLO(  # noqa: N802 - aiosmtpd finds it by this name
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what we can; nobody signs in here."""
        session.host_name = hostname
        said = [line for line in responses[:-1] if not line.startswith("250-AUTH")]
        return [*said, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient that is ours."""
        if not self._terms.known(address):
            return "550 5.1.1 Not an address of this service"
        if len(envelope.rcpt_tos) >= self._terms.recipients:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Say that we failed, and nothing more."""
        logging.getLogger(__name__).error("smtp session failed: %s", type(error).__name__)
        return "451 4.3.0 Local error"


class Session(SMTP):
    """One link.

    Args:
        terms: of the door.
        loop: the running one.
    """

    def __init__(self, terms: Terms, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            Handler(terms),
            hostname=terms.hostname,
            ident="Tocsin",
            data_size_limit=terms.size,
            enable_SMTPUTF8=True,
            tls_context=terms.tls,
            require_starttls=terms.require_tls,
            timeout=terms.timeout_s,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit=_COMMANDS,
            loop=loop,
        )
        self._terms = terms
        self._held = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or turn away at once where too many links are open."""
        if len(self._terms.sessions) >= self._terms.links:
            assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - a server's always is
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()
            return
        self._terms.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """End; what was being received is forgotten, what was handed in stays."""
        if self.session is not None:
            super().connection_lost(error)
        self._terms.sessions.discard(self)

    def eof_received(self) -> bool | None:
        """End where the other side has said its last."""
        return super().eof_received() if self.session is not None else False

    async def leave(self) -> None:
        """Say goodbye."""
        if self.transport is not None:
            self._writer.write(b"421 4.3.2 Shutting down\r\n")
            self._writer.close()

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802
        """Encrypt the link; what was sent in the clear after the command is forgotten (RFC 3207, 4.2)."""
        if arg or self.tls_context is None or self._tls_protocol is not None:
            await self.push("501 5.5.4 STARTTLS stands alone" if arg else "454 4.7.0 TLS not available")
            return
        await self.push("220 2.0.0 Ready to start TLS")
        self._reader._buffer.clear()  # type: ignore[attr-defined]  # noqa: SLF001 - aiosmtpd does so too
        transport = await self.loop.start_tls(
            self._writer.transport,
            self,
            self.tls_context,
            server_side=True,
            ssl_handshake_timeout=min(30, self._timeout_duration),
        )
        if transport is None:
            raise ConnectionResetError
        self.transport = transport
        self._reader._transport = self._writer._transport = transport  # type: ignore[attr-defined]  # noqa: SLF001
        self._over_ssl = True
        self._tls_protocol = transport  # type: ignore[assignment]  # only asked whether there is one
        self._set_rset_state()  # type: ignore[no-untyped-call]  # aiosmtpd's
        self.session = self._create_session()
        self.session.ssl = {}

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        """Receive a mail and answer when it is durable."""
        if await self.check_helo_needed():
            return
        assert self.envelope is not None  # noqa: S101 - set when the link began
        if arg or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA stands alone" if arg else "503 5.5.1 RCPT first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            await self._answer(await self._receive())
        finally:
            self._hold(0)

    async def _answer(self, received: bytes | str) -> None:
        assert self.envelope is not None  # noqa: S101 - set when the link began
        self._terms.begin()
        try:
            answer = received if isinstance(received, str) else await self._take(received)
            times = len(self.envelope.rcpt_tos) if self._terms.lmtp else 1
            self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd's
            await self.push("\r\n".join([answer] * times))
        finally:
            self._terms.end()

    async def _take(self, received: bytes) -> str:
        assert self.envelope is not None  # noqa: S101 - set when the link began
        sender = self.envelope.mail_from or ""
        return await self._terms.take(received, "" if sender == "<>" else sender, self.envelope.rcpt_tos)

    async def _receive(self) -> bytes | str:
        """Read a mail up to its end; returns it, or the answer to one that is too large."""
        data = bytearray(b"\r\n")  # the end may follow at once
        refusal, end = "", -1
        while end < 0:
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                raise ConnectionResetError
            searched = max(0, len(data) - len(_END))
            data += chunk
            end = data.find(_END, searched)
            if len(data) > self._terms.size + len(_END):
                refusal = "552 5.3.4 Mail larger than this service takes"
            elif not self._hold(len(data)):
                refusal = refusal or "451 4.3.1 Too much mail at once"
            if refusal and end < 0:
                del data[: -len(_END)]  # read on to its end, and forget
        self._reader.feed_data(bytes(data[end + len(_END) :]))
        del data[end + 2 :]
        return refusal or bytes(data).replace(b"\r\n..", b"\r\n.")[2:]

    def _hold(self, size: int) -> bool:
        """Count this link's bytes among all links'; returns whether that is within the budget."""
        self._terms.budget.used += size - self._held
        self._held = size
        return self._terms.budget.used <= self._terms.budget.most


class LmtpSession(Session):
    """One link that speaks LMTP: LHLO greets, and each recipient gets an answer of its own."""

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802
        """Greet."""
        await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, _hostname: str) -> None:  # noqa: N802
        """Refuse SMTP's greeting (RFC 2033, section 4.1)."""
        await self.push("500 5.5.1 LMTP begins with LHLO")

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        """Refuse SMTP's greeting."""
        await self.smtp_HELO(hostname)
