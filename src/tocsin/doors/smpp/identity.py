"""Which deliver_sm are the same message again.

SMPP gives a message from a handset no id. So its identity is a keyed digest of who sent it, to which code,
and every octet of it with its header and its user_message_reference; never of the sequence number, which
differs on a re-delivery. People do send the same words twice ("0770…" in answer to two questions), so the
digest alone is not enough: an equal message is the same one if it comes within a window, unless the first
was answered promptly on a link that has been heard from since, whose message centre therefore knows.

The window's number is part of the id: after a restart, when nothing is remembered, a message that comes
again within the same window is still the same. Beyond it the desk knows equal words of one reporter.
"""

import asyncio
from collections import OrderedDict
from hashlib import blake2b

from msgspec import Struct

from tocsin.doors.smpp.numbers import Tag
from tocsin.doors.smpp.pdus import ShortMessage, tlv
from tocsin.doors.smpp.session import Session
from tocsin.ports import Clock
from tocsin.records import SECOND

MOST_REMEMBERED = 100_000
PROMPT_S = 5.0
"""An answer within so many seconds comes before any message centre's time-out."""
SETTLED_S = 1.0


def digest(who: bytes, message: ShortMessage, *more: int) -> bytes:
    """Digest what tells a message from others.

    Args:
        who: the reporter's pseudonym: a digest of the number itself could be reversed by counting.
        message: the PDU.
        more: instead of its octets, what its parts have in common.
    """
    reference = tlv(message.tlvs, Tag.USER_MESSAGE_REFERENCE) or b"" if message.tlvs else b""
    head = f"{message.dest}\0{message.esm_class}\0{message.data_coding}\0{more}\0"
    body = b"" if more else message.payload
    return blake2b(b"%b%b\0%b\0%b" % (who, head.encode(), reference, body), digest_size=16).digest()


class _Seen(Struct):
    id: str
    at: int
    arrived_at: float
    session: Session
    sequence: int
    answered_at: float | None = None
    again: int = 0


class Identities:
    """The ids of recent messages.

    Args:
        clock: the time, for windows.
        window_s: seconds in which an equal message may be the same one.
    """

    def __init__(self, clock: Clock, window_s: int) -> None:
        self._clock = clock
        self._window = window_s * SECOND
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()

    def name(self, key: bytes, session: Session, sequence: int) -> str:
        """Return the id of a message that arrived now."""
        now, arrived_at = self._clock.now(), asyncio.get_running_loop().time()
        seen = self._seen.get(key)
        again = 0
        if seen and now - seen.at < self._window:
            if not _is_settled(seen, session, sequence):
                return seen.id
            again = seen.again + 1
        window = now // self._window
        name = f"{key.hex()}-{window}-{again}" if again else f"{key.hex()}-{window}"
        self._seen.pop(key, None)
        self._seen[key] = _Seen(name, now, arrived_at, session, sequence, None, again)
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return name

    def answered(self, key: bytes) -> None:
        """Remember that a message was answered now."""
        if (seen := self._seen.get(key)) and seen.answered_at is None:
            seen.answered_at = asyncio.get_running_loop().time()


def _is_settled(seen: _Seen, session: Session, sequence: int) -> bool:
    """Tell whether the message centre must have read our answer to the first one."""
    if seen.answered_at is None or seen.answered_at - seen.arrived_at > PROMPT_S or seen.session.gone.done():
        return False
    if seen.session is session and seen.sequence == sequence:
        return False
    return seen.session.heard_at - seen.answered_at >= SETTLED_S
