"""What a node takes from outside itself: time and chance. Passed in, never looked up."""

import random
import secrets
import time
from typing import Protocol, runtime_checkable
from uuid import UUID

from tocsin.records import Instant


@runtime_checkable
class Clock(Protocol):
    """Says what time it is."""

    def now(self) -> Instant:
        """Return the present instant."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return the present instant, UTC."""
        return Instant(time.time_ns() // 1000)


class SetClock:
    """A clock that stands where it was set, for simulations and tests.

    Args:
        at: the instant it shows.
    """

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> Instant:
        """Return the instant it was set to."""
        return Instant(self.at)


class Chance(Protocol):
    """Gives random bits."""

    def bits(self, count: int) -> int:
        """Return `count` random bits as a non-negative integer."""
        ...


class SystemChance:
    """The operating system's randomness: for anything that must not be guessed."""

    def bits(self, count: int) -> int:
        """Return `count` unpredictable bits."""
        return secrets.randbits(count)


class SeededChance:
    """Repeatable randomness, for simulations and tests only.

    Args:
        seed: equal seeds give equal sequences.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatability is its purpose

    def bits(self, count: int) -> int:
        """Return the next `count` bits of the sequence."""
        return self._random.getrandbits(count)


def uuid7(at: int, chance: Chance) -> UUID:
    """Make a UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random bits.

    Args:
        at: the instant it carries, microseconds.
        chance: where its random bits come from.
    """
    noise = chance.bits(74)
    value = (at // 1000 & 0xFFFFFFFFFFFF) << 80 | 0x7 << 76 | (noise >> 62) << 64 | 0b10 << 62
    return UUID(int=value | noise & 0x3FFFFFFFFFFFFFFF)


_TICKET_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TICKET_PAIRS = [first + second for first in _TICKET_ALPHABET for second in _TICKET_ALPHABET]


def ticket(chance: Chance) -> str:
    """Make a ticket: 50 random bits in Crockford base 32, written `XXXXX-XXXXX`, to be read over a phone."""
    noise = chance.bits(50)
    letters = "".join([_TICKET_PAIRS[noise >> shift & 1023] for shift in (40, 30, 20, 10, 0)])
    return f"{letters[:5]}-{letters[5:]}"


def canonical_ticket(typed: str) -> str:
    """Bring a ticket as a person typed it into the form it is stored in.

    Crockford base 32 reads I and L as 1 and O as 0, in either case, with or without the hyphen.
    """
    letters = typed.strip().upper().replace("-", "").replace(" ", "")
    letters = letters.translate(str.maketrans("ILO", "110"))
    return f"{letters[:5]}-{letters[5:]}"
