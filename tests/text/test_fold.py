"""Folding: what a person reads alike compares equal."""

import pytest
from hypothesis import given

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.text.fold import fold


@THOROUGH
@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is its own fold, whatever the text, and folding never raises."""
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hello  WORLD\n", "hello world"),
        ("Straße", "strasse"),
        ("ＦＲＥＥ", "free"),
        ("fr\u200bee", "free"),
        ("fr\u00adee", "free"),
        ("\u202efree\u202c", "free"),
        ("pаypаl", "paypal"),
        ("gооgle", "google"),
        ("посылка", "посылка"),
        ("pay посылка", "pay посылка"),
        ("مـــبروك", "مبروك"),
        ("مُبَارَك", "مبارك"),
        ("ا\u0654", "أ"),
        ("您的包裹", "您的包裹"),
        ("ＡＢＣ１２３", "abc123"),
        ("x\ud800", "x\ufffd"),
        ("a\0b", "a\0b"),
        ("", ""),
    ],
)
def test_what_reads_alike_folds_alike(text: str, folded: str) -> None:
    """Each kind of disguise folds to the plain text, and plain text of any script stays."""
    assert fold(text) == folded


@pytest.mark.parametrize("text", ["xа\u0301", "e\u200b\u0301", "xһ\u0331", "xа\u0301о"])
def test_marks_compose_with_letters_that_became_neighbours(text: str) -> None:
    """A mark that meets a new base letter composes with it at the first folding."""
    assert fold(fold(text)) == fold(text)


def test_canonically_equal_texts_fold_alike() -> None:
    """A letter with its mark composed and decomposed are one (UAX #15)."""
    assert fold("cafe\u0301") == fold("caf\u00e9")
