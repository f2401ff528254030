"""What a call record is, and the port through which a door asks for one (ITU-T X.1246, X.1247 Amd.1)."""

from typing import NamedTuple, Protocol

from msgspec import Struct

from tocsin.errors import Rejected
from tocsin.records import SECOND, CallFacts, Instant, Route, SenderKind
from tocsin.text.senders import LONGEST, parse_sender

CLOCK_SKEW = 300 * SECOND
"""How far in the future a record may begin: clocks of switches differ."""


class Call(Struct, frozen=True):
    """One call as the operator recorded it.

    Args:
        calling: who called: `+` and digits, or whatever was presented; empty when withheld.
        called: who was called, in the form of `number`.
        began: when it was set up.
        facts: whether it was answered, and for how long.
        route: how it entered the network, as far as the record says.
    """

    calling: str
    called: str
    began: Instant
    facts: CallFacts = CallFacts()
    route: Route = Route()


class Window(NamedTuple):
    """From when until when a call may have begun, both inclusive."""

    since: int
    until: int


class CallRecords(Protocol):
    """Where the operator's call records are asked for."""

    async def last_to(self, called: str, window: Window) -> Call | None:
        """Return the newest call to a number that began within a window; None when there is none.

        Args:
            called: in the form of `number`.
            window: usually the minutes before the report.

        Raises:
            Busy: the records can't be read now.
        """
        ...

    async def follow(self) -> None:
        """Keep up with new records until cancelled.

        Raises:
            OSError: the source can't be had now.
        """
        ...


def number(raw: str, country: str) -> str:
    """Bring a number into the one form in which numbers are compared.

    Args:
        raw: as a record or a protocol wrote it.
        country: ISO 3166-1 alpha-2 by which a national number is read; ZZ for none.

    Returns:
        `+` and digits for a number, digits for a short code or what can't be read further; empty for
        anything that isn't a number.
    """
    try:
        sender = parse_sender(raw[:LONGEST].strip(), country)
    except Rejected:
        return ""
    numeric = sender.kind in {SenderKind.E164, SenderKind.SHORT_CODE} or sender.value.isdecimal()
    return sender.value if numeric else ""
