"""The mail door: an SMTP or LMTP server for reports, 250 only when they are durable (R4, R23)."""

import asyncio
import ssl
from typing import Literal

import structlog
from msgspec import Struct

from tocsin.doors.door import Door, House, Kind
from tocsin.doors.mail.mailer import Mailer, Relay
from tocsin.doors.mail.mime import Limits
from tocsin.doors.mail.replies import Replier, ReplyConfig
from tocsin.doors.mail.reports import Mailbox
from tocsin.doors.mail.smtp import Budget, LmtpSession, Session, Terms
from tocsin.doors.mail.taking import Taker
from tocsin.errors import STATUS, Busy, Misconfigured, Rejected
from tocsin.records import Channel

LOOPED = "554 5.4.6"
"""SMTP's words for a mail that goes in circles (RFC 3463)."""
_LONGEST_FAREWELL_S = 20.0
_log = structlog.get_logger(__name__)


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """A mail door's table.

    Args:
        mailboxes: what mail to each of our addresses means; `@domain` stands for all of a domain's.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        protocol: `smtp` or `lmtp`.
        hostname: our name in the greeting.
        certificate: PEM file of the certificate and its chain; empty for no TLS.
        key: PEM file of its key.
        require_tls: whether mail comes by TLS only.
        size: bytes of a mail.
        recipients: of a mail.
        links: at once.
        memory: bytes of all mails that are being received.
        timeout_s: seconds from one command to the next, DATA's whole mail included.
        reply: how reporters are thanked; none are without it.
    """

    mailboxes: dict[str, Mailbox]
    host: str = "127.0.0.1"
    port: int = 2525
    protocol: Literal["smtp", "lmtp"] = "smtp"
    hostname: str = "tocsin.invalid"
    certificate: str = ""
    key: str = ""
    require_tls: bool = False
    size: int = 10_000_000
    recipients: int = 50
    links: int = 100
    memory: int = 200_000_000
    timeout_s: float = 60.0
    reply: ReplyConfig | None = None


class MailDoor(Door):
    """An SMTP or LMTP server.

    Args:
        name: the door's.
        config: its table.
        house: the node.
        mailer: sends the thanks; by default the configured relay.
    """

    def __init__(self, name: str, config: Config, house: House, mailer: Mailer | None = None) -> None:
        super().__init__(name)
        self._config = config
        self._taker = taker(name, config, house, mailer)
        self._tls = tls(config)
        self.port = config.port
        self.opened = asyncio.Event()

    async def run(self) -> None:
        """Listen until cancelled; mails that are with the desk then are answered still."""
        config, loop = self._config, asyncio.get_running_loop()
        terms = Terms(
            hostname=config.hostname,
            known=lambda recipient: self._taker.mailbox(recipient) is not None,
            take=self._take,
            size=config.size,
            recipients=config.recipients,
            links=config.links,
            timeout_s=config.timeout_s,
            tls=self._tls,
            require_tls=config.require_tls,
            lmtp=config.protocol == "lmtp",
            budget=Budget(config.memory),
        )
        terms.idle.set()
        session = LmtpSession if terms.lmtp else Session
        server = await loop.create_server(lambda: session(terms, loop), config.host, config.port)
        self.port = server.sockets[0].getsockname()[1]
        self.opened.set()
        try:
            await server.serve_forever()
        finally:
            server.close()
            await _farewell(terms)
            if self._taker.replier:
                await self._taker.replier.finish()

    async def _take(self, raw: bytes, mail_from: str, recipients: list[str]) -> str:
        """Take a mail and say what became of it, in SMTP's words."""
        mailbox = self._taker.mailbox(recipients[0]) or Mailbox()
        try:
            receipts = await self._taker.take(raw, mail_from, mailbox)
        except Busy as busy:
            return f"{STATUS[busy.kind].smtp} {busy.detail}, try again later"
        except Rejected as refusal:
            status = LOOPED if refusal.code == "mail.loop" else STATUS[refusal.kind].smtp
            return f"{status} {refusal.detail} ({refusal.code})"
        more = f" and {len(receipts) - 1} more" if len(receipts) > 1 else ""
        return f"250 2.0.0 Taken as {receipts[0].ticket}{more}"


async def _farewell(terms: Terms) -> None:
    try:
        await asyncio.wait_for(terms.idle.wait(), _LONGEST_FAREWELL_S)
    except TimeoutError:
        _log.warning("mail.left_unanswered", links=terms.taking)
    for session in list(terms.sessions):
        await session.leave()


def taker(name: str, config: Config, house: House, mailer: Mailer | None) -> Taker:
    """Make what takes the mails of a door.

    Raises:
        Misconfigured: an address or a channel can't be one.
    """
    for address, mailbox in config.mailboxes.items():
        if "@" not in address or address != address.lower():
            raise Misconfigured(f"door {name!r}: {address!r} is no address in lower case, nor an @domain")
        if mailbox.channel not in set(Channel):
            raise Misconfigured(f"door {name!r}: no channel is called {mailbox.channel!r}")
    if not config.mailboxes:
        raise Misconfigured(f"door {name!r}: without mailboxes no mail can come in")
    replier = Replier(config.reply, mailer or Relay(config.reply.relay)) if config.reply else None
    return Taker(name, house, config.mailboxes, Limits(size=config.size), replier)


def tls(config: Config) -> ssl.SSLContext | None:
    """Make the server's side of TLS.

    Raises:
        Misconfigured: the certificate can't be read, or is needed and not named.
    """
    if not config.certificate:
        if config.require_tls:
            raise Misconfigured("require_tls needs a certificate")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(config.certificate, config.key or None)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"the certificate can't be used: {type(error).__name__}") from error
    return context


KIND = Kind(Config, MailDoor)
