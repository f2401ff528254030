"""From deliver_sm to the dialogue and back to deliver_sm_resp: OK only when what it carried is durable.

Whatever arrived while one batch was heard is the next batch, so that a window of messages shares the desk's
transaction. A part of a longer message is acknowledged when it lies on the shelf, the last part when the
whole message is reported.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import structlog
from msgspec import Struct

from tocsin.doors.dialogue.messages import Heard, Incoming
from tocsin.doors.door import House
from tocsin.doors.smpp.delivery_receipts import is_receipt
from tocsin.doors.smpp.headers import Part, take_apart
from tocsin.doors.smpp.identity import Identities, digest
from tocsin.doors.smpp.numbers import INTERNATIONAL, Command, Status
from tocsin.doors.smpp.parts import Parts, PartSet, Place
from tocsin.doors.smpp.pdus import Answer, Pdu, ShortMessage
from tocsin.doors.smpp.session import Session
from tocsin.doors.smpp.shelf import Shelf
from tocsin.doors.smpp.words import decode
from tocsin.errors import STATUS, TocsinError
from tocsin.records import SECOND, Channel, Envelope, Submission

MOST_AT_ONCE = 1000
_log = structlog.get_logger(__name__)


class Dialogue(Protocol):
    """What becomes of messages; `dialogue.conversation.Conversation` is the real one."""

    async def hear(self, batch: Sequence[Incoming]) -> list[Heard]:
        """Take a batch; raises Busy when nothing of it was taken."""
        ...


class Voice(Protocol):
    """Where answers go; `speaking.Speaking` is the real one."""

    def say(self, text: str, to: ShortMessage) -> None:
        """Send words to whoever sent a message, some time."""
        ...


class Terms(NamedTuple):
    """How to hear: the door's name, its jurisdiction, its alphabet, and its patience in seconds."""

    door: str
    jurisdiction: str
    alphabet: str
    parts_s: int
    again_s: int


class _Arrival(NamedTuple):
    session: Session
    pdu: Pdu
    message: ShortMessage


class _Said(Struct):
    """A whole message: what the dialogue is told, and who waits for an answer."""

    incoming: Incoming
    message: ShortMessage
    arrivals: list[_Arrival]
    key: bytes = b""
    parts: PartSet | None = None
    last: int = 0


class Hearing:
    """The hearing half of a door.

    Args:
        terms: how to hear.
        house: the node's parts.
        dialogue: what is told.
        shelf: where parts lie.
        voice: what answers.
    """

    def __init__(self, terms: Terms, house: House, dialogue: Dialogue, shelf: Shelf, voice: Voice) -> None:
        self._terms, self._house, self._dialogue = terms, house, dialogue
        self._shelf, self._voice = shelf, voice
        self._identities = Identities(house.clock, terms.again_s)
        self._parts = Parts(terms.parts_s * SECOND)
        for found in shelf.load():
            self._parts.remember(found)
        self._queue: deque[_Arrival] = deque()
        self._wake = asyncio.Event()
        self._closing = False

    def take(self, session: Session, pdu: Pdu) -> None:
        """Take a request of the message centre; its answer comes later."""
        if pdu.command in (Command.OUTBIND, Command.ALERT_NOTIFICATION):
            session.pass_over()
        elif not isinstance(pdu.body, ShortMessage) or pdu.command == Command.SUBMIT_SM:
            session.refuse(pdu, Status.INVALID_COMMAND)
        elif self._closing:
            session.answer(pdu, STATUS["busy"].smpp)
        elif is_receipt(pdu.body):
            session.answer(pdu, Status.OK, Answer())
        else:
            self._queue.append(_Arrival(session, pdu, pdu.body))
            self._wake.set()

    def close(self) -> None:
        """Take no more; `run` ends when what was taken is answered."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Hear until closed."""
        while self._queue or not self._closing:
            await self._wait()
            count = min(len(self._queue), MOST_AT_ONCE)
            try:
                await self._hear([self._queue.popleft() for _ in range(count)])
            except Exception:  # noqa: BLE001 - one batch's bad luck must not close the door
                _log.exception("smpp.hearing_failed", door=self._terms.door)

    async def _wait(self) -> None:
        if not self._queue and not self._closing:
            self._wake.clear()
            try:
                async with asyncio.timeout(self._terms.parts_s / 4 if len(self._parts) else None):
                    await self._wake.wait()
            except TimeoutError:
                pass  # no message came, but a part may have waited long enough

    async def _hear(self, arrivals: list[_Arrival]) -> None:
        said: dict[str, _Said] = {}
        held: list[tuple[_Arrival, PartSet, int]] = []
        for arrival in arrivals:
            octets, part = take_apart(arrival.message, self._terms.alphabet)
            if part is None:
                self._whole(arrival, octets, said)
            else:
                self._part(arrival, octets, part, said, held)
        for found in self._parts.due(self._house.clock.now()):
            await self._overdue(found, said)
        if said:
            await self._tell(list(said.values()))
        if held:  # last, so that a message whose reference was used again has left the shelf
            await self._keep(held)

    def _whole(self, arrival: _Arrival, octets: bytes, said: dict[str, _Said]) -> None:
        key = digest(self._who(arrival.message), arrival.message)
        name = self._identities.name(key, arrival.session, arrival.pdu.sequence)
        if name in said:
            said[name].arrivals.append(arrival)
        else:
            text = decode(octets, arrival.message.data_coding, self._terms.alphabet)
            said[name] = _Said(_incoming(name, text, arrival.message), arrival.message, [arrival], key)

    def _part(
        self,
        arrival: _Arrival,
        octets: bytes,
        part: Part,
        said: dict[str, _Said],
        held: list[tuple[_Arrival, PartSet, int]],
    ) -> None:
        message = arrival.message
        key = digest(self._who(message), message, part.reference, part.kind, part.total)
        place, found = self._parts.add(key, part, octets, message, self._house.clock.now())
        if found.given:
            arrival.session.answer(arrival.pdu, Status.OK, Answer())
        elif found.id in said:
            said[found.id].arrivals.append(arrival)
        elif place is Place.LAST:
            said[found.id] = self._joined(found, [arrival], part.number)
        else:
            held.append((arrival, found, part.number))

    def _joined(self, found: PartSet, arrivals: list[_Arrival], last: int = 0) -> _Said:
        message = found.message or ShortMessage()
        text = decode(found.octets, found.coding, self._terms.alphabet)
        return _Said(_incoming(found.id, text, message), message, arrivals, parts=found, last=last)

    def _who(self, message: ShortMessage) -> bytes:
        return self._house.keyring.pseudonym(_number(message), self._terms.jurisdiction) or b""

    async def _keep(self, held: list[tuple[_Arrival, PartSet, int]]) -> None:
        """Put parts on the shelf, then acknowledge them."""
        status: int = Status.OK
        kept = [(found, number) for _, found, number in held if number in found.bodies]
        try:
            await asyncio.to_thread(self._shelf.put, kept)
        except sqlite3.Error:
            _log.warning("smpp.shelf_failed", door=self._terms.door, parts=len(held))
            status = STATUS["busy"].smpp
            for _, found, number in held:
                self._parts.take_back(found, number)
        for arrival, _, _ in held:
            arrival.session.answer(arrival.pdu, status, Answer() if status == Status.OK else None)

    async def _overdue(self, found: PartSet, said: dict[str, _Said]) -> None:
        """Report a message as far as it came."""
        if found.id in said:
            return
        _log.info("smpp.parts_missing", door=self._terms.door, had=len(found.bodies), total=found.total)
        if found.message is not None:
            said[found.id] = self._joined(found, [])
            return
        # Only the shelf remembers it: who sent it is not written there, so it is reported by no one.
        text = decode(found.octets, found.coding, self._terms.alphabet)
        report = Submission(
            channel=Channel.SMS, content=text, jurisdiction=self._terms.jurisdiction, message_id=found.id
        )
        try:
            await self._house.intake.submit([(report, Envelope(door=self._terms.door))])
        except TocsinError:
            return  # its time is over still, so that it comes up again
        await self._give([found])

    async def _tell(self, said: list[_Said]) -> None:
        fates = await self._fates([one.incoming for one in said])
        given = [
            one.parts for one, fate in zip(said, fates, strict=True) if one.parts and isinstance(fate, Heard)
        ]
        if given:
            await self._give(given)
        for one, fate in zip(said, fates, strict=True):
            self._answer(one, fate)

    async def _fates(self, batch: list[Incoming]) -> list[Heard | Exception]:
        try:
            return list(await self._dialogue.hear(batch))
        except TocsinError as error:
            return [error] * len(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message centre must hear of it
            if len(batch) > 1:  # one message's bad luck must not be another's
                return [(await self._fates([one]))[0] for one in batch]
            _log.exception("smpp.failed", door=self._terms.door)
            return [error]

    async def _give(self, sets: list[PartSet]) -> None:
        for found in sets:
            self._parts.give(found)
        oldest = self._house.clock.now() - self._terms.parts_s * SECOND
        try:
            await asyncio.to_thread(self._shelf.give, sets, oldest)
        except sqlite3.Error:  # they come up again after a restart, and the desk knows their ids
            _log.warning("smpp.shelf_failed", door=self._terms.door, parts=len(sets))

    def _answer(self, one: _Said, fate: Heard | Exception) -> None:
        status = _status(fate)
        if one.parts and one.last and not isinstance(fate, Heard):
            self._parts.take_back(one.parts, one.last)
        for session, pdu, _ in one.arrivals:
            session.answer(pdu, status, Answer() if status == Status.OK else None)
        if isinstance(fate, Heard):
            self._identities.answered(one.key)
            for reply in fate.replies:
                self._voice.say(reply.text, one.message)


def _status(fate: Heard | Exception) -> int:
    if isinstance(fate, Heard):
        return STATUS[fate.refused.kind].smpp if fate.refused else Status.OK
    return STATUS[fate.kind if isinstance(fate, TocsinError) else "error"].smpp


def _incoming(name: str, text: str, message: ShortMessage) -> Incoming:
    return Incoming(id=name, reporter=_number(message), text=text)


def _number(message: ShortMessage) -> str:
    plus = message.source_ton == INTERNATIONAL and message.source[:1].isdigit()
    return f"+{message.source}" if plus else message.source
