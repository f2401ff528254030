"""Prompts and thanks as submit_sm, after the commit: bounded, patient when told to wait, never twice.

An answer whose fate is unknown, because the link was lost or silent, is not sent again: a person would
rather miss one prompt than get it ten times.
"""

import asyncio

import structlog

from tocsin.doors.smpp.headers import concatenation
from tocsin.doors.smpp.numbers import LATER, Command, EsmClass, Status
from tocsin.doors.smpp.pdus import ShortMessage
from tocsin.doors.smpp.session import LinkLost, Session
from tocsin.doors.smpp.words import encode
from tocsin.ports import Chance

MOST_WAITING = 20_000
WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""How long to wait, about, before each new try of what was throttled."""
_WORKERS = 32
_log = structlog.get_logger(__name__)


class Speaking:
    """The speaking half of a door.

    Args:
        door: its name, for the log.
        code: the number that answers come from.
        alphabet: what the message centre means by data_coding 0.
        links: the sessions that stand; those bound to transmit are used in turn.
        chance: scatters the waits and numbers the parts.
        waits: seconds before each new try.
    """

    def __init__(
        self,
        door: str,
        code: str,
        alphabet: str,
        links: set[Session],
        chance: Chance,
        waits: tuple[float, ...] = WAITS_S,
    ) -> None:
        self._door, self._code, self._alphabet = door, code, alphabet
        self._links, self._chance, self._waits = links, chance, waits
        self._queue: asyncio.Queue[tuple[str, ShortMessage]] = asyncio.Queue(MOST_WAITING)
        self._turn = 0

    def say(self, text: str, to: ShortMessage) -> None:
        """Queue words for whoever sent a message; dropped when too many wait."""
        try:
            self._queue.put_nowait((text, to))
        except asyncio.QueueFull:
            self._drop("queue full")

    async def run(self) -> None:
        """Speak until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_WORKERS):
                tasks.create_task(self._work())

    async def _work(self) -> None:
        while True:
            text, to = await self._queue.get()
            try:
                for part in self._written(text, to):
                    if not await self._send(part):
                        break
            except Exception:  # noqa: BLE001 - one answer's bad luck must not be the next one's
                _log.exception("smpp.answer_failed", door=self._door)

    def _written(self, text: str, to: ShortMessage) -> list[ShortMessage]:
        """Write an answer: from our code as the message centre wrote it, to whom the message came from."""
        written = encode(text, self._alphabet)
        total, reference = len(written.parts), self._chance.bits(8)
        return [
            ShortMessage(
                source_ton=to.dest_ton,
                source_npi=to.dest_npi,
                source=self._code,
                dest_ton=to.source_ton,
                dest_npi=to.source_npi,
                dest=to.source,
                esm_class=EsmClass.UDH if total > 1 else 0,
                data_coding=written.coding,
                text=(concatenation(reference, total, number) if total > 1 else b"") + octets,
            )
            for number, octets in enumerate(written.parts, 1)
        ]

    async def _send(self, part: ShortMessage) -> bool:
        """Send one part; returns whether it was taken."""
        for wait in (*self._waits, None):
            status = await self._try(part)
            if status == Status.OK:
                return True
            if status not in LATER or wait is None:
                self._drop(f"status 0x{status:08x}" if status >= 0 else "unknown fate")
                return False
            await asyncio.sleep(wait * (0.5 + self._chance.bits(16) / 65536))
        return False

    async def _try(self, part: ShortMessage) -> int:
        """Send once; returns the status, or -1 when nobody knows whether it arrived."""
        links = [session for session in self._links if session.can_transmit]
        if not links:
            return Status.SYSTEM_ERROR
        self._turn += 1
        try:
            return (await links[self._turn % len(links)].request(Command.SUBMIT_SM, part)).status
        except (LinkLost, TimeoutError):
            return -1
        except ConnectionError:
            return Status.SYSTEM_ERROR

    def _drop(self, why: str) -> None:
        _log.warning("smpp.answer_dropped", door=self._door, why=why, waiting=self._queue.qsize())
