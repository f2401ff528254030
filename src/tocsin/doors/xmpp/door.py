"""The XMPP door: a component of the operator's server that answers reports when they are durable."""

import asyncio
from hashlib import blake2b

import structlog
from msgspec import Struct
from msgspec.structs import replace

from tocsin.desk.intake import Item
from tocsin.doors.door import Door, House, Kind, secret
from tocsin.doors.xmpp.link import Link, connect
from tocsin.doors.xmpp.report import bare, read_block, to_submission
from tocsin.doors.xmpp.stanzas import Refused, answer_of, forwarded, refusal_of, routine
from tocsin.doors.xmpp.xml import Element
from tocsin.errors import Busy, Misconfigured, Rejected
from tocsin.records import Envelope

_log = structlog.get_logger(__name__)


class XmppConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """An XMPP door's table.

    Args:
        name: the component's domain, such as `spam.example.net`.
        secret: shared with the server; may be `env:NAME` or `file:PATH`.
        domains: whose servers may relay and whose users may report.
        host: the server.
        port: its port for components.
        jurisdiction: ISO 3166-1 alpha-2 of the reporters; empty takes the node's.
        most: reports being answered at once; the server waits beyond.
        patience_s: seconds for the server to accept the component.
    """

    name: str
    secret: str
    domains: tuple[str, ...]
    host: str = "127.0.0.1"
    port: int = 5347
    jurisdiction: str = ""
    most: int = 100
    patience_s: float = 20.0


class XmppDoor(Door):
    """A component, connected while it runs.

    Args:
        name: the door's name.
        config: its table.
        house: the node.

    Raises:
        Misconfigured: nobody may report, or the secret can't be read.
    """

    def __init__(self, name: str, config: XmppConfig, house: House) -> None:
        super().__init__(name)
        if not config.domains or not config.name:
            raise Misconfigured("an XMPP door needs its own domain, and the domains whose users may report")
        self._config = config
        self._secret = secret(config.secret)
        self._house = house
        self._domains = frozenset(domain.lower() for domain in config.domains)
        self._country = config.jurisdiction or house.settings.jurisdiction
        self.connected = asyncio.Event()
        """Set while the server has accepted the component."""

    async def run(self) -> None:
        """Connect, answer until the link ends or the node does; the frame connects again."""
        config = self._config
        link = await connect(config.host, config.port, config.name, self._secret, config.patience_s)
        tasks: set[asyncio.Task[None]] = set()
        room = asyncio.Semaphore(config.most)
        self.connected.set()
        try:
            async for stanza in link.stanzas():
                if stanza.name == "iq" and stanza.get("type") in {"get", "set"}:
                    await room.acquire()
                    task = asyncio.create_task(self._answer(link, stanza))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                    task.add_done_callback(lambda _: room.release())
            raise ConnectionError("the XMPP server ended the stream")
        finally:
            self.connected.clear()
            if tasks:  # answer what was taken
                await asyncio.wait(tasks, timeout=5)
            await link.close()

    async def _answer(self, link: Link, iq: Element) -> None:
        try:
            answer = routine(iq) or await self._take(iq)
        except Refused as error:
            answer = refusal_of(iq, error.condition, error.detail)
        except Busy as busy:
            answer = refusal_of(iq, "resource-constraint", f"again in {busy.retry_after} s")
        except Rejected as error:
            answer = refusal_of(iq, "bad-request", f"{error.code}: {error.detail}")
        except Exception:  # noqa: BLE001 - whatever it is, the reporter must hear of it
            _log.exception("xmpp.failed", door=self.name)
            answer = refusal_of(iq, "internal-server-error", "")
        try:
            await link.send(answer.write("jabber:component:accept"))
        except OSError:
            _log.info("xmpp.answer_lost", door=self.name)  # it is durable; when it comes again it counts once

    async def _take(self, iq: Element) -> Element:
        """Hand in the reports of one request.

        Raises:
            Refused: the sender may not report.
            Rejected: none of it can be taken.
            Busy: nothing was taken.
        """
        if iq.get("type") != "set" or not iq.children:
            raise Refused("service-unavailable", "")
        reporter, block = self._reporter(iq)
        request = iq.get("id")
        items: list[Item] = []
        for blocked in read_block(block):
            message_id = self._message_id(bare(iq.get("from")), request, blocked.jid)
            limit = self._house.settings.content_limit
            submission = to_submission(blocked, reporter, message_id, limit)
            items.append((replace(submission, jurisdiction=self._country), Envelope(self.name)))
        answers = await self._house.intake.submit(items)
        refusals = [answer for answer in answers if isinstance(answer, Rejected)]
        if len(refusals) == len(answers):
            raise refusals[0]
        return answer_of(iq)

    def _reporter(self, iq: Element) -> tuple[str, Element]:
        """Return who reports, and the block: a user of ours directly, or a server of ours for its user."""
        sender = bare(iq.get("from"))
        local, _, domain = sender.rpartition("@")
        if domain not in self._domains:
            raise Refused("forbidden", "not a domain whose users may report here")
        if local:
            return sender, iq.children[0]
        original = forwarded(iq.children[0])
        reporter = bare(original.get("from"))
        if reporter.rpartition("@")[2] != domain or "@" not in reporter:
            raise Rejected("xmpp.reporter", "forwarded.iq.from", "not a user of the relaying server")
        return reporter, original.children[0]

    def _message_id(self, *parts: str) -> str:
        # Keyed: a plain digest of a JID would be found by trying JIDs.
        digest = blake2b("\0".join(parts).encode()).hexdigest()
        keyed = self._house.keyring.pseudonym(digest, "ZZ")
        return f"block:{keyed.hex() if keyed else ''}"


KIND = Kind(XmppConfig, XmppDoor)
