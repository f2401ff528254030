"""Defanging and redaction: harmless to show and to share."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.text.safe import defang, redact


@THOROUGH
@given(ANY_TEXT | st.text("0123456789 -.w/h:@x", max_size=200))
def test_redaction_leaves_no_long_number(text: str) -> None:
    """No run of seven digits survives redaction, in any text."""
    assert not re.search(r"\d{7}", redact(text))


@THOROUGH
@given(ANY_TEXT)
def test_defanging_never_raises(text: str) -> None:
    """Any text can be defanged, and none comes out with a web scheme."""
    assert not re.search(r"\bhttps?:", defang(text), re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("see http://bad.example/x", "see hxxp://bad[.]example/x"),
        ("HTTPS://bad.example", "HxxPS://bad[.]example"),
        ("www.bad.example", "www[.]bad[.]example"),
        ("at bad.example, now", "at bad[.]example, now"),
        ("The end. Next", "The end. Next"),
        ("包裹 http://bad.example/付", "包裹 hxxp://bad[.]example/付"),
    ],
)
def test_links_are_defanged(text: str, safe: str) -> None:
    """Links are written so that nothing makes them clickable; prose stays."""
    assert defang(text) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("call +44 7700 900123 now", "call ⟨number⟩ now"),
        ("code 4821", "code ⟨number⟩"),
        ("at 9 am, 2 of 3", "at 9 am, 2 of 3"),
        ("اتصل ٠٥٠٠٠٠٠٠٠٠", "اتصل ⟨number⟩"),
        ("write to a.b@mail.example", "write to ⟨address⟩"),
        ("http://bad.example/u?id=77", "http://bad.example/…"),
        ("hxxp://bad.example/u", "hxxp://bad.example/…"),
        ("www.bad.example/secret?u=http://x", "www.bad.example/…"),
        ("http://someone@bad.example", "http://⟨address⟩"),
        ("http://447700900123.bad.example", "http://⟨number⟩.bad.example"),
    ],
)
def test_what_points_at_a_person_is_redacted(text: str, safe: str) -> None:
    """Numbers, codes, addresses and the paths of links become slots; hosts stay."""
    assert redact(text) == safe
