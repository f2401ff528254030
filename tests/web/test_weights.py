"""Weighted headers: whatever is sent, choices come out, the best first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.web.i18n import LANGUAGES, preferred
from tocsin.web.weights import weighted


@given(st.text(alphabet=st.sampled_from("aren-*;,q=0.15 \t\x00é")))
def test_any_header_is_read(header: str) -> None:
    """Never an error; weights lie between 0 and 1 and fall."""
    found = [weight for _, weight in weighted(header)]
    assert found == sorted(found, reverse=True)
    assert all(0 <= weight <= 1 for weight in found)
    assert preferred(header) in LANGUAGES


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en;q=0.5, ar;q=0.9", "ar"),
        ("en;q=0.2,ar-EG;q=0.3", "ar"),
        ("ar;q=0, en;q=0.1", "en"),
        ("fr, *;q=0.1", "en"),
        ("en;q=0, *", "ar"),
        ("ar;q=2, en", "ar"),
        ("AR", "ar"),
    ],
)
def test_the_weight_decides_not_the_place(header: str, language: str) -> None:
    """RFC 9110, section 12.5.4: the highest weight first, 0 is refused."""
    assert preferred(header) == language
