"""Fingerprints of short texts in any script, for a whole batch at once, equal on every node.

A text's template is its folded form with slots for links, numbers and digits. Near-duplicates are found by
one-permutation MinHash (Li, Owen, Zhang 2012) with rotation densification (Shrivastava and Li 2014) over
3-grams of code points: 64 bins, banded by 4. Nothing here depends on the machine, the process or chance.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from tocsin.records import Message
from tocsin.text.fold import fold

BINS = 64
BAND = 4
SHINGLE = 3
SHORTEST = 12
"""Code points of a template below which only an exact repetition by the same sender is the same campaign."""
LONGEST = 4000

# ASCII only: in unspaced scripts the words around a link would count as part of it.
_LINK = re.compile(
    r"(?:h(?:tt|xx)ps?:/{0,2}|www\.)[!-~]+|(?<![a-z0-9-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?:/[!-~]*)?"
)
_NUMBER = re.compile(r"[+]?\d[\d\s().,:\-/]*")
_WORDED = re.compile(rf"(?:\W*\w){{{SHORTEST // 2}}}")
_EMPTY = np.uint32(0xFFFFFFFF)


def template(message: Message) -> str:
    """Return what copies of one message share: the folded text with slots instead of links and numbers."""
    words = f"{message.subject} {message.content}" if message.subject else message.content
    folded = fold(words[:LONGEST])
    if "." in folded or ":" in folded:
        folded = _LINK.sub("\ue001", folded)
    return _NUMBER.sub("0 ", folded).strip()


def has_words(text: str) -> bool:
    """Say whether a template has enough letters for near-duplicates to mean anything."""
    return len(text) >= SHORTEST and _WORDED.match(text) is not None


def key(*parts: str) -> int:
    """Return a signed 64-bit digest of some strings, the same on every node."""
    text = "\0".join([f"{len(part)}:{part}" for part in parts])
    return int.from_bytes(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True
    )


def signatures(texts: Sequence[str]) -> NDArray[np.uint32]:
    """Return `(texts, 64)` MinHash signatures of templates.

    The share of equal bins of two signatures estimates the Jaccard similarity of their shingle sets.
    """
    if not texts:
        return np.empty((0, BINS), np.uint32)
    padded = [text.ljust(SHINGLE) for text in texts]
    points = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, padded), np.intp, len(padded))
    owners = np.repeat(np.arange(len(texts)), lengths)
    ends = np.cumsum(lengths)
    inside = np.arange(len(points)) + SHINGLE <= ends[owners]
    starts = np.flatnonzero(inside)
    mixed = _mix(points[starts] << np.uint64(42) ^ points[starts + 1] << np.uint64(21) ^ points[starts + 2])
    bins = (mixed >> np.uint64(58)).astype(np.intp)
    values = (mixed & np.uint64(0xFFFFFFFE)).astype(np.uint32)
    table = np.full(len(texts) * BINS, _EMPTY, np.uint32)
    np.minimum.at(table, owners[starts] * BINS + bins, values)
    return _densify(table.reshape(len(texts), BINS))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scatter 64-bit values (the finaliser of SplitMix64, Steele and others 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _densify(table: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Fill empty bins from the next full one to their right, marked by the distance."""
    doubled = np.concatenate((table, table), axis=1)
    places = np.where(doubled != _EMPTY, np.arange(2 * BINS), 4 * BINS)
    nearest = np.minimum.accumulate(places[:, ::-1], axis=1)[:, ::-1][:, :BINS]
    distance = (nearest - np.arange(BINS)).astype(np.uint32)
    filled = np.take_along_axis(doubled, np.minimum(nearest, 2 * BINS - 1), axis=1)
    return filled + distance * np.uint32(0x9E3779B1)


def bands(table: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return `(texts, 16)` keys; two similar texts probably share one."""
    rows = table.reshape(len(table), BINS // BAND, BAND).astype(np.uint64)
    mixed = np.zeros(rows.shape[:2], np.uint64) + np.arange(1, BINS // BAND + 1, dtype=np.uint64)
    for column in range(BAND):
        mixed = _mix(mixed * np.uint64(0x100000001B3) ^ rows[:, :, column])
    return mixed.view(np.int64)


def similarity(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> float:
    """Estimate the Jaccard similarity of two texts from their signatures, 0 to 1."""
    return int(np.count_nonzero(one == other)) / BINS
