"""Which part of which message a short message is: by its user data header or by its SAR parameters.

3GPP TS 23.040 9.2.3.24.1 (8-bit reference) and 9.2.3.24.8 (16-bit); SMPP 3.4, 5.3.2.22 to 5.3.2.24.
"""

from typing import NamedTuple

from tocsin.doors.smpp import gsm7
from tocsin.doors.smpp.numbers import EsmClass, Tag
from tocsin.doors.smpp.pdus import ShortMessage, tlv
from tocsin.doors.smpp.words import is_packed

_SHORT, _LONG = 0x00, 0x08


class Part(NamedTuple):
    """A part's place: the message's reference and how it was written, all parts, this one from 1."""

    reference: int
    kind: int
    total: int
    number: int


class Taken(NamedTuple):
    """A message without its header: its octets (septets one an octet), and its place if it is a part."""

    octets: bytes
    part: Part | None


def take_apart(message: ShortMessage, alphabet: str) -> Taken:
    """Take a message's header off. A header that can't be read stays in the text: nothing is lost."""
    payload = message.payload
    header = _header(payload) if message.esm_class & EsmClass.UDH else b""
    octets = payload[len(header) :]
    if is_packed(message.data_coding, alphabet):
        octets = gsm7.unpack(octets, -8 * len(header) % 7)
    part = _from_header(header) or (_from_sar(message) if message.tlvs else None)
    return Taken(octets, part)


def _header(payload: bytes) -> bytes:
    size = payload[0] + 1 if payload else 0
    return payload[:size] if size <= len(payload) else b""


def _from_header(header: bytes) -> Part | None:
    at = 1
    while at + 2 <= len(header):
        element, size = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + size]
        if (element, len(value)) in ((_SHORT, 3), (_LONG, 4)):
            return _checked(Part(int.from_bytes(value[:-2], "big"), element, value[-2], value[-1]))
        at += 2 + size
    return None


def _from_sar(message: ShortMessage) -> Part | None:
    values = [tlv(message.tlvs, tag) for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_NUMBER)]
    if not all(values):
        return None
    reference, total, number = (int.from_bytes(value or b"", "big") for value in values)
    return _checked(Part(reference & 0xFFFF, Tag.SAR_REFERENCE, total, number))


def _checked(part: Part) -> Part | None:
    """Return a part that can be one of several; a total of one, or a number beyond it, is a whole message."""
    return part if 1 <= part.number <= part.total <= 255 and part.total > 1 else None  # noqa: PLR2004


def concatenation(reference: int, total: int, number: int) -> bytes:
    """Write the header of a part with an 8-bit reference."""
    return bytes((5, _SHORT, 3, reference & 0xFF, total, number))
