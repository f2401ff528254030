"""The GSM 7-bit alphabet: 3GPP TS 23.038."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.doors.smpp import gsm7

letters = st.sampled_from(sorted(set(gsm7.ALPHABET.replace("\x1b", "")) | set(gsm7.EXTENSION.values())))


@given(st.text(letters))
def test_every_text_of_the_alphabet_comes_back(text: str) -> None:
    septets = gsm7.encode(text)
    assert septets is not None
    assert gsm7.decode(b"".join(septets)) == text


@given(st.binary())
def test_any_octets_become_some_text(octets: bytes) -> None:
    gsm7.decode(octets)
    gsm7.unpack(octets)


@given(st.binary().map(lambda raw: bytes(octet & 0x7F for octet in raw)), st.integers(0, 6))
def test_packing_is_undone_but_for_a_last_at_sign_or_return(septets: bytes, fill: int) -> None:
    """SMPP carries no count of septets: a last `@` on an octet's boundary looks like padding."""
    back = gsm7.unpack(gsm7.pack(septets, fill), fill)
    assert back == septets or back in (septets[:-1], septets + b"\0")


def test_packing_is_that_of_the_specification() -> None:
    """The usual example: hellohello is E8 32 9B FD 46 97 D9 EC 37."""
    assert gsm7.pack(b"hellohello").hex() == "e8329bfd4697d9ec37"
    assert gsm7.unpack(bytes.fromhex("e8329bfd4697d9ec37")) == b"hellohello"


def test_a_long_hostile_text_is_unpacked_piece_by_piece() -> None:
    """64 KiB unpack in the time of 64 KiB: each seven octets by themselves."""
    assert len(gsm7.unpack(b"\xff" * 65_535)) == 65_535 * 8 // 7


def test_the_euro_sign_takes_two_septets() -> None:
    assert gsm7.encode("€") == [b"\x1be"]


def test_what_the_alphabet_lacks_is_not_encoded() -> None:
    assert gsm7.encode("ő") is None


def test_an_unknown_extension_shows_the_basic_character() -> None:
    """23.038, 6.2.1.1: a receiver without the extension shows the basic table's character."""
    assert gsm7.decode(b"\x1bA") == "A"
    assert gsm7.decode(b"a\x1b") == "a "
