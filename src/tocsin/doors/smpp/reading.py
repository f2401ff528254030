"""Octets to PDUs (SMPP 3.4 sections 3.2 and 4), and nothing else: no state, no policy.

deliver_sm and submit_sm, which come by the thousand, are read by one function in one pass without copies
of the frame; all other commands are read by their layout.
"""

from struct import Struct as Packing
from struct import error as packing_error
from typing import Any, NamedTuple

from tocsin.doors.smpp.layouts import BLOB, LAYOUTS, MULTI_HEAD, MULTI_TAIL, OCTET, Layout
from tocsin.doors.smpp.numbers import COMMANDS, HEADER, LONGEST, RESPONSE, Command, Status
from tocsin.doors.smpp.pdus import (
    Address,
    Body,
    Multi,
    MultiAnswer,
    Nothing,
    Pdu,
    Raw,
    ShortMessage,
    Tlvs,
)
from tocsin.errors import Malformed

_HEADER = Packing(">4I")
_TLV = Packing(">2H")
_FAILED = Packing(">I")
_TEN = Packing("10B")
_MOST_DESTS = 254
_LONGEST_SOURCE, _LONGEST_SERVICE = 20, 5


class Header(NamedTuple):
    """The four integers in front of every PDU."""

    length: int
    command: int
    status: int
    sequence: int


class Unreadable(Malformed):
    """A PDU that can't be read, and the status that its answer must carry."""

    def __init__(self, code: str, field: str, detail: str, status: Status = Status.INVALID_LENGTH) -> None:
        super().__init__(code, field, detail)
        self.status = status


def read_header(frame: bytes | bytearray | memoryview, at: int = 0) -> Header:
    """Read a header.

    Raises:
        Unreadable: fewer than 16 octets are there, or the length is one that no PDU has.
    """
    try:
        length, command, status, sequence = _HEADER.unpack_from(frame, at)
    except packing_error as error:
        raise _truncated("header") from error
    if not HEADER <= length <= LONGEST:
        raise Unreadable("smpp.length", "command_length", f"between {HEADER} and {LONGEST} octets")
    return Header(length, command, status, sequence)


def read(frame: bytes) -> Pdu:
    """Read one whole PDU.

    Raises:
        Unreadable: its length is not the frame's, its command is unknown, a field is cut off or too long, or
            its TLVs do not add up.
    """
    length, command, status, sequence = read_header(frame)
    if length != len(frame):
        raise Unreadable("smpp.length", "command_length", "not the length of the PDU")
    return Pdu(command, status, sequence, read_body(command, frame))


def read_body(command: int, frame: bytes) -> Body:
    """Read what follows a frame's header.

    Raises:
        Unreadable: as `read`.
    """
    if command in (Command.DELIVER_SM, Command.SUBMIT_SM):
        return short_message(frame)
    if command not in COMMANDS:
        raise Unreadable("smpp.command", "command_id", "no such command", Status.INVALID_COMMAND)
    if command & RESPONSE and len(frame) == HEADER:
        # An answer of failure has no body (4.1.2), and some message centres leave out any empty one.
        return Nothing()
    try:
        if command == Command.SUBMIT_MULTI:
            return _multi(frame)
        if command == Command.SUBMIT_MULTI_RESP:
            return _multi_answer(frame)
        if command not in LAYOUTS:
            return Raw(frame[HEADER:])
        kind, layout = LAYOUTS[command]
        values, at = _fields(frame, HEADER, layout)
        return kind(**values, tlvs=_tlvs(frame, at))
    except IndexError as error:
        raise _truncated("body") from error


def short_message(frame: bytes) -> ShortMessage:
    """Read a deliver_sm's or submit_sm's frame.

    Raises:
        Unreadable: a field is cut off or too long, or the TLVs do not add up.
    """
    try:
        service = frame.index(0, HEADER)
        source = frame.index(0, service + 3)
        dest = frame.index(0, source + 3)
        at = dest + 1
        esm, protocol, priority, late, end, registered, replace, coding, default, size = _TEN.unpack_from(
            frame, at
        )
    except (ValueError, packing_error) as error:
        raise _truncated("body") from error
    if late or end or source - service > _LONGEST_SOURCE + 3 or dest - source > _LONGEST_SOURCE + 3:
        return _timed(frame)
    if service > HEADER + _LONGEST_SERVICE:
        raise _too_long("service_type")
    at += 10
    stop = at + size
    if stop > len(frame):
        raise _truncated("short_message")
    return ShortMessage(
        frame[HEADER:service].decode("latin-1"),
        frame[service + 1],
        frame[service + 2],
        frame[service + 3 : source].decode("latin-1"),
        frame[source + 1],
        frame[source + 2],
        frame[source + 3 : dest].decode("latin-1"),
        esm,
        protocol,
        priority,
        "",
        "",
        registered,
        replace,
        coding,
        default,
        frame[at:stop],
        _tlvs(frame, stop) if stop < len(frame) else (),
    )


def _timed(frame: bytes) -> ShortMessage:
    """Read a short message with times of delivery, by its layout."""
    try:
        values, at = _fields(frame, HEADER, LAYOUTS[Command.DELIVER_SM][1])
    except IndexError as error:
        raise _truncated("body") from error
    return ShortMessage(**values, tlvs=_tlvs(frame, at))


def _fields(frame: bytes, at: int, layout: Layout) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    for name, kind in layout:
        if kind == OCTET:
            values[name] = frame[at]
            at += 1
        elif kind == BLOB:
            stop = at + 1 + frame[at]
            if stop > len(frame):
                raise _truncated(name)
            values[name] = frame[at + 1 : stop]
            at = stop
        else:
            values[name], at = _string(frame, at, name, kind)
    return values, at


def _string(frame: bytes, at: int, name: str, longest: int) -> tuple[str, int]:
    end = frame.find(0, at, at + longest)
    if end < 0:
        raise _too_long(name) if len(frame) >= at + longest else _truncated(name)
    return frame[at:end].decode("latin-1"), end + 1


def _tlvs(frame: bytes, at: int) -> Tlvs:
    tlvs = []
    size = len(frame)
    while at < size:
        if at + 4 > size:
            raise Unreadable("smpp.tlv", "tlv", "cut off in its head", Status.INVALID_TLV_STREAM)
        tag, length = _TLV.unpack_from(frame, at)
        at += 4 + length
        if at > size:
            raise Unreadable("smpp.tlv", f"tlv.{tag:04x}", "longer than its PDU", Status.INVALID_TLV_LENGTH)
        tlvs.append((tag, frame[at - length : at]))
    return tuple(tlvs)


def _multi(frame: bytes) -> Multi:
    values, at = _fields(frame, HEADER, MULTI_HEAD)
    count = frame[at]
    at += 1
    if count > _MOST_DESTS:
        raise Unreadable("smpp.dests", "number_of_dests", f"at most {_MOST_DESTS}")
    dests: list[Address | str] = []
    for _ in range(count):
        if frame[at] == 1:
            number, end = _string(frame, at + 3, "destination_addr", 21)
            dests.append(Address(frame[at + 1], frame[at + 2], number))
        else:
            name, end = _string(frame, at + 1, "dl_name", 21)
            dests.append(name)
        at = end
    rest, at = _fields(frame, at, MULTI_TAIL)
    return Multi(tuple(dests), ShortMessage(**values, **rest, tlvs=_tlvs(frame, at)))


def _multi_answer(frame: bytes) -> MultiAnswer:
    message_id, at = _string(frame, HEADER, "message_id", 65)
    count = frame[at]
    at += 1
    failed = []
    for _ in range(count):
        number, end = _string(frame, at + 2, "destination_addr", 21)
        if end + 4 > len(frame):
            raise _truncated("unsuccess_sme")
        failed.append((Address(frame[at], frame[at + 1], number), _FAILED.unpack_from(frame, end)[0]))
        at = end + 4
    return MultiAnswer(message_id, tuple(failed), _tlvs(frame, at))


def _truncated(field: str) -> Unreadable:
    return Unreadable("smpp.truncated", field, "the PDU ends before its fields do")


def _too_long(field: str) -> Unreadable:
    return Unreadable("smpp.field", field, "longer than the specification allows")
