"""Screening: verdicts for a batch of messages, the same for the desk, one HTTP call and a billion lines."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.records import CLASSES, Channel, Message, Verdict
from tocsin.screening.categories import kind_of
from tocsin.screening.features import LONGEST, ORDERS, grams, slotted
from tocsin.screening.records import Reason
from tocsin.screening.snapshot import Snapshot
from tocsin.text.language import guess_language

_CALLS = frozenset({Channel.VOICE, Channel.VOIP})
_NOTHING_KNOWN = np.array([0.2, 0.02, 0.2, 0.2, 0.38], np.float32)
_RECORDED_CALL = np.array([0.3, 0.01, 0.34, 0.3, 0.05], np.float32)
_APPLICATION = re.compile(r"\.(?:apk|exe|scr|msi)\b", re.IGNORECASE)
_APPLICATION_LOG_ODDS = 4.0
_MALWARE = 1
_FEWEST_GRAMS = 3 * ORDERS


class Screener:
    """Screens messages; holds no state, so one serves every thread."""

    def screen(self, batch: Sequence[Message], snapshot: Snapshot) -> list[Verdict]:
        """Judge a batch.

        Args:
            batch: any messages; nothing in them makes this raise.
            snapshot: the model in force.

        Returns:
            one verdict for each message, in order.
        """
        if not batch:
            return []
        words = [_words(message) for message in batch]
        texts = [slotted(text) for text in words]
        chances = _probabilities(texts, words, snapshot)
        for place, message in enumerate(batch):
            if not texts[place]:
                recorded = message.call is not None and message.call.recorded
                chances[place] = _RECORDED_CALL if recorded else _NOTHING_KNOWN
        best = chances.argmax(axis=1)
        return [
            Verdict(
                probabilities=tuple(row),
                category=_category(message, text, CLASSES[place].value),
                language=guess_language(message.content or message.subject),
                method=snapshot.method,
            )
            for message, text, row, place in zip(batch, texts, chances.tolist(), best.tolist(), strict=True)
        ]

    def explain(self, message: Message, snapshot: Snapshot, most: int = 8) -> list[Reason]:
        """Say which pieces of a message spoke most for or against its most probable class."""
        words = _words(message)
        text = slotted(words)
        if not text:
            return []
        best = int(_probabilities([text], [words], snapshot)[0].argmax())
        found = grams([text])
        weights = snapshot.weights[found.columns]
        moved = (weights[:, best] - weights.mean(axis=1)) / np.sqrt(found.counts[0])
        framed = f"\x02{text}\x03"
        pieces: dict[str, float] = {}
        for place in np.argsort(-np.abs(moved))[: most * 4].tolist():
            start, order = divmod(place, ORDERS)
            piece = framed[start : start + order + 1].strip("\x02\x03")
            if piece.strip():
                pieces[piece] = pieces.get(piece, 0.0) + float(moved[place])
        ordered = sorted(pieces.items(), key=lambda item: -abs(item[1]))[:most]
        reasons = [Reason("text", piece, round(weight, 4)) for piece, weight in ordered]
        if best == _MALWARE and _names_application(words):
            return [Reason("link.application", "", _APPLICATION_LOG_ODDS), *reasons][:most]
        return reasons


def _words(message: Message) -> str:
    return f"{message.subject}\n{message.content}" if message.subject else message.content


def _category(message: Message, text: str, name: str) -> str:
    if message.channel in _CALLS and not message.content and name == "wanted":
        return "wanted.other"
    return kind_of(name, text)


def _names_application(words: str) -> bool:
    return _APPLICATION.search(words, 0, LONGEST) is not None


def _probabilities(texts: Sequence[str], words: Sequence[str], snapshot: Snapshot) -> NDArray[np.float32]:
    """Return `(texts, classes)` probabilities of slotted texts and the words they were made of."""
    found = grams(texts)
    sums = np.add.reduceat(snapshot.weights[found.columns], found.starts, axis=0)
    # Very short texts say little: their evidence is scaled as if they were longer.
    scores = sums / np.sqrt(np.maximum(found.counts, _FEWEST_GRAMS))[:, None] + snapshot.bias
    for place, text in enumerate(words):  # a slotted text no longer says what its links end in
        if _names_application(text):
            scores[place, _MALWARE] += _APPLICATION_LOG_ODDS
    scores -= scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    chances /= chances.sum(axis=1, keepdims=True)
    return chances
