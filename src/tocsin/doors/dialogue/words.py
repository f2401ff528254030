"""The words of each language: what we say, and which whole messages of a reporter mean something."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from tocsin.errors import Misconfigured
from tocsin.text.fold import fold

LANGUAGES = ("en", "ar", "zh", "fr", "es", "ru", "hi")
ANSWERS = frozenset(
    {"ask", "next", "thanks", "again", "forward_first", "help", "stopped"}
    | {"check_how", "check_likely", "check_doubtful", "check_unlikely", "check_number"}
)
KEYWORDS = frozenset({"language", "help", "stop", "start", "check", "unknown", "same", "chatter", "greeting"})
_LONGEST_ANSWER = 600
_GAP = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~¿¡،؛؟。，！？、；：“”«»…।–—', " "))
_REACTION = re.compile(r"[^\W\d_]{2,12}(?: [^\W\d_]{1,3})? [“\"«](.+)[”\"»]", re.DOTALL)
_QUOTES = str.maketrans("", "", "'’‘ʼ`")


@dataclass(frozen=True, slots=True)
class Words:
    """One language.

    Args:
        language: BCP 47.
        answers: our sentences by their keys; `{ticket}` is their only slot.
        hints: one sentence for each one-message form that is explained in this language.
        keywords: by kind, whole messages in their `plain` form.
        before: words that may stand before a sender's name in an answer.
        filler: words that may surround a number in an answer.
        automatic: how the answers of machines begin.
    """

    language: str
    answers: Mapping[str, str]
    hints: Mapping[str, str]
    keywords: Mapping[str, frozenset[str]]
    before: frozenset[str]
    filler: frozenset[str]
    automatic: tuple[str, ...]


def plain(text: str) -> str:
    """Bring a short message into the form in which keywords are compared: folded, without punctuation."""
    return " ".join(fold(text.translate(_QUOTES)).translate(_GAP).split())


@cache
def words(language: str) -> Words:
    """Read one language's words.

    Raises:
        Misconfigured: there is no such language, or a sentence or a kind of keyword is missing.
    """
    if language not in LANGUAGES:
        raise Misconfigured(f"the dialogue does not speak {language!r}; it speaks {', '.join(LANGUAGES)}")
    file = resources.files("tocsin.doors.dialogue") / "data" / "words" / f"{language}.yaml"
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    if set(data["answers"]) != ANSWERS or set(data["keywords"]) != KEYWORDS:
        raise Misconfigured(f"the dialogue's words in {language!r} are incomplete")
    return Words(
        language=language,
        answers=data["answers"],
        hints=data["hints"],
        keywords={kind: _plainly(found) for kind, found in data["keywords"].items()},
        before=_plainly(data["before"]),
        filler=_plainly(data["filler"]),
        automatic=tuple(sorted(_plainly(data["automatic"]))),
    )


def _plainly(found: list[str]) -> frozenset[str]:
    return frozenset(plain(word) for word in found)


def is_ours(text: str) -> bool:
    """Say whether a message is nothing but our own sentences, in any language: an echo, or another node.

    A phone's reaction to one of them is ours too (`Liked "Thank you…"`). A message that only contains one is
    not: else spam could hide behind it.
    """
    if len(text) > _LONGEST_ANSWER:
        return False
    reaction = _REACTION.fullmatch(text.strip())
    return _ours().fullmatch(plain(reaction.group(1) if reaction else text)) is not None


def is_automatic(text: str) -> bool:
    """Say whether a message begins as the answers of machines do."""
    return plain(text[:60]).startswith(_automatic())


@cache
def _ours() -> re.Pattern[str]:
    sentences = [
        sentence
        for language in LANGUAGES
        for sentence in (*words(language).answers.values(), *words(language).hints.values())
    ]
    one = "(?:" + "|".join(map(_shape, sorted(sentences, key=len, reverse=True))) + ")"
    return re.compile(f"{one}(?: {one})*")


def _shape(sentence: str) -> str:
    """Return the pattern of a sentence in plain form, with any ticket in its slot."""
    before, slot, after = sentence.partition("{ticket}")
    if not slot:
        return re.escape(plain(sentence))
    pieces = (re.escape(plain(before)), "[0-9a-z]{5} [0-9a-z]{5}", re.escape(plain(after)))
    return " ?".join(filter(None, pieces))


@cache
def _automatic() -> tuple[str, ...]:
    return tuple(start for language in LANGUAGES for start in words(language).automatic)
