"""Folding: bringing texts that a person reads alike into one form that a machine compares.

NFKC (Unicode UAX #15), invisible characters out (zero-width, bidirectional controls, variation selectors,
soft hyphens), Arabic tatweel and diacritics out, case-folded, look-alike letters of other scripts turned
Latin inside words that are otherwise Latin (after Unicode UTS #39), white space collapsed.
"""

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(
    "["
    "\u00ad\u034f\u061c"
    "\u0640"  # tatweel: stretches a word, changes nothing
    "\u064b-\u065f\u0670"  # Arabic diacritics
    "\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
    "]+"
)
# Letters that print like a Latin one, from the Unicode confusables data: Cyrillic, Greek, Armenian.
_LOOK_ALIKE = str.maketrans(
    "аеорсухѕіјһԁɡᴏνοαρτυικԛԝмтвнкցհոսօ",
    "aeopcyxsijhdgovoaptuikqwmtbhkghnuo",
)
# With its combining marks: composing a letter and its mark must not move a word's ends.
_WORD = re.compile(r"[\w\u0300-\u036f]+")
_LATIN = re.compile(r"[a-z]")
_OTHER = re.compile(r"[\u0370-\u058f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ROUNDS = 4
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Bring a text into the form in which texts are compared; idempotent, never raises.

    A batch folds each of its texts for screening and again for grouping: the last ones are remembered.

    Args:
        text: anything, lone surrogates and NULs included.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = _settled(_SURROGATE.sub("\ufffd", text))
    if _OTHER.search(folded) and _LATIN.search(folded):
        unmixed = _WORD.sub(_unmix, folded)
        # A letter that became Latin may compose with the mark behind it.
        folded = folded if unmixed == folded else _settled(unmixed)
    return _SPACE.sub(" ", folded).strip()


def _settled(text: str) -> str:
    for _ in range(_ROUNDS):  # case folding can undo NFKC and the reverse; a few rounds settle it
        again = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
        if again == text:
            break
        text = again
    return text


def _unmix(word: re.Match[str]) -> str:
    text = word.group()
    return text.translate(_LOOK_ALIKE) if _LATIN.search(text) and _OTHER.search(text) else text
