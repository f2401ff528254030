"""From a batch of texts to hashed n-grams, for the whole batch at once.

A text is folded, its links and long numbers become slots, and every run of 1 to 4 code points is hashed
into one of `BUCKETS` columns. Code points, not words: Chinese has no spaces and spammers add their own.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.text.fold import fold

ORDERS = 4
BITS = 18
BUCKETS = 1 << BITS
LONGEST = 4000
"""Code points of a text that are looked at: enough for any SMS, and for what a mail opens with."""

_LINK = re.compile(
    r"(?:h(?:tt|xx)ps?:/{0,2}|www\.)\S+|\b[\w-]{1,63}\.(?:com|net|org|info|me|ly|co|cn|in|id|ru|xyz|top|click|link|example)\b\S*"
)
_NUMBER = re.compile(r"\+?\d[\d\s().\-]{5,}\d")
_DIGIT = re.compile(r"\d")
_LINK_SLOT, _NUMBER_SLOT = "\ue001", "\ue002"
_PAD = "\0" * ORDERS
_MULTIPLIER = np.uint32(0x01000193)
_SPREAD = np.uint32(0x9E3779B1)
_SALTS = tuple(np.uint32(salt) for salt in (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344))


class Grams(NamedTuple):
    """The n-grams of a batch.

    Args:
        columns: `(grams,)` bucket of each gram, text by text; bucket 0 stands for padding.
        starts: `(texts,)` where each text's grams begin.
        counts: `(texts,)` how many real grams each text has, at least 1.
    """

    columns: NDArray[np.uint32]
    starts: NDArray[np.intp]
    counts: NDArray[np.float32]


def slotted(text: str) -> str:
    """Fold a text and replace what varies between copies of one message: links, numbers, digits."""
    folded = fold(text[:LONGEST]).replace("\0", " ")
    if "." in folded or ":" in folded:
        folded = _LINK.sub(_LINK_SLOT, folded)
    folded = _NUMBER.sub(_NUMBER_SLOT, folded)
    return _DIGIT.sub("0", folded)


def grams(texts: Sequence[str]) -> Grams:
    """Hash the n-grams of slotted texts."""
    joined = "".join([f"\x02{text}\x03{_PAD}" for text in texts])
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.intp, len(texts)) + 2
    starts = np.concatenate(([0], np.cumsum(lengths[:-1] + ORDERS)))
    padding = points == 0
    columns = np.empty((len(points), ORDERS), np.uint32)
    rolling = np.zeros(len(points) + ORDERS, np.uint32)
    extended = np.concatenate((points, np.zeros(ORDERS, np.uint32)))
    for order in range(ORDERS):
        rolling[: len(points)] = rolling[: len(points)] * _MULTIPLIER + extended[order : order + len(points)]
        mixed = (rolling[: len(points)] ^ _SALTS[order]) * _SPREAD
        mixed ^= mixed >> np.uint32(15)
        columns[:, order] = (mixed * _MULTIPLIER) >> np.uint32(32 - BITS)
        # A gram that reaches into the padding repeats a shorter one.
        reached = np.concatenate((padding[order:], np.ones(order, bool)))
        columns[reached, order] = 0
    # A gram that begins in the padding would tell of the next text.
    columns[padding] = 0
    return Grams(columns.ravel(), starts * ORDERS, (lengths * ORDERS).astype(np.float32))
