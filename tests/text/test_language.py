"""Guessing languages."""

import pytest
from hypothesis import given

from tests.text.strategies import ANY_TEXT, THOROUGH
from tocsin.text.language import guess_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Your parcel is held, pay the fee now", "en"),
        ("Votre colis est en attente, veuillez payer les frais", "fr"),
        ("Su paquete está retenido, pague el cargo por favor", "es"),
        ("مرحبا لقد ربحت جائزة", "ar"),
        ("آپ کا انعام ہے", "ur"),
        ("بسته شما گیر کرده", "fa"),
        ("您的包裹已到达", "zh"),
        ("お荷物が届きました", "ja"),
        ("택배가 도착했습니다", "ko"),
        ("Ваша посылка задержана", "ru"),
        ("Ваша посилка її чекає", "uk"),
        ("आपका पार्सल", "hi"),
        ("আপনার পার্সেল", "bn"),
        ("xyzzy", "und"),
        ("12345", "und"),
        ("", "und"),
    ],
)
def test_each_language_is_told_by_script_or_words(text: str, language: str) -> None:
    """A short message in each language is told apart; too little to tell is `und`."""
    assert guess_language(text) == language


@THOROUGH
@given(ANY_TEXT)
def test_guessing_never_raises(text: str) -> None:
    """Any text gets a tag of two or three letters."""
    assert guess_language(text).isalpha()
