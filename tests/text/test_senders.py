"""Senders: read once into one canonical form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.errors import Rejected
from tocsin.records import Sender, SenderKind
from tocsin.text.senders import LONGEST, canonical_address, parse_sender

COUNTRIES = st.sampled_from(["GB", "SA", "CN", "US", "ZZ", "", "xx"])


@THOROUGH
@given(ANY_TEXT, COUNTRIES)
def test_reading_raises_only_rejected(raw: str, country: str) -> None:
    """Any sender is read or rejected, nothing else, and its value stays short."""
    try:
        sender = parse_sender(raw, country)
    except Rejected:
        return
    assert len(sender.value) <= LONGEST


@THOROUGH
@given(st.from_regex(r"[+(]?[\d\s().\-/]{1,30}", fullmatch=True), COUNTRIES)
def test_reading_anything_like_a_number_raises_only_rejected(raw: str, country: str) -> None:
    """Digits and their punctuation are read as some kind of sender in any country."""
    try:
        sender = parse_sender(raw, country)
    except Rejected:
        return
    assert isinstance(sender, Sender)


@pytest.mark.parametrize(
    ("raw", "country", "kind", "value"),
    [
        ("+44 7700 900123", "ZZ", "e164", "+447700900123"),
        ("00447700900123", "FR", "e164", "+447700900123"),
        ("07700 900123", "GB", "e164", "+447700900123"),
        ("+٤٤٧٧٠٠٩٠٠١٢٣", "SA", "e164", "+447700900123"),
        ("60999", "GB", "short_code", "60999"),
        ("HSBC", "GB", "alphanumeric", "hsbc"),
        ("HЅBC", "GB", "alphanumeric", "hѕbc".replace("ѕ", "s")),
        ("HS\u200bBC", "GB", "alphanumeric", "hsbc"),
        ("中国银行", "CN", "alphanumeric", "中国银行"),
        ("Bad@Example.COM", "GB", "address", "bad@example.com"),
        ("@Some_One", "GB", "handle", "@some_one"),
        ("https://bad.example/x", "GB", "url", "https://bad.example/x"),
        ("  ", "GB", "withheld", ""),
        ("", "GB", "withheld", ""),
    ],
)
def test_each_kind_has_one_canonical_form(raw: str, country: str, kind: str, value: str) -> None:
    """Each kind of name is told apart and brought into its form."""
    sender = parse_sender(raw, country)
    assert (sender.kind, sender.value) == (SenderKind(kind), value)


@pytest.mark.parametrize(
    ("raw", "country"), [("+447700900123", "GB"), ("+8613800138000", "CN"), ("+966500000000", "SA")]
)
def test_a_number_names_its_country(raw: str, country: str) -> None:
    """An international number carries the country of its code."""
    assert parse_sender(raw, "ZZ").country == country


@pytest.mark.parametrize(
    ("raw", "code"), [("x" * (LONGEST + 1), "sender.too_long"), ("\u200b\u200d", "sender.invalid")]
)
def test_what_is_no_sender_is_rejected(raw: str, code: str) -> None:
    """A sender too long or invisible is rejected with its reason."""
    with pytest.raises(Rejected) as caught:
        parse_sender(raw, "GB")
    assert (caught.value.code, caught.value.field) == (code, "sender")


def test_a_sender_that_grows_when_folded_is_cut() -> None:
    """One letter that stands for eighteen cannot outgrow the limit."""
    assert len(parse_sender("\ufdfa" * LONGEST, "SA").value) == LONGEST


@pytest.mark.parametrize("raw", ["07700 900123", "+44 7700 900123", "0044 7700 900123"])
def test_one_person_has_one_address(raw: str) -> None:
    """Every way of writing a number is one canonical address."""
    assert canonical_address(raw, "GB") == "+447700900123"


@THOROUGH
@given(ANY_TEXT, COUNTRIES)
def test_a_canonical_address_never_raises(raw: str, country: str) -> None:
    """Any text has a canonical address."""
    assert isinstance(canonical_address(raw, country), str)
