"""Reading the values of SIP headers that this door needs: addresses, Via, CSeq and Reason."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from tocsin.doors.calls.records import number
from tocsin.errors import Malformed

_SENT_BY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,255})(?:\s?:\s?([0-9]{1,5}))?")
_CSEQ = re.compile(r"([0-9]{1,10})\s+([A-Z]{1,32})")
_HIGHEST_PORT = 65_535


class Via(NamedTuple):
    """Where a request came through (RFC 3261, section 20.42; RFC 3581): `port` 0 when it names none."""

    host: str
    port: int
    params: dict[str, str]


class Address(NamedTuple):
    """A name-addr or addr-spec: its URI, and the parameters behind it, such as `tag`."""

    uri: str
    params: dict[str, str]


class Sequence(NamedTuple):
    """A CSeq: its number and method."""

    number: int
    method: str


def split(value: str, separator: str) -> Iterator[str]:
    """Split at a character that stands neither in quotes nor in angle brackets."""
    quoted = bracketed = escaped = False
    start = 0
    for place, letter in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = letter == "\\", letter != '"'
        elif letter == '"':
            quoted = True
        elif letter in "<>":
            bracketed = letter == "<"
        elif letter == separator and not bracketed:
            yield value[start:place].strip()
            start = place + 1
    yield value[start:].strip()


def read_via(value: str) -> Via:
    """Read the first Via of a header line.

    Raises:
        Malformed: it isn't one.
    """
    first, *params = split(next(split(value, ",")), ";")
    protocol, _, sent_by = first.rpartition(" ") if " :" not in first else first.partition(" ")
    found = _SENT_BY.fullmatch(sent_by.strip())
    if not protocol.replace(" ", "").upper().startswith("SIP/2.0/") or not found:
        raise Malformed("sip.via", "via", "not a Via")
    port = int(found[2] or 0)
    if port > _HIGHEST_PORT:
        raise Malformed("sip.via", "via", "no such port")
    return Via(found[1].lower(), port, _params(params))


def read_address(value: str) -> Address:
    """Read a From, To, Contact, Route or P-Asserted-Identity value.

    Raises:
        Malformed: there is no URI in it.
    """
    before, *params = split(value, ";")
    opening = _outside_quotes(before, "<")
    uri = before
    if opening >= 0:
        uri, closing, _ = before[opening + 1 :].partition(">")
        if not closing:
            raise Malformed("sip.address", "address", "a bracket is open")
    if ":" not in uri or any(letter.isspace() for letter in uri):
        raise Malformed("sip.address", "address", "no URI")
    return Address(uri, _params(params))


def read_sequence(value: str) -> Sequence:
    """Read a CSeq.

    Raises:
        Malformed: it isn't one.
    """
    found = _CSEQ.fullmatch(value)
    if not found:
        raise Malformed("sip.cseq", "cseq", "a number and a method")
    return Sequence(int(found[1]), found[2])


def causes(values: list[str]) -> list[int]:
    """Return the SIP causes of Reason headers (RFC 3326); what can't be read names none."""
    found = []
    for value in values:
        for reason in split(value, ","):
            protocol, *params = split(reason, ";")
            cause = _params(params).get("cause", "")
            if protocol.upper() == "SIP" and len(cause) == 3 and cause.isascii() and cause.isdigit():  # noqa: PLR2004
                found.append(int(cause))
    return found


def user(uri: str) -> str:
    """Return the user part of a SIP URI, or a tel URI's number (RFC 3966), unescaped; empty when none."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        digits, *params = rest.split(";")
        context = _params(params).get("phone-context", "")
        return context + digits if context.startswith("+") and not digits.startswith("+") else digits
    name, at, _ = rest.partition("@")
    if scheme.lower() not in {"sip", "sips"} or not at:
        return ""
    return unquote(name.partition(";")[0].partition(":")[0], errors="replace")


def caller(uri: str, country: str) -> str:
    """Return who a URI stands for, as a report's sender: a number, or `user@host`; empty when anonymous."""
    name = user(uri)
    found = number(name, country)
    host = uri.partition("@")[2].partition(";")[0].partition("?")[0].rpartition(":")
    place = (host[0] or host[2]).lower()
    if found or not name or name.lower() == "anonymous" or place.endswith(".invalid"):
        return found
    return f"{name}@{place}"


def _params(parts: list[str]) -> dict[str, str]:
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _outside_quotes(text: str, wanted: str) -> int:
    quoted = escaped = False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif quoted:
            escaped, quoted = letter == "\\", letter != '"'
        elif letter == '"':
            quoted = True
        elif letter == wanted:
            return place
    return -1
