"""The user agent server (RFC 3261, section 8.2): what comes in, and what it means here."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from tocsin.doors.sip.dialogs import Dialogs
from tocsin.doors.sip.link import Link, Trusted
from tocsin.doors.sip.message import Request, Response, read_message
from tocsin.doors.sip.replies import ALLOW, Reply, later, response, tag_of, without_media
from tocsin.doors.sip.reporting import REJECTED, UNWANTED, Refusal, Reporting, refusal_in
from tocsin.doors.sip.strangers import Strangers
from tocsin.doors.sip.transactions import LIFE, Transaction, Transactions, repeat
from tocsin.doors.sip.values import causes, read_address, read_sequence, read_via, split
from tocsin.errors import Busy, Malformed

MOST_REFUSALS = 1000
"""Relayed refusals being written at once; SIP lets nobody answer a response, so that more are dropped."""
_NEEDED = ("via", "from", "to", "call-id", "cseq")
_log = structlog.get_logger(__name__)


class Server:
    """Understands messages and answers them.

    Args:
        reporting: makes the reports.
        advertise: this door's address as peers know it.
    """

    def __init__(self, reporting: Reporting, advertise: str) -> None:
        config, self._clock = reporting.config, asyncio.get_running_loop().time
        self._reporting = reporting
        self._config = config
        self._advertise = advertise
        self._trusted = Trusted(config.trusted)
        self._strangers = Strangers(self._clock)
        self._transactions = Transactions(config.most_transactions, LIFE * config.t1_s, self._clock)
        self._chance = reporting.house.chance
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._closing = False
        self.dialogs = Dialogs(self._chance, advertise, config.t1_s)

    def trusts(self, host: str) -> bool:
        """Say whether a peer is listened to."""
        return host in self._trusted

    def receive(self, data: bytes, link: Link) -> None:
        """Take one message. Whatever it is, nothing is raised."""
        if link.host not in self._trusted:
            self._strangers.receive(data, link)
            return
        if not data.strip(b"\r\n\0"):
            return  # keep-alive (RFC 5626, section 4.4)
        try:
            message = read_message(data)
            _check(message)
            if isinstance(message, Response):
                self._take_response(message)
            else:
                self._take_request(message, link)
        except Malformed as error:
            self._refuse(data, link, error)

    async def close(self) -> None:
        """Take nothing more, answer what was taken, hang up what is up, within a few seconds."""
        self._closing = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=min(5.0, LIFE * self._config.t1_s))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take_request(self, request: Request, link: Link) -> None:
        if request.method == "ACK":
            self._acknowledge(request)
            return
        if known := self._transactions.find(request):
            known.again()
            return
        transaction = self._open(request, link)
        if transaction is None:
            return
        match request.method:
            case "INVITE":
                self._invite(transaction)
            case "BYE" | "CANCEL" if refusal := self._refusal(request):
                self._start(transaction, self._refused(transaction, refusal))
            case "BYE":
                self._answer(transaction, Reply(200 if self.dialogs.end(request) else 481))
            case "CANCEL":
                self._cancel(transaction)
            case "OPTIONS":
                self._answer(transaction, Reply(200, (("Allow", ALLOW), ("Accept", "application/sdp"))))
            case _:
                self._answer(transaction, Reply(405, (("Allow", ALLOW),)))

    def _open(self, request: Request, link: Link) -> Transaction | None:
        """Begin a transaction, or say "later" without one."""
        seconds = 5
        try:
            if not self._closing:
                return self._transactions.open(request, link)
        except Busy as busy:
            seconds = busy.retry_after
        self._answer(Transaction(request, link), later(seconds))
        return None

    def _acknowledge(self, request: Request) -> None:
        if invite := self._transactions.find(request, "INVITE"):
            invite.acknowledged.set()
        self.dialogs.acknowledge(request)

    def _invite(self, invite: Transaction) -> None:
        request = invite.request
        if tag_of(request.headers.first("to")):
            self._end(invite, Reply(488 if self.dialogs.knows(request) else 481))
        elif required := request.headers.first("require"):
            self._end(invite, Reply(420, (("Unsupported", required),)))
        elif not self._reporting.is_reporting_number(request.uri):
            self._end(invite, Reply(404))
        elif self._under_way >= self._config.most_calls:
            self._end(invite, later(2))
        elif not _has_contact(request):
            self._end(invite, Reply(400))
        else:
            self._answer(invite, Reply(100))
            self._start(invite, self._report(invite))

    async def _report(self, invite: Transaction) -> None:
        self._under_way += 1
        try:
            reply = await self._reporting.call(invite.request)
        except asyncio.CancelledError:
            if self._closing and not invite.final:
                self._answer(invite, later(5))
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the caller must hear of it
            _log.exception("sip.failed", door=self._reporting.door)
            reply = Reply(500)
        finally:
            self._under_way -= 1
        if reply.status == 200:  # noqa: PLR2004 - OK
            await self._hold(invite, reply)
        else:
            self._end(invite, reply)

    async def _hold(self, invite: Transaction, reply: Reply) -> None:
        request = invite.request
        tag = self._tag()
        transport = ";transport=tcp" if invite.link.reliable else ""
        headers = [("Record-Route", line) for line in request.headers.all("record-route")]
        headers += [("Contact", f"<sip:{self._advertise}{transport}>"), ("Allow", ALLOW)]
        headers.append(("Content-Type", "application/sdp"))
        body = without_media(request.body, self._advertise.rpartition(":")[0].strip("[]"))
        self._answer(invite, Reply(200, (*reply.headers, *headers), body), tag, send=False)
        await self.dialogs.hold(invite, tag)

    def _cancel(self, cancel: Transaction) -> None:
        invite = self._transactions.find(cancel.request, "INVITE")
        self._answer(cancel, Reply(200 if invite else 481))
        if invite and not invite.final and invite.task:
            invite.task.cancel()
            self._end(invite, Reply(487))

    def _end(self, invite: Transaction, reply: Reply) -> None:
        """Refuse an INVITE, again and again until it is acknowledged (RFC 3261, section 17.2.1)."""
        if invite.final:
            return
        self._answer(invite, reply, send=invite.link.reliable)
        if not invite.link.reliable:
            self._start(invite, self._until_acknowledged(invite))

    async def _until_acknowledged(self, invite: Transaction) -> None:
        await repeat(invite.again, invite.acknowledged, self._config.t1_s)

    def _refusal(self, request: Request) -> Refusal | None:
        """Read a BYE or CANCEL that says why (RFC 3326); in a BYE the person called is the one who sends."""
        found = [c for c in causes(request.headers.all("reason")) if c in {UNWANTED, REJECTED}]
        if not found or self.dialogs.knows(request):
            return None
        origin, target = request.headers.first("from"), request.headers.first("to")
        is_bye = request.method == "BYE"
        parties = (target, origin) if is_bye else (origin, target)
        return Refusal(*parties, found[0], answered=is_bye, call_id=request.headers.first("call-id"))

    async def _refused(self, transaction: Transaction, refusal: Refusal) -> None:
        self._answer(transaction, await self._reporting.refusal(refusal))

    def _take_response(self, message: Response) -> None:
        sequence = read_sequence(message.headers.first("cseq"))
        if sequence.method == "BYE":
            via = read_via(message.headers.first("via"))
            self.dialogs.answered(via.params.get("branch", ""), message.status)
        elif sequence.method == "INVITE" and (refusal := refusal_in(message)):
            if self._closing or len(self._tasks) >= MOST_REFUSALS:
                _log.warning("sip.refusal_dropped", door=self._reporting.door)
                return
            self._keep(asyncio.create_task(self._relayed(refusal)))

    async def _relayed(self, refusal: Refusal) -> None:
        """Write a refusal that nobody waits for an answer to; a full desk is asked a few times."""
        for _ in range(5):
            reply = await self._reporting.refusal(refusal)
            if reply.status != 503:  # noqa: PLR2004 - later
                return
            await asyncio.sleep(int(dict(reply.headers)["Retry-After"]))
        _log.warning("sip.refusal_dropped", door=self._reporting.door)

    def _answer(self, transaction: Transaction, reply: Reply, tag: str = "", *, send: bool = True) -> None:
        if reply.status >= 200:  # noqa: PLR2004 - a final one
            transaction.final = reply.status
        link, via = transaction.link, transaction.via
        received = f";received={link.host}" if via.host.strip("[]") != link.host else ""
        received += f";rport={link.port}" if "rport" in via.params else ""
        data = response(transaction.request, reply, tag or self._tag(), received).write()
        transaction.send(data, at_once=send)

    def _refuse(self, data: bytes, link: Link, error: Malformed) -> None:
        """Answer 400 where a way back can be read; drop the rest."""
        try:
            request = read_message(data)
            complete = all(request.headers.first(name) for name in _NEEDED)
            if isinstance(request, Request) and request.method != "ACK" and complete:
                warning = ("Warning", f'399 tocsin "{error.code}"')
                self._answer(Transaction(request, link), Reply(400, (warning,)))
        except Malformed:
            _log.debug("sip.garbage", door=self._reporting.door, code=error.code)

    def _tag(self) -> str:
        return f"{self._chance.bits(64):016x}"

    def _start(self, transaction: Transaction, work: Coroutine[Any, Any, None]) -> None:
        transaction.task = self._keep(asyncio.create_task(work))

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _has_contact(request: Request) -> bool:
    """Say whether a BYE could name whom it is for."""
    contact = next(split(request.headers.first("contact"), ","))
    try:
        read_address(contact or request.headers.first("from"))
    except Malformed:
        return False
    return True


def _check(message: Request | Response) -> None:
    """Refuse a message that lacks what every message has (RFC 3261, section 8.1.1)."""
    for name in _NEEDED:
        if not message.headers.first(name):
            raise Malformed("sip.missing", name, "every SIP message has it")
    sequence = read_sequence(message.headers.first("cseq"))
    for name in ("from", "to"):
        read_address(message.headers.first(name))
    if isinstance(message, Request) and sequence.method != message.method:
        raise Malformed("sip.cseq", "cseq", "not this request's method")
