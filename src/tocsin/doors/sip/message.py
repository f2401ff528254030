"""Reading and writing SIP messages (RFC 3261, sections 7 and 25): bounded, linear, by hand.

Headers keep their order and their exact text, since a response must give them back as they came.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tocsin.errors import Malformed

LONGEST = 65_535
"""Bytes of one message."""
MOST_HEADERS = 200
LONGEST_HEADER = 8_192
_LINE_END = re.compile(r"\r\n|\n")
_METHOD = re.compile(r"[A-Z]{1,32}")
_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]{1,64}")
_LENGTH = re.compile(r"[0-9]{1,6}")
_VERSION = "SIP/2.0"
_LONG_NAMES = {
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "f": "from",
    "k": "supported",
    "t": "to",
    "v": "via",
}


class Headers:
    """Header fields in order.

    Args:
        fields: names and values; names are compared in lower case and long form.
    """

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = [(_canonical(name), value) for name, value in fields]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def add(self, name: str, value: str) -> None:
        """Add a field at the end."""
        self._fields.append((_canonical(name), value))

    def first(self, name: str) -> str:
        """Return the first value of a field; empty when there is none."""
        return next((value for key, value in self._fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Return every value of a field, in order, as its lines came."""
        return [value for key, value in self._fields if key == name]


@dataclass(slots=True)
class Request:
    """What a peer asks for: a method on a URI."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def write(self) -> bytes:
        """Write it, with its Content-Length."""
        return _write(f"{self.method} {self.uri} {_VERSION}", self.headers, self.body)


@dataclass(slots=True)
class Response:
    """What a peer answers: a status and its phrase."""

    status: int
    phrase: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def write(self) -> bytes:
        """Write it, with its Content-Length."""
        return _write(f"{_VERSION} {self.status} {self.phrase}", self.headers, self.body)


def read_message(data: bytes) -> Request | Response:
    """Read one message as a datagram or `framing` delivers it; what follows its body is ignored.

    Raises:
        Malformed: it isn't SIP, or exceeds a bound.
    """
    if len(data) > LONGEST:
        raise Malformed("sip.too_long", "message", f"at most {LONGEST} bytes")
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise Malformed("sip.no_end", "message", "the headers do not end")
    start, *lines = _LINE_END.split(head.decode("utf-8", "replace"))
    headers = _headers(lines)
    message = _start(start, headers)
    message.body = _body(headers, body)
    return message


def _start(line: str, headers: Headers) -> Request | Response:
    first, _, rest = line.partition(" ")
    second, _, third = rest.partition(" ")
    if first == _VERSION and len(second) == 3 and second.isascii() and second.isdigit():  # noqa: PLR2004
        if not 100 <= int(second) <= 699:  # noqa: PLR2004 - RFC 3261, section 7.2
            raise Malformed("sip.status", "start", "no such status")
        return Response(int(second), third, headers)
    if third == _VERSION and _METHOD.fullmatch(first) and second:
        return Request(first, second, headers)
    raise Malformed("sip.start", "start", "neither a request nor a response")


def _headers(lines: list[str]) -> Headers:
    unfolded: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and unfolded:
            unfolded[-1] = f"{unfolded[-1]} {line.strip()}"
        else:
            unfolded.append(line)
        if len(unfolded) > MOST_HEADERS or len(unfolded[-1]) > LONGEST_HEADER:
            raise Malformed(
                "sip.headers", "headers", f"at most {MOST_HEADERS}, each of {LONGEST_HEADER} characters"
            )
    headers = Headers()
    for line in unfolded:
        name, colon, value = line.partition(":")
        if not (colon and _NAME.fullmatch(name.rstrip())) or "\r" in value or "\0" in value:
            raise Malformed("sip.header", "headers", "not a header")
        headers.add(name.rstrip(), value.strip())
    return headers


def _body(headers: Headers, body: bytes) -> bytes:
    written = headers.first("content-length")
    if not written:
        return body
    if not _LENGTH.fullmatch(written) or int(written) > len(body):
        raise Malformed("sip.length", "content-length", "the body is shorter than it says")
    return body[: int(written)]


def _write(start: str, headers: Headers, body: bytes) -> bytes:
    lines = [f"{_title(name)}: {value}" for name, value in headers if name != "content-length"]
    head = "\r\n".join([start, *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body


def _canonical(name: str) -> str:
    lower = name.lower()
    return _LONG_NAMES.get(lower, lower)


def _title(name: str) -> str:
    return {"call-id": "Call-ID", "cseq": "CSeq"}.get(name) or name.title()
