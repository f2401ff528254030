"""Telling whether a message offers a way out: by its words, in the languages that are known here."""

from functools import cache
from importlib import resources

import yaml

from tocsin.text.fold import fold


@cache
def _words() -> dict[str, tuple[str, ...]]:
    file = resources.files("tocsin.definitions") / "words" / "ways_out.yaml"
    data: dict[str, list[str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {language: tuple(fold(str(word)) for word in words) for language, words in data.items()}


def way_out(text: str) -> str:
    """Return the words by which a text offers a way out; empty when none of the known ones stands in it."""
    folded = fold(text)
    return next((word for words in _words().values() for word in words if word in folded), "")


def is_known(language: str) -> bool:
    """Say whether the way out's words are known in a language, so that their absence means something."""
    return language in _words()
