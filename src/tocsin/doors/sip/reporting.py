"""From calls to reports: the last call to whoever dialled the reporting number, and unwanted calls.

ITU-T X.1246 and X.1247 Amd.1: the recipient of a spam call calls the anti-spam number right after it.
RFC 8197: 607 says that the person called did not want the call. RFC 8688: 608 says that an analysis refused
it for them.
"""

import asyncio
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

import structlog

from tocsin.doors.calls.door import WITHHELD
from tocsin.doors.calls.records import Call, CallRecords, Window, number
from tocsin.doors.door import House
from tocsin.doors.sip.config import SipConfig
from tocsin.doors.sip.message import Request, Response
from tocsin.doors.sip.replies import Reply, later
from tocsin.doors.sip.values import caller, read_address, split, user
from tocsin.errors import STATUS, Busy, Malformed, Rejected
from tocsin.records import SECOND, CallFacts, Envelope, Source, Submission, moment

UNWANTED, REJECTED = 607, 608
_LOOK_AGAIN_S = 1.0
_log = structlog.get_logger(__name__)


class Refusal(NamedTuple):
    """A call that was refused: by whom it was made, for whom, and why.

    Args:
        calling: the From or To value of the caller.
        called: that of the one called.
        cause: 607 or 608.
        answered: whether the call had been answered.
        call_id: the call's Call-ID.
    """

    calling: str
    called: str
    cause: int
    answered: bool
    call_id: str


@dataclass(frozen=True, slots=True)
class Reporting:
    """Makes reports and hands them in.

    Args:
        door: the door's name.
        config: its table.
        house: the node.
        records: the operator's call records.
        country: ISO 3166-1 alpha-2 by which national numbers are read.
    """

    door: str
    config: SipConfig
    house: House
    records: CallRecords
    country: str

    def is_reporting_number(self, uri: str) -> bool:
        """Say whether a URI is one of the numbers that people call to report."""
        dialled = user(uri)
        return bool(dialled) and (
            dialled in self.config.numbers or number(dialled, self.country) in self.config.numbers
        )

    async def call(self, request: Request) -> Reply:
        """Take a call to the reporting number.

        Returns:
            the configured answer once the report is durable, or why there is none.
        """
        reporter = self._identity(request)
        if not reporter:
            return Reply(433)
        try:
            call = await self._last_call(reporter)
            if call is None:
                return Reply(self.config.answer_without_call)
            await self._submit(self._from_call(call, reporter), Source.CONSUMER_REPORT)
        except Busy as busy:
            return later(busy.retry_after)
        except Rejected as refusal:
            return refused(refusal)
        moved = self.config.thanks and self.config.answer // 100 == 3  # noqa: PLR2004 - a redirection
        return Reply(self.config.answer, (("Contact", f"<{self.config.thanks}>"),) if moved else ())

    async def refusal(self, refusal: Refusal) -> Reply:
        """Take the news that a call was refused; 200 once it is durable."""
        try:
            calling = read_address(refusal.calling).uri
            called = read_address(refusal.called).uri
            sender, person = caller(calling, self.country), caller(called, self.country)
            source = Source.CONSUMER_REPORT if refusal.cause == UNWANTED else Source.FILTER_DECISION
            await self._submit(self._from_refusal(refusal, sender, person), source)
        except Busy as busy:
            return later(busy.retry_after)
        except Rejected as error:
            return refused(error)
        return Reply(200)

    async def _last_call(self, reporter: str) -> Call | None:
        """Look until the record is there: switches write it some seconds after the call."""
        for look in range(1 + int(self.config.patience_s / _LOOK_AGAIN_S)):
            if look:
                await asyncio.sleep(_LOOK_AGAIN_S)
            now = self.house.clock.now()
            window = Window(now - self.config.window_s * SECOND, now)
            if call := await self.records.last_to(reporter, window):
                return call
        return None

    async def _submit(self, submission: Submission, source: Source) -> None:
        (answer,) = await self.house.intake.submit([(submission, Envelope(self.door, source=source))])
        if isinstance(answer, Rejected):
            _log.info("sip.refused", door=self.door, code=answer.code)
            raise answer

    def _identity(self, request: Request) -> str:
        """Return the caller's number, as the trusted peer asserts it (RFC 3325) or as From says."""
        asserted = [v for line in request.headers.all("p-asserted-identity") for v in split(line, ",")]
        for value in asserted or [request.headers.first("from")]:
            try:
                found = number(user(read_address(value).uri), self.country)
            except Malformed:
                continue
            if found.startswith("+"):
                return found
        return ""

    def _from_call(self, call: Call, reporter: str) -> Submission:
        return Submission(
            channel=self.config.channel.value,
            sender=call.calling,
            subject="" if call.calling else WITHHELD,
            sent_at=moment(call.began),
            reporter=reporter,
            jurisdiction=self.country,
            message_id=self._message_id("call", reporter, str(call.began)),
            route=call.route,
            call=call.facts,
        )

    def _from_refusal(self, refusal: Refusal, sender: str, person: str) -> Submission:
        is_own_word = refusal.cause == UNWANTED
        return Submission(
            channel=self.config.channel.value,
            sender=sender,
            subject="" if sender else WITHHELD,
            reporter=person if is_own_word else "",
            recipient="" if is_own_word else person,
            jurisdiction=self.country,
            message_id=self._message_id("refusal", str(refusal.cause), refusal.call_id),
            call=CallFacts(answered=refusal.answered),
        )

    def _message_id(self, *parts: str) -> str:
        # Keyed: a plain digest of a number and a time would be reversed by counting.
        digest = blake2b("|".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
        keyed = self.house.keyring.pseudonym(digest, "ZZ")
        return f"{parts[0]}:{keyed.hex() if keyed else ''}"


def refused(refusal: Rejected) -> Reply:
    """Say why something can't be taken (RFC 3261, section 20.43)."""
    return Reply(STATUS[refusal.kind].sip, (("Warning", f'399 tocsin "{refusal.code}"'),))


def refusal_in(message: Response, causes: tuple[int, ...] = (UNWANTED, REJECTED)) -> Refusal | None:
    """Read a relayed response; None when it doesn't refuse a call as unwanted."""
    if message.status not in causes:
        return None
    headers = message.headers
    parties = headers.first("from"), headers.first("to")
    return Refusal(*parties, message.status, answered=False, call_id=headers.first("call-id"))
