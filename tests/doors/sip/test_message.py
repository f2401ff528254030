"""Reading SIP: any bytes are read or refused by name; what is written is read back the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.doors.sip.makers import request
from tocsin.doors.sip.message import LONGEST, LONGEST_HEADER, Headers, Request, Response, read_message
from tocsin.doors.sip.values import caller, causes, read_address, read_sequence, read_via, split, user
from tocsin.errors import Malformed

GOOD = request()
names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
    lambda name: name.lower() not in {"content-length", "l"}
)
values = st.text(st.characters(exclude_categories=["C"], exclude_characters="\u2028\u2029"), max_size=80).map(
    str.strip
)


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    try:
        read_message(data)
    except Malformed:
        return


@given(st.integers(0, len(GOOD) - 1), st.binary(max_size=4))
def test_any_damage_is_read_or_refused(place: int, damage: bytes) -> None:
    """A good message with a few bytes replaced."""
    try:
        read_message(GOOD[:place] + damage + GOOD[place + len(damage) :])
    except Malformed:
        return


@given(st.lists(st.tuples(names, values), max_size=10), st.binary(max_size=200))
def test_requests_round_trip(fields: list[tuple[str, str]], body: bytes) -> None:
    """What is written is read back, headers in order, body and all."""
    read = read_message(Request("INVITE", "sip:7726@example.net", Headers(fields), body).write())
    assert isinstance(read, Request)
    assert (read.method, read.uri, read.body) == ("INVITE", "sip:7726@example.net", body)
    assert list(read.headers)[:-1] == list(Headers(fields))


@given(st.integers(100, 699), st.lists(st.tuples(names, values), max_size=5))
def test_responses_round_trip(status: int, fields: list[tuple[str, str]]) -> None:
    """The same for answers."""
    read = read_message(Response(status, "Some Phrase", Headers(fields)).write())
    assert isinstance(read, Response)
    assert (read.status, read.phrase) == (status, "Some Phrase")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "sip.no_end"),
        (b"\r\n\r\n", "sip.start"),
        (b"GET / HTTP/1.1\r\n\r\n", "sip.start"),
        (b"SIP/2.0 999 X\r\n\r\n", "sip.status"),
        (b"INVITE sip:a SIP/2.0\r\nNo colon\r\n\r\n", "sip.header"),
        (b"INVITE sip:a SIP/2.0\r\nTo: a\rVia: b\r\n\r\n", "sip.header"),
        (b"INVITE sip:a SIP/2.0\r\nL: 5\r\n\r\nabc", "sip.length"),
        (b"INVITE sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n", "sip.length"),
        (b"INVITE sip:a SIP/2.0\r\n" + b"a: b\r\n" * 201 + b"\r\n", "sip.headers"),
        (b"INVITE sip:a SIP/2.0\r\na: " + b"b" * LONGEST_HEADER + b"\r\n\r\n", "sip.headers"),
        (b"x" * (LONGEST + 1), "sip.too_long"),
    ],
)
def test_bad_messages_are_refused_by_name(data: bytes, code: str) -> None:
    """Each bound and each form has a name."""
    with pytest.raises(Malformed) as refusal:
        read_message(data)
    assert refusal.value.code == code


def test_folded_and_compact_headers_are_read() -> None:
    """RFC 3261, sections 7.3.1 and 7.3.3."""
    read = read_message(b"INVITE sip:a SIP/2.0\r\nf: <sip:a@b>\r\n ;tag=1\r\nI : x\r\n\r\n")
    assert read.headers.first("from") == "<sip:a@b> ;tag=1"
    assert read.headers.first("call-id") == "x"


@given(st.text(max_size=300))
@example("<sip:" + ";" * 290)
def test_any_value_is_read_or_refused(text: str) -> None:
    """Every reader of a header's value, on any text."""
    for read in (read_via, read_address, read_sequence):
        try:
            read(text)
        except Malformed:
            continue
    assert isinstance(causes([text]), list)
    assert isinstance(user(text), str)
    assert isinstance(caller(text, "GB"), str)


def test_quoted_commas_and_brackets_do_not_split() -> None:
    """A display name may hold anything."""
    value = r'"Smith, \"J\" <x>" <sip:a@b;c,d>;tag=1, <sip:e@f>'
    assert list(split(value, ",")) == [r'"Smith, \"J\" <x>" <sip:a@b;c,d>;tag=1', "<sip:e@f>"]
    address = read_address(next(split(value, ",")))
    assert (address.uri, address.params["tag"]) == ("sip:a@b;c,d", "1")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("tel:+44-7700-900123", "+447700900123"),
        ("tel:7700900123;phone-context=+44", "+447700900123"),
        ("sip:+447700900123;npdi@ims.example;user=phone", "+447700900123"),
        ("sip:07700900123@ims.example", "+447700900123"),
        ("sips:%2B447700900123@ims.example", "+447700900123"),
        ("sip:Sales@Spam.Example:5080;transport=tcp", "Sales@spam.example"),
        ("sip:anonymous@anonymous.invalid", ""),
        ("sip:spam.example", ""),
        ("mailto:a@b.example", ""),
    ],
)
def test_who_a_uri_stands_for(uri: str, expected: str) -> None:
    """Numbers in each form; names with their host; nobody for the anonymous."""
    assert caller(uri, "GB") == expected


def test_via_with_address_of_version_six() -> None:
    """RFC 3261, section 20.42, with the spaces it allows."""
    via = read_via("SIP / 2.0 / UDP [2001:db8::1]:5070;branch=z9hG4bK1;rport, SIP/2.0/TCP b")
    assert (via.host, via.port, via.params) == ("[2001:db8::1]", 5070, {"branch": "z9hG4bK1", "rport": ""})


def test_reasons_of_other_protocols_are_not_causes() -> None:
    """RFC 3326: Q.850's 16 is not SIP's."""
    assert causes(['Q.850;cause=16;text="x, y", SIP ;cause=607;text="Unwanted"', "SIP;cause=12"]) == [607]
