"""Header fields of a mail (RFC 5322, section 2.2; RFC 2047), read leniently and within bounds."""

import binascii
import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tocsin.errors import Rejected

LONGEST_VALUE = 4096
"""Characters kept of one field's value: the longest list of addresses that is of use to anyone."""
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WORD = re.compile(r"=\?([^\s?*]{1,40})(?:\*[^\s?]{1,20})?\?([bBqQ])\?([^?]{0,4096})\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_ANGLE = re.compile(r"<\s*([^<>\s]{1,254})\s*>")
_ADDRESS = re.compile(r"""[^\s<>"'(),;:@\[\]]{1,128}@[^\s<>"'(),;:@\[\]]{1,255}""")
_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac-roman",
}
_NO_CHARSET = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs"})
"""Codecs that are no charset of a mail; `punycode` also takes quadratic time."""


class Headers:
    """The fields of one header block, in order; names in lower case, values unfolded, still encoded.

    Args:
        fields: names and values.
    """

    __slots__ = ("fields",)

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self.fields = fields

    def first(self, name: str) -> str:
        """Return the first field's value, or nothing."""
        return next((value for field, value in self.fields if field == name), "")

    def every(self, name: str) -> list[str]:
        """Return the values of all fields of a name, in order."""
        return [value for field, value in self.fields if field == name]

    def text(self, name: str) -> str:
        """Return the first field's value for people, its encoded words read."""
        return decoded_words(self.first(name)).strip()

    def __contains__(self, name: str) -> bool:
        return any(field == name for field, _ in self.fields)


def read_headers(data: bytes, start: int, end: int, most: int) -> tuple[Headers, int]:
    """Read the header block at `start`; lines end with LF.

    Args:
        data: what holds the block.
        start: where it begins.
        end: where it must have ended.
        most: bytes the block may have.

    Returns:
        the fields, and where the body begins.

    Raises:
        Rejected: the block is longer than `most`.
    """
    fields: list[tuple[str, bytearray]] = []
    at = start
    while at < end:
        if at - start > most:
            raise Rejected("mail.headers_too_long", "headers", f"at most {most} bytes of headers")
        stop = data.find(b"\n", at, min(end, at + most + 1)) + 1 or min(end, at + most + 1)
        line = data[at:stop]
        if not line.strip():
            at = stop
            break
        if line[:1] in b" \t":
            if fields and len(fields[-1][1]) < LONGEST_VALUE:
                fields[-1][1].extend(line[: LONGEST_VALUE + 1])
        elif named := _FIELD.match(line):
            value = bytearray(line[named.end() : named.end() + LONGEST_VALUE])
            fields.append((named[1].decode("ascii").lower(), value))
        elif not (line.startswith((b"From ", b">From ")) and at == start):
            break  # no field: the body begins without the empty line that it should have had
        at = stop
    return Headers([(name, _unfolded(value)) for name, value in fields]), at


def _unfolded(value: bytearray) -> str:
    flat = bytes(value).replace(b"\n", b"").strip(b" \t\r\0")[:LONGEST_VALUE]
    try:
        return flat.decode("utf-8")
    except UnicodeDecodeError:
        return flat.decode("cp1252", "replace")


def decoded(data: bytes, charset: str) -> str:
    """Read bytes in a declared charset, or in what they must be; faults become U+FFFD, never an error."""
    name = charset.strip(" \"'").lower()
    name = _ALIASES.get(name, name)
    if name in {"", "us-ascii", "ascii", "utf-8", "unknown-8bit", "default"}:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("utf-8" if name == "utf-8" else "cp1252", "replace")
    try:
        found = codecs.lookup(name).name.replace("_", "-")
        return data.decode("utf-8" if found in _NO_CHARSET else name, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def decoded_words(value: str) -> str:
    """Read a value's encoded words (RFC 2047), also those cut within a character, as many mailers do."""
    if "=?" not in value:
        return value
    parts: list[str] = []
    pending, charset, end = b"", "", 0
    value = _BETWEEN_WORDS.sub("", value)
    for word in _WORD.finditer(value):
        if word.start() > end or word[1].lower() != charset:
            parts += [decoded(pending, charset), value[end : word.start()]]
            pending, charset = b"", word[1].lower()
        pending += _word_bytes(word[2], word[3])
        end = word.end()
    return "".join([*parts, decoded(pending, charset), value[end:]])


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(raw)
    return binascii.a2b_qp(raw, header=True)


def from_base64(raw: bytes) -> bytes:
    """Decode base64 that may hold foreign characters and lack its end."""
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    clean = clean[: len(clean) - 1] if len(clean) % 4 == 1 else clean
    return binascii.a2b_base64(clean + b"=" * (-len(clean) % 4))


def address(value: str) -> str:
    """Return the address a field names first, lower case; empty when it names none."""
    return next(addresses(value), "")


def addresses(value: str) -> Iterator[str]:
    """Give the addresses a field names; a display name like one counts only where it stands alone."""
    for angle in (found := _ANGLE.findall(value)):
        if "@" in angle:
            yield angle.lower()
    if not found:
        for plain in _ADDRESS.findall(value):
            yield plain.lower()


def display_name(value: str) -> str:
    """Return the name a field gives with its address, or nothing."""
    return decoded_words(value.partition("<")[0]).strip(" \t\"'") if "<" in value else ""


def date(value: str, now: datetime) -> datetime | None:
    """Read a date (RFC 5322, section 3.3); None when it can't be one, or is not of this time (1990 to now).

    A spammer's date is often invented; a report must not fail for it.
    """
    try:
        read = parsedate_to_datetime(value[:100])
        read = (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return read if datetime(1990, 1, 1, tzinfo=UTC) <= read <= now + timedelta(days=1) else None
