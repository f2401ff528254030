"""Folding: bringing texts that a person reads alike into one form that a machine compares.

NFKC (Unicode UAX #15), invisible characters out (zero-width, bidirectional controls, variation selectors,
soft hyphens), Arabic tatweel and diacritics out, case-folded, look-alike letters of other scripts turned
Latin inside words that are otherwise Latin (after Unicode UTS #39), white space collapsed.
"""

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    [
        0x00AD,
        0x034F,
        0x061C,
        0x0640,  # tatweel: stretches a word, changes nothing
        *range(0x064B, 0x0660),  # Arabic diacritics
        0x0670,
        0x115F,
        0x1160,
        0x17B4,
        0x17B5,
        *range(0x180B, 0x180F),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        0xFEFF,
        *range(0xE0000, 0xE0080),
    ]
)
# Letters that print like a Latin one, from the Unicode confusables data: Cyrillic, Greek, Armenian.
_LOOK_ALIKE = str.maketrans(
    "аеорсухѕіјһԁɡᴏνοαρτυικԛԝмтвнкցհոսօ",
    "aeopcyxsijhdgovoaptuikqwmtbhkghnuo",
)
_MIXED = re.compile(r"\w+")
_LATIN = re.compile(r"[a-z]")
_OTHER = re.compile(r"[\u0370-\u058f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Bring a text into the form in which texts are compared; idempotent, never raises.

    Args:
        text: anything, lone surrogates and NULs included.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = _SURROGATE.sub("\ufffd", text)
    for _ in range(4):  # case folding can undo NFKC and the reverse; a few rounds settle it
        again = unicodedata.normalize("NFKC", folded.translate(_INVISIBLE)).casefold()
        if again == folded:
            break
        folded = again
    if _OTHER.search(folded) and _LATIN.search(folded):
        folded = _MIXED.sub(_unmix, folded)
    return _SPACE.sub(" ", folded).strip()


def _unmix(word: re.Match[str]) -> str:
    text = word.group()
    return text.translate(_LOOK_ALIKE) if _LATIN.search(text) and _OTHER.search(text) else text
