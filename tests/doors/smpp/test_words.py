"""data_coding to text, text to parts, headers and receipts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.doors.smpp.centres import forward
from tocsin.doors.smpp import gsm7
from tocsin.doors.smpp.delivery_receipts import is_receipt
from tocsin.doors.smpp.headers import Part, take_apart
from tocsin.doors.smpp.pdus import ShortMessage
from tocsin.doors.smpp.words import ALPHABETS, check_alphabet, decode, encode
from tocsin.errors import Misconfigured


@pytest.mark.parametrize(
    ("octets", "coding", "alphabet", "text"),
    [
        (b"\x00\x02 5\x1be", 0, "gsm7", "@$ 5€"),
        (b"caf\xe9", 0, "latin-1", "café"),
        ("سلام".encode(), 0, "utf-8", "سلام"),
        (b"plain", 1, "gsm7", "plain"),
        (b"caf\xe9", 3, "gsm7", "café"),
        ("中奖😀".encode("utf-16-be"), 8, "gsm7", "中奖😀"),
        (b"\xd8\x3d", 8, "gsm7", "�"),
        (b"\x00a\x00", 8, "gsm7", "a�"),
        (b"\x01\x02\xff", 4, "gsm7", "0102ff"),
        (b"words after all", 4, "gsm7", "words after all"),
        (b"\x00\x02", 0xF1, "gsm7", "@$"),
        (b"\x00a", 0x18, "gsm7", "a"),
        (b"\x00a", 0xE0, "gsm7", "a"),
        (b"a\x00b", 3, "gsm7", "a�b"),
        (b"\xff", 1, "gsm7", "�"),
    ],
)
def test_octets_are_read_by_their_coding(octets: bytes, coding: int, alphabet: str, text: str) -> None:
    """The codings of SMPP 3.4, 5.2.19, and the groups of 23.038 that some centres pass through."""
    assert decode(octets, coding, alphabet) == text


@given(st.binary(), st.integers(0, 255), st.sampled_from(ALPHABETS))
def test_any_octets_become_text_that_can_be_kept(octets: bytes, coding: int, alphabet: str) -> None:
    """Whatever the coding says, the result is text without NULs and lone surrogates."""
    text = decode(octets, coding, alphabet)
    text.encode()
    assert "\0" not in text


@given(st.text(max_size=400), st.sampled_from(ALPHABETS))
def test_what_is_sent_is_read_again(text: str, alphabet: str) -> None:
    """A text cut into parts and joined is the text; lone surrogates and NULs are none."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    written = encode(text, alphabet)
    assert decode(b"".join(written.parts), written.coding, alphabet) == text


@given(st.text(st.sampled_from("a€😀é"), min_size=1, max_size=500))
def test_every_part_fits_beside_its_header(text: str) -> None:
    """140 octets on the air: 160 septets or 153 beside a header, 70 units of UCS-2 or 67."""
    written = encode(text)
    single, part = (160, 153) if written.coding == 0 else (140, 134)
    assert all(len(octets) <= (single if len(written.parts) == 1 else part) for octets in written.parts)


def test_an_unknown_alphabet_is_misconfigured() -> None:
    with pytest.raises(Misconfigured):
        check_alphabet("ebcdic")


HEADERS = [
    (b"\x05\x00\x03\x2a\x02\x01", Part(0x2A, 0, 2, 1)),
    (b"\x06\x08\x04\x12\x34\x03\x02", Part(0x1234, 8, 3, 2)),
    (b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x2a\x02\x02", Part(0x2A, 0, 2, 2)),
]


@pytest.mark.parametrize(("header", "part"), HEADERS)
def test_a_header_tells_the_part(header: bytes, part: Part) -> None:
    """8- and 16-bit references, also after another element."""
    taken = take_apart(forward(text=header + b"words", esm_class=0x40), "gsm7")
    assert taken == (b"words", part)


@pytest.mark.parametrize(
    "header",
    [b"\x05\x00\x03\x2a\x02\x03", b"\x05\x00\x03\x2a\x01\x01", b"\x05\x00\x03\x2a\x00\x00", b"\x02\x70\x00"],
)
def test_a_part_that_can_not_be_is_a_whole_message(header: bytes) -> None:
    """Number 3 of 2, 1 of 1, 0 of 0, and a header without concatenation."""
    assert take_apart(forward(text=header + b"words", esm_class=0x40), "gsm7") == (b"words", None)


def test_a_header_longer_than_its_message_is_text() -> None:
    assert take_apart(forward(text=b"\xffwords", esm_class=0x40), "gsm7").octets == b"\xffwords"


def test_sar_parameters_tell_the_part() -> None:
    tlvs = ((0x020C, b"\x01\x02"), (0x020E, b"\x03"), (0x020F, b"\x02"))
    assert take_apart(forward(tlvs=tlvs), "gsm7").part == Part(0x0102, 0x020C, 3, 2)


def test_packed_septets_begin_on_a_septet_after_the_header() -> None:
    """Six octets of header leave one bit of fill (23.040, 9.2.3.24)."""
    body = b"\x05\x00\x03\x2a\x02\x01" + gsm7.pack(b"hellohello", 1)
    assert take_apart(forward(text=body, esm_class=0x40), "gsm7-packed").octets == b"hellohello"


@given(st.binary(max_size=300), st.integers(0, 255), st.sampled_from(ALPHABETS))
def test_any_payload_is_taken_apart(payload: bytes, esm_class: int, alphabet: str) -> None:
    tlvs = ((0x020C, payload[:5]), (0x020E, payload[5:7]), (0x020F, payload[7:8]))
    take_apart(ShortMessage(text=payload, esm_class=esm_class, tlvs=tlvs), alphabet)


RECEIPT = b"id:0123 sub:001 dlvrd:001 submit date:2601011200 done date:2601011201 stat:DELIVRD err:000 text:"


@pytest.mark.parametrize(
    "message",
    [
        forward(text=b"anything", esm_class=0x04),
        forward(text=b"anything", esm_class=0x08),
        forward(text=b"anything", esm_class=0x20),
        forward(text=b"", tlvs=((0x001E, b"0123\0"), (0x0427, b"\x02"))),
        forward(text=RECEIPT),
    ],
)
def test_a_receipt_is_known(message: ShortMessage) -> None:
    assert is_receipt(message)


def test_words_about_a_receipt_are_a_report() -> None:
    """Spam that speaks of ids and states is no receipt unless it is one word for word."""
    assert not is_receipt(forward("id:0123 your parcel stat: waiting"))
    assert not is_receipt(forward("FWD " + RECEIPT.decode()))
