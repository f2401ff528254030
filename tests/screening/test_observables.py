"""Observables: the traces that two messages can share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.screening.observables import MOST, observables

PIECES = (
    "http:// hxxps:// www. bad .example [.] .co.uk / @ +44 00 ٧ 7700 900123 ( ) - \u200b \ud800 "
    "包裹 xn-- : 0x ı .. 1.2.3.4 ?"
)
FRAGMENTS = st.lists(st.sampled_from([" ", *PIECES.split()]), max_size=30).map("".join)


@THOROUGH
@given(ANY_TEXT | FRAGMENTS, st.sampled_from(["GB", "SA", "CN", "ZZ", ""]))
def test_any_text_gives_at_most_twenty_different_traces(text: str, country: str) -> None:
    """Nothing in a text makes finding raise, and no trace comes twice."""
    found = [(one.kind, one.value) for one in observables(text, country)]
    assert len(found) == len(set(found)) <= MOST


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("pay at http://www.Bad.example/x.", "host", "bad.example"),
        ("pay at hxxp://bad[.]example/x", "url", "http://bad.example/x"),
        ("pay at bad(.)example/x", "host", "bad.example"),
        ("see shop.bad.co.uk now", "host", "bad.co.uk"),
        ("http://192.0.2.7/x", "host", "192.0.2.7"),
        ("请点击 www.bad.com。", "host", "bad.com"),
        ("اضغط http://bad.example/x", "url", "http://bad.example/x"),
        ("zahlen: http://bücher.de/x jetzt", "host", "xn--bcher-kva.de"),
        ("http://пример.рф/a", "url", "http://xn--e1afmkfd.xn--p1ai/a"),
        ("http://موقع.السعودية", "host", "xn--4gbrim.xn--mgberp4a5d4ar"),
        ("请看http://abc.com点击", "host", "abc.com"),
        ("call 07700 900123", "phone", "+447700900123"),
        ("call +44 7700 900123", "phone", "+447700900123"),
        ("write to A.B@Mail.example", "email", "a.b@mail.example"),
        ("pay 0x" + "ab" * 20, "wallet", "0x" + "ab" * 20),
    ],
)
def test_each_kind_of_trace_is_found(text: str, kind: str, value: str) -> None:
    """Each kind is found in its canonical form."""
    assert (kind, value) in {(one.kind.value, one.value) for one in observables(text, "GB")}


@pytest.mark.parametrize(
    "text", ["", "Hello. See you", "at 10.30 for 5.50", "the end.Then word", "code 123456"]
)
def test_prose_has_no_traces(text: str) -> None:
    """Sentences, prices and short codes are no traces."""
    assert observables(text, "GB") == ()


@pytest.mark.parametrize(
    ("text", "host"),
    [("点击www.abc.cn领取奖品", "abc.cn"), ("请立即登录bank-login.com/a进行身份核验", "bank-login.com")],
)
def test_a_link_inside_unspaced_text_ends_where_the_words_begin(text: str, host: str) -> None:
    """Chinese words before and behind a link are not part of its host."""
    found = [one.value for one in observables(text, "CN") if one.kind == "host"]
    assert found == [host]
