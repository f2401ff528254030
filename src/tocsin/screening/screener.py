"""Screening: verdicts for a batch of messages, the same for the desk, one HTTP call and a billion lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.records import CLASSES, Channel, Message, Verdict
from tocsin.screening.categories import kind_of
from tocsin.screening.features import ORDERS, grams, slotted
from tocsin.screening.records import Reason
from tocsin.screening.snapshot import Snapshot
from tocsin.text.language import guess_language

_CALLS = frozenset({Channel.VOICE, Channel.VOIP})
_NOTHING_KNOWN = np.array([0.2, 0.02, 0.2, 0.2, 0.38], np.float32)
_RECORDED_CALL = np.array([0.3, 0.01, 0.34, 0.3, 0.05], np.float32)
_APPLICATION = (".apk", ".exe", ".scr", ".msi")
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
        texts = [slotted(_words(message)) for message in batch]
        chances = _probabilities(texts, snapshot)
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
        text = slotted(_words(message))
        if not text:
            return []
        best = int(_probabilities([text], snapshot)[0].argmax())
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
        return [Reason("text", piece, round(weight, 4)) for piece, weight in ordered]


def _words(message: Message) -> str:
    return f"{message.subject}\n{message.content}" if message.subject else message.content


def _category(message: Message, text: str, name: str) -> str:
    if message.channel in _CALLS and not message.content and name == "wanted":
        return "wanted.other"
    return kind_of(name, text)


def _probabilities(texts: Sequence[str], snapshot: Snapshot) -> NDArray[np.float32]:
    """Return `(texts, classes)` probabilities of slotted texts."""
    found = grams(texts)
    sums = np.add.reduceat(snapshot.weights[found.columns], found.starts, axis=0)
    # Very short texts say little: their evidence is scaled as if they were longer.
    scores = sums / np.sqrt(np.maximum(found.counts, _FEWEST_GRAMS))[:, None] + snapshot.bias
    for place, text in enumerate(texts):
        if any(ending in text for ending in _APPLICATION):
            scores[place, _MALWARE] += _APPLICATION_LOG_ODDS
    scores -= scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    chances /= chances.sum(axis=1, keepdims=True)
    return chances
