"""PDUs to octets (SMPP 3.4 sections 3.2 and 4): the way back of `reading`."""

from functools import cache
from struct import Struct as Packing

from tocsin.doors.smpp.layouts import BLOB, LAYOUTS, MULTI_HEAD, MULTI_TAIL, OCTET, Layout
from tocsin.doors.smpp.numbers import HEADER
from tocsin.doors.smpp.pdus import (
    Address,
    Body,
    Multi,
    MultiAnswer,
    Raw,
    ShortMessage,
    Tlvs,
)

_HEADER = Packing(">4I")
_TLV = Packing(">2H")
_FAILED = Packing(">I")


def write(command: int, sequence: int, body: Body | None = None, status: int = 0) -> bytes:
    """Write one PDU; no body writes a header alone.

    Raises:
        ValueError: a field is longer than the specification allows, or not Latin-1.
    """
    octets = b"" if body is None else _octets(command, body)
    return _HEADER.pack(HEADER + len(octets), command, status, sequence) + octets


def _octets(command: int, body: Body) -> bytes:
    match body:
        case Raw():
            return body.octets
        case Multi():
            return _written(MULTI_HEAD, body.message) + _dests(body.dests) + _multi_tail(body.message)
        case MultiAnswer():
            return _multi_failures(body) + _tlv_octets(body.tlvs)
    layout = LAYOUTS[command][1] if command in LAYOUTS else ()
    return _written(layout, body) + _tlv_octets(body.tlvs)


def _multi_tail(message: ShortMessage) -> bytes:
    return _written(MULTI_TAIL, message) + _tlv_octets(message.tlvs)


def _written(layout: Layout, body: object) -> bytes:
    parts = []
    for name, kind in layout:
        value = getattr(body, name)
        if kind == OCTET:
            parts.append(_octet(value))
        elif kind == BLOB:
            parts.append(_octet(len(value)) + value)
        else:
            parts.append(_c_string(name, value, kind))
    return b"".join(parts)


@cache
def _octet(value: int) -> bytes:
    return bytes((value,))


def _c_string(name: str, text: str, longest: int) -> bytes:
    octets = text.encode("latin-1")
    if len(octets) >= longest or 0 in octets:
        raise ValueError(f"{name}: at most {longest - 1} octets, none of them NUL")
    return octets + b"\0"


def _dests(dests: tuple[Address | str, ...]) -> bytes:
    return _octet(len(dests)) + b"".join(
        b"\2" + _c_string("dl_name", dest, 21)
        if isinstance(dest, str)
        else b"\1" + bytes(dest[:2]) + _c_string("destination_addr", dest.number, 21)
        for dest in dests
    )


def _multi_failures(body: MultiAnswer) -> bytes:
    return (
        _c_string("message_id", body.message_id, 65)
        + _octet(len(body.failed))
        + b"".join(
            bytes(address[:2]) + _c_string("destination_addr", address.number, 21) + _FAILED.pack(status)
            for address, status in body.failed
        )
    )


def _tlv_octets(tlvs: Tlvs) -> bytes:
    return b"".join(_TLV.pack(tag, len(value)) + value for tag, value in tlvs)
