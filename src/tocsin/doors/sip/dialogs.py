"""Calls this door answered: 200 until it is acknowledged, then a BYE until that is answered.

RFC 3261, sections 13.3.1.4 and 15. Whatever is lost on the way, a call ends by itself after 2 × 64 × T1.
"""

import asyncio
from dataclasses import dataclass, field

from tocsin.doors.sip.message import Request
from tocsin.doors.sip.replies import bye, tag_of
from tocsin.doors.sip.transactions import Transaction, repeat
from tocsin.ports import Chance

DialogKey = tuple[str, str, str]
"""Call-ID, the peer's tag, ours."""


@dataclass(slots=True)
class _Call:
    acknowledged: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Dialogs:
    """The calls that are up.

    Args:
        chance: makes branches.
        address: this door's `host:port`, as peers know it.
        t1_s: seconds of T1.
    """

    def __init__(self, chance: Chance, address: str, t1_s: float) -> None:
        self._chance = chance
        self._address = address
        self._t1_s = t1_s
        self._calls: dict[DialogKey, _Call] = {}
        self._byes: dict[str, asyncio.Event] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def knows(self, request: Request) -> bool:
        """Say whether a request belongs to a call that is up."""
        return _key(request) in self._calls

    def acknowledge(self, request: Request) -> None:
        """Take an ACK."""
        if call := self._calls.get(_key(request)):
            call.acknowledged.set()

    def end(self, request: Request) -> bool:
        """Take a BYE; False when there is no such call."""
        call = self._calls.get(_key(request))
        if call is None:
            return False
        call.acknowledged.set()
        call.ended.set()
        return True

    def answered(self, branch: str, status: int) -> None:
        """Take the response to a BYE of ours."""
        if status >= 200 and (event := self._byes.get(branch)):  # noqa: PLR2004 - a final one
            event.set()

    async def hold(self, invite: Transaction, tag: str) -> None:
        """Keep a call up until it is acknowledged, then end it.

        Args:
            invite: the transaction whose 200 was just written.
            tag: ours.
        """
        request = invite.request
        headers = request.headers
        key = headers.first("call-id"), tag_of(headers.first("from")), tag
        call = self._calls[key] = _Call()
        try:
            await repeat(invite.again, call.acknowledged, self._t1_s)
            if not call.ended.is_set():
                await self._hang_up(invite, tag, call)
        finally:
            del self._calls[key]

    async def _hang_up(self, invite: Transaction, tag: str, call: _Call) -> None:
        branch = f"z9hG4bK{self._chance.bits(80):020x}"
        link = invite.link
        via = f"SIP/2.0/{'TCP' if link.reliable else 'UDP'} {self._address};rport;branch={branch}"
        data = bye(invite.request, tag, via).write()
        # Back to the peer it came from, which is trusted: a Contact could name anyone.
        self._byes[branch] = call.ended
        try:
            await repeat(lambda: link.send(data, link.port), call.ended, self._t1_s)
        finally:
            del self._byes[branch]


def _key(request: Request) -> DialogKey:
    headers = request.headers
    return headers.first("call-id"), tag_of(headers.first("from")), tag_of(headers.first("to"))
