"""A mail as a tree of parts (RFC 2045, 2046), read within bounds that no mail bomb can pass.

Every part is a window on the bytes that came, so that nesting costs no copies; archives are never opened.
The stdlib's own parser recurses, and takes quadratic time on some inputs: only its reading of
`Content-Type` and `Content-Disposition` is used here, on lines of a bounded length.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import NamedTuple

from tocsin.doors.mail.headers import Headers, decoded, from_base64, read_headers
from tocsin.errors import Malformed, Rejected

_IDENTITY = frozenset({"", "7bit", "8bit", "binary"})
_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_HEADERS_ONLY = frozenset({"text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers"})
_LONGEST_PARAMETERS = 1000


class Limits(NamedTuple):
    """What one mail may have: bytes in all, parts in all, nesting, bytes of headers of one part."""

    size: int = 10_000_000
    parts: int = 500
    depth: int = 16
    header_bytes: int = 131_072


STANDARD = Limits()


@dataclass(slots=True)
class Part:
    """One part of a mail, or a mail.

    Args:
        headers: its fields.
        kind: media type, lower case.
        parameters: of its media type.
        filename: the name it goes by, or nothing.
        data: what its body lies in.
        start: where the body begins.
        end: where it ends.
        children: parts of a multipart; the mail within a part that holds one.
    """

    headers: Headers
    kind: str
    parameters: dict[str, str]
    filename: str
    data: bytes
    start: int
    end: int
    children: list["Part"] = field(default_factory=list)

    @property
    def holds_message(self) -> bool:
        """Whether this part holds a whole mail, or its headers."""
        named = self.filename.endswith(".eml") and not self.kind.startswith("multipart/")
        return named or self.kind in _MESSAGES or self.kind in _HEADERS_ONLY

    def raw(self) -> bytes:
        """Return the body as it was sent."""
        return self.data[self.start : self.end]

    def content(self) -> bytes:
        """Return the body without its transfer encoding (RFC 2045, section 6)."""
        match self.headers.first("content-transfer-encoding").strip().lower():
            case "base64":
                return from_base64(self.raw())
            case "quoted-printable":
                return binascii.a2b_qp(self.raw())
            case _:
                return self.raw()

    def text(self, most: int = 1_000_000) -> str:
        """Return the first `most` bytes of the body as text."""
        return decoded(self.content()[:most], self.parameters.get("charset", ""))

    def walk(self) -> Iterator["Part"]:
        """Give this part and all parts of the same mail, but not those of mails within it."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            if part is self or not part.holds_message:
                waiting.extend(reversed(part.children))


def read(data: bytes, limits: Limits = STANDARD) -> Part:
    """Read a mail; lines may end with CRLF, LF or CR.

    Raises:
        Malformed: it has no header at all.
        Rejected: it is larger, longer, deeper or of more parts than the limits say.
    """
    if len(data) > limits.size:
        raise Rejected("mail.too_large", "mail", f"at most {limits.size} bytes")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    mail = _Reader(limits).part(data, 0, len(data), 0)
    if not mail.headers.fields:
        raise Malformed("mail.no_headers", "mail", "a mail begins with header fields")
    return mail


class _Reader:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts = 0

    def part(self, data: bytes, start: int, end: int, depth: int, default: str = "text/plain") -> Part:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise Rejected("mail.too_many_parts", "mail", f"at most {self._limits.parts} parts")
        if depth > self._limits.depth:
            raise Rejected("mail.too_deep", "mail", f"at most {self._limits.depth} levels")
        headers, body = read_headers(data, start, end, self._limits.header_bytes)
        part = _described(headers, data, body, end, default)
        part.children = list(self._children(part, depth))
        return part

    def _children(self, part: Part, depth: int) -> Iterator[Part]:
        encoding = part.headers.first("content-transfer-encoding").strip().lower()
        if part.kind.startswith("multipart/"):
            default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
            for start, end in _windows(part, self._limits.parts):
                yield self.part(part.data, start, end, depth + 1, default)
        elif part.holds_message and encoding in _IDENTITY:
            yield self.part(part.data, _first_line(part), part.end, depth + 1)
        elif part.holds_message:
            content = part.content().replace(b"\r\n", b"\n")
            yield self.part(content, 0, len(content), depth + 1)


def _first_line(part: Part) -> int:
    """Find where the text of a body begins: some mailers put empty lines before a mail within a mail."""
    at = part.start
    while at < part.end and part.data[at] in b"\n":
        at += 1
    return at


def _described(headers: Headers, data: bytes, start: int, end: int, default: str) -> Part:
    described = Message()
    for name in ("content-type", "content-disposition"):
        if value := headers.first(name):
            described[name] = value[:_LONGEST_PARAMETERS].replace("\r", " ").replace("\n", " ")
    described.set_default_type(default)
    parameters: dict[str, str] = {}
    for name, value in described.get_params([])[1:] if "content-type" in described else []:
        parameters.setdefault(name.lower(), value if isinstance(value, str) else str(value[2]))
    try:
        filename = described.get_filename("")
    except (ValueError, LookupError):  # a charset of RFC 2231 that there is not
        filename = ""
    kind = described.get_content_type()
    return Part(headers, kind, parameters, filename.strip().lower()[-200:], data, start, end)


def _windows(part: Part, most: int) -> Iterator[tuple[int, int]]:
    """Find the parts of a multipart between its delimiters (RFC 2046, section 5.1.1)."""
    boundary = part.parameters.get("boundary", "")
    if not boundary:
        return
    line = rb"(?<=\n)--" + re.escape(boundary.encode("utf-8", "replace")) + rb"(--)?[ \t]*(?:\n|\Z)"
    begun = -1
    # The newline before a delimiter belongs to it; the header block's last one stands before the first.
    for found, delimiter in enumerate(re.compile(line).finditer(part.data, part.start, part.end)):
        if begun >= 0:
            yield begun, max(begun, delimiter.start() - 1)
        if delimiter[1] or found > most:
            return
        begun = delimiter.end()
    if begun >= 0:
        yield begun, part.end
