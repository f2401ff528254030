"""From octets to text and back, by data_coding (SMPP 3.4, 5.2.19; 3GPP TS 23.038 section 4)."""

import re
from typing import NamedTuple

from tocsin.doors.smpp import gsm7
from tocsin.errors import Misconfigured

DEFAULT, LATIN_1, UCS_2 = 0x00, 0x03, 0x08
ALPHABETS = ("gsm7", "gsm7-packed", "ascii", "latin-1", "utf-8")
"""What a message centre may mean by data_coding 0, its default alphabet."""
_CODECS = {0x01: "ascii", 0x03: "latin-1", 0x06: "iso8859-5", 0x07: "iso8859-8", 0x08: "utf-16-be"}
_JAPANESE_KOREAN = {0x05: "shift_jis", 0x0A: "iso2022_jp", 0x0D: "euc_jis_2004", 0x0E: "euc_kr"}
# Some stacks, npm's smpp among them, send the GSM alphabet as data_coding 1. No text in ASCII holds these
# control characters, which are `@`, `$`, `£` and the escape there.
_NOT_ASCII = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BINARY = "binary"
_GSM = "gsm"
_BY_CODING = _CODECS | _JAPANESE_KOREAN | {0x02: _BINARY, 0x04: _BINARY}
_SINGLE_SEPTETS, _PART_SEPTETS = 160, 153
_SINGLE_UNITS, _PART_UNITS = 70, 67
MOST_PARTS = 10
"""Parts of the longest message that is sent; what is beyond is cut off."""


class Written(NamedTuple):
    """Text as it goes out: the data_coding, and the octets of each part without their header."""

    coding: int
    parts: tuple[bytes, ...]


def check_alphabet(name: str) -> str:
    """Return the name of a default alphabet.

    Raises:
        Misconfigured: there is none of this name.
    """
    if name not in ALPHABETS:
        raise Misconfigured(f"no alphabet is called {name!r}; known: {', '.join(ALPHABETS)}")
    return name


def scheme(coding: int) -> str:
    """Say how octets of a data_coding are to be read: `gsm`, `binary` or a codec's name."""
    if coding in _BY_CODING:
        return _BY_CODING[coding]
    group = coding >> 4
    if group == 0xF or 1 <= group <= 3:  # noqa: PLR2004 - message class; general coding, uncompressed
        bits = coding & (0x04 if group == 0xF else 0x0C)  # noqa: PLR2004
        return {0x00: _GSM, 0x04: _BINARY, 0x08: "utf-16-be"}.get(bits, _GSM)
    return {0xC: _GSM, 0xD: _GSM, 0xE: "utf-16-be"}.get(group, _GSM if coding == DEFAULT else _BINARY)


def decode(octets: bytes, coding: int, alphabet: str = "gsm7") -> str:
    """Read a message's octets; never fails: what can't be read becomes U+FFFD.

    Args:
        octets: the text without its user data header; septets one an octet.
        coding: the PDU's data_coding.
        alphabet: what data_coding 0 means here, one of `ALPHABETS`.
    """
    named = scheme(coding)
    if named == _BINARY:
        return _binary(octets)
    if named == "ascii" and _NOT_ASCII.search(octets):
        named = _GSM
    if named == _GSM:
        if coding == DEFAULT and not alphabet.startswith("gsm7"):
            return _clean(octets.decode(alphabet, "replace"))
        return _clean(gsm7.decode(octets))
    return _clean(octets.decode(named, "replace"))


def is_packed(coding: int, alphabet: str) -> bool:
    """Tell whether the octets of a part hold packed septets."""
    return alphabet == "gsm7-packed" and scheme(coding) == _GSM


def _binary(octets: bytes) -> str:
    """Show binary content as the text that it is after all, or as its hexadecimal digits."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return octets.hex()
    return text if text.isprintable() or ("\n" in text and "\0" not in text) else octets.hex()


def _clean(text: str) -> str:
    return text.replace("\0", "\ufffd") if "\0" in text else text


def encode(text: str, alphabet: str = "gsm7") -> Written:
    """Write text for submit_sm: the default alphabet if it holds every character, UCS-2 if not.

    A text too long for one message is cut into parts that leave room for a header of six octets (3GPP TS
    23.040, 9.2.3.24.1), never inside a character.
    """
    septets = gsm7.encode(text)
    if septets is not None and alphabet.startswith("gsm7"):
        return Written(DEFAULT, _fitted(septets, _SINGLE_SEPTETS, _PART_SEPTETS, 1))
    if septets is not None and (alphabet == "latin-1" or text.isascii()):
        octets = [character.encode("latin-1", "replace") for character in text]
        return Written(DEFAULT, _fitted(octets, 140, 134, 1))
    units = [character.encode("utf-16-be", "replace") for character in text]
    return Written(UCS_2, _fitted(units, _SINGLE_UNITS, _PART_UNITS, 2))


def _fitted(characters: list[bytes], single: int, part: int, width: int) -> tuple[bytes, ...]:
    if sum(map(len, characters)) <= single * width:
        return (b"".join(characters),)
    parts = [b""]
    for character in characters:
        if len(parts[-1]) + len(character) > part * width:
            parts.append(b"")
        parts[-1] += character
    return tuple(parts[:MOST_PARTS])
