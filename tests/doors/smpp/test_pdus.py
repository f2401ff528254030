"""PDUs to octets and back, and what is wrong with those that are not PDUs."""

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.doors.smpp import pdus
from tocsin.doors.smpp.numbers import COMMANDS, Command, Status, Tag
from tocsin.doors.smpp.reading import Unreadable, read, read_header
from tocsin.doors.smpp.writing import write
from tocsin.errors import Malformed

octet = st.integers(0, 255)
tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=300)), max_size=3).map(tuple)


def string(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=longest - 1)


messages = st.builds(
    pdus.ShortMessage,
    service=string(6),
    source_ton=octet,
    source_npi=octet,
    source=string(21),
    dest_ton=octet,
    dest_npi=octet,
    dest=string(21),
    esm_class=octet,
    protocol=octet,
    priority=octet,
    schedule=st.just("") | string(17),
    validity=st.just("") | string(17),
    registered=octet,
    replace=octet,
    data_coding=octet,
    default_message=octet,
    text=st.binary(max_size=254),
    tlvs=tlvs,
)
addresses = st.builds(pdus.Address, octet, octet, string(21))
bodies = st.one_of(
    messages.map(lambda body: (Command.DELIVER_SM, body)),
    messages.map(lambda body: (Command.SUBMIT_SM, body)),
    st.builds(pdus.ShortMessage, dest=string(65), data_coding=octet, tlvs=tlvs).map(
        lambda body: (Command.DATA_SM, body)
    ),
    st.builds(pdus.Bind, string(16), string(9), string(13), octet, octet, octet, string(41), tlvs).map(
        lambda body: (Command.BIND_TRANSCEIVER, body)
    ),
    st.builds(pdus.Bound, string(16), tlvs).map(lambda body: (Command.BIND_RECEIVER_RESP, body)),
    st.builds(pdus.Answer, string(65), tlvs).map(lambda body: (Command.SUBMIT_SM_RESP, body)),
    st.builds(pdus.Outbind, string(16), string(9), tlvs).map(lambda body: (Command.OUTBIND, body)),
    st.builds(pdus.Nothing, tlvs).map(lambda body: (Command.ENQUIRE_LINK, body)),
    st.builds(pdus.Query, string(65), octet, octet, string(21), tlvs).map(
        lambda body: (Command.QUERY_SM, body)
    ),
    st.builds(pdus.QueryAnswer, string(65), string(17), octet, octet, tlvs).map(
        lambda body: (Command.QUERY_SM_RESP, body)
    ),
    st.builds(pdus.Cancel, string(6), string(65), octet, octet, string(21), tlvs=tlvs).map(
        lambda body: (Command.CANCEL_SM, body)
    ),
    st.builds(pdus.Replace, string(65), text=st.binary(max_size=254), tlvs=tlvs).map(
        lambda body: (Command.REPLACE_SM, body)
    ),
    st.builds(pdus.Alert, octet, octet, string(65), octet, octet, string(65), tlvs).map(
        lambda body: (Command.ALERT_NOTIFICATION, body)
    ),
    st.builds(pdus.Raw, st.binary(max_size=50)).map(lambda body: (Command.BROADCAST_SM, body)),
    st.builds(
        lambda dests, message: pdus.Multi(tuple(dests), pdus.ShortMessage(text=message)),
        st.lists(addresses | string(21), max_size=5),
        st.binary(max_size=254),
    ).map(lambda body: (Command.SUBMIT_MULTI, body)),
    st.builds(
        lambda failed, found: pdus.MultiAnswer("7", tuple(failed), found),
        st.lists(st.tuples(addresses, st.integers(0, 2**32 - 1)), max_size=5),
        tlvs,
    ).map(lambda body: (Command.SUBMIT_MULTI_RESP, body)),
)


@given(bodies, st.integers(0, 2**32 - 1))
def test_every_pdu_comes_back(pair: tuple[int, pdus.Body], sequence: int) -> None:
    command, body = pair
    assert read(write(command, sequence, body)) == pdus.Pdu(command, 0, sequence, body)


@given(st.binary(max_size=200), st.sampled_from(sorted(COMMANDS)))
def test_any_octets_are_read_or_named(octets: bytes, command: int) -> None:
    """No octets raise anything but a named refusal."""
    frame = struct.pack(">4I", 16 + len(octets), command, 0, 1) + octets
    with suppress(Malformed):
        read(frame)


@given(bodies, st.data())
def test_a_pdu_cut_off_anywhere_is_read_or_named(pair: tuple[int, pdus.Body], data: st.DataObject) -> None:
    command, body = pair
    whole = write(command, 1, body)
    cut = data.draw(st.integers(16, len(whole)))
    frame = struct.pack(">I", cut) + whole[4:cut]
    with suppress(Malformed):
        read(frame)


@pytest.mark.parametrize("length", [0, 15, 70_001, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_no_pdu_has_is_named(length: int) -> None:
    """Length 0 and 4 GB are refused by the header alone, before anything is waited for or kept."""
    with pytest.raises(Unreadable) as refused:
        read_header(struct.pack(">4I", length, Command.DELIVER_SM, 0, 1))
    assert (refused.value.code, refused.value.status) == ("smpp.length", Status.INVALID_LENGTH)


def test_an_unknown_command_is_named() -> None:
    with pytest.raises(Unreadable) as refused:
        read(struct.pack(">4I", 16, 0x0000_4242, 0, 1))
    assert (refused.value.code, refused.value.status) == ("smpp.command", Status.INVALID_COMMAND)


@pytest.mark.parametrize(
    ("tail", "status"),
    [
        (b"\x04", Status.INVALID_TLV_STREAM),
        (b"\x04\x24\x00", Status.INVALID_TLV_STREAM),
        (b"\x04\x24\xff\xffabc", Status.INVALID_TLV_LENGTH),
    ],
)
def test_tlvs_that_do_not_add_up_are_named(tail: bytes, status: Status) -> None:
    whole = write(Command.DELIVER_SM, 1, pdus.ShortMessage(source="1", dest="7726", text=b"x")) + tail
    with pytest.raises(Unreadable) as refused:
        read(struct.pack(">I", len(whole)) + whole[4:])
    assert (refused.value.code, refused.value.status) == ("smpp.tlv", status)


def test_a_text_longer_than_its_pdu_is_named() -> None:
    whole = bytearray(write(Command.DELIVER_SM, 1, pdus.ShortMessage(text=b"x")))
    whole[-2] = 200
    with pytest.raises(Unreadable) as refused:
        read(bytes(whole))
    assert refused.value.code == "smpp.truncated"


@pytest.mark.parametrize("field", ["service", "source", "dest", "validity"])
def test_a_field_longer_than_the_specification_allows_is_named(field: str) -> None:
    """A message centre that writes a longer address would otherwise shift every field after it."""
    filled = pdus.ShortMessage(**{field: "1" * 5})
    whole = write(Command.DELIVER_SM, 1, filled).replace(b"1" * 5, b"1" * 70)
    with pytest.raises(Unreadable) as refused:
        read(struct.pack(">I", len(whole)) + whole[4:])
    assert refused.value.code == "smpp.field"


def test_an_answer_of_failure_may_have_no_body() -> None:
    """SMPP 3.4, 4.1.2."""
    pdu = read(struct.pack(">4I", 16, Command.BIND_TRANSCEIVER_RESP, Status.INVALID_PASSWORD, 1))
    assert (pdu.status, pdu.body) == (Status.INVALID_PASSWORD, pdus.Nothing())


def test_message_payload_stands_in_for_the_text() -> None:
    message = pdus.ShortMessage(tlvs=((Tag.MESSAGE_PAYLOAD, b"long"),))
    assert message.payload == b"long"


def test_a_field_too_long_to_write_is_refused() -> None:
    with pytest.raises(ValueError, match="source"):
        write(Command.DELIVER_SM, 1, pdus.ShortMessage(source="1" * 21))
