"""Choosing the kind within a class, by words that tell the kinds apart."""

from functools import cache
from importlib import resources

import yaml

from tocsin.text.fold import fold

_FALLBACK = {"malware": "malware.link", "wanted": "wanted.personal"}


@cache
def _words() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    file = resources.files("tocsin.screening") / "data" / "keywords.yaml"
    data: dict[str, list[str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for category, words in data.items():
        folded = tuple(fold(str(word)) for word in words)
        found.setdefault(category.partition(".")[0], []).append((category, folded))
    return {name: tuple(kinds) for name, kinds in found.items()}


def kind_of(name: str, text: str) -> str:
    """Return the category of a text whose class is known.

    Args:
        name: a message class.
        text: the slotted text.
    """
    best, most = _FALLBACK.get(name, f"{name}.other"), 0
    for category, words in _words().get(name, ()):
        hits = sum(map(text.__contains__, words))
        if hits > most:
            best, most = category, hits
    return best
