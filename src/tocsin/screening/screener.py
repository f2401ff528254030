"""Screening: verdicts for a batch of messages, the same for the desk, one HTTP call and a billion lines."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.records import CLASSES, WANTED_ABOVE, Message, Verdict
from tocsin.screening.categories import kind_of
from tocsin.screening.features import LONGEST, ORDERS, grams, slotted
from tocsin.screening.records import Reason
from tocsin.screening.snapshot import Snapshot
from tocsin.text.language import guess_language

_NOTHING_KNOWN = np.array([0.19, 0.02, 0.19, 0.22, 0.38], np.float32)
_RECORDED_CALL = np.array([0.3, 0.01, 0.34, 0.3, 0.05], np.float32)
_APPLICATION = re.compile(r"\.(?:apk|exe|scr|msi)\b", re.IGNORECASE)
_APPLICATION_LOG_ODDS = 4.0
_MALWARE, _WANTED = 1, 4
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
        views = [_view(message) for message in batch]
        different = list(dict.fromkeys(views))  # a campaign's copies are judged once
        verdicts = dict(zip(different, _judge(different, snapshot), strict=True))
        return [verdicts[view] for view in views]

    def explain(self, message: Message, snapshot: Snapshot, most: int = 8) -> list[Reason]:
        """Say which pieces of a message spoke most for or against its most probable class."""
        view = _view(message)
        text = view.text
        if not text:
            return []
        best = int(_probabilities([view], snapshot)[0].argmax())
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
        if best == _MALWARE and view.application:
            return [Reason("link.application", "", _APPLICATION_LOG_ODDS), *reasons][:most]
        return reasons


class _View(NamedTuple):
    """All that a verdict depends on.

    Args:
        text: the slotted text.
        application: whether the words name a file that installs something; a slotted text no longer says.
        recorded: whether a recording spoke.
    """

    text: str
    application: bool
    recorded: bool


def _view(message: Message) -> _View:
    words = f"{message.subject}\n{message.content}" if message.subject else message.content
    application = "." in words and _APPLICATION.search(words, 0, LONGEST) is not None
    return _View(slotted(words), application, message.call is not None and message.call.recorded)


def _judge(views: Sequence[_View], snapshot: Snapshot) -> Iterator[Verdict]:
    chances = _probabilities(views, snapshot)
    for place, view in enumerate(views):
        if not view.text:
            chances[place] = _RECORDED_CALL if view.recorded else _NOTHING_KNOWN
    # The category agrees with the policy `unwanted`: what is more likely unwanted is a kind of unwanted.
    unwanted = chances[:, :_WANTED].argmax(axis=1)
    best = np.where(chances[:, _WANTED] > WANTED_ABOVE, _WANTED, unwanted)
    for view, row, place in zip(views, chances.tolist(), best.tolist(), strict=True):
        category = kind_of(CLASSES[place].value, view.text)
        yield Verdict(tuple(row), category, guess_language(view.text), snapshot.method)


def _probabilities(views: Sequence[_View], snapshot: Snapshot) -> NDArray[np.float32]:
    """Return `(views, classes)` probabilities."""
    found = grams([view.text for view in views])
    sums = np.add.reduceat(snapshot.weights[found.columns], found.starts, axis=0)
    # Very short texts say little: their evidence is scaled as if they were longer.
    scores = sums / np.sqrt(np.maximum(found.counts, _FEWEST_GRAMS))[:, None] + snapshot.bias
    for place, view in enumerate(views):
        if view.application:
            scores[place, _MALWARE] += _APPLICATION_LOG_ODDS
    scores -= scores.max(axis=1, keepdims=True)
    chances = np.exp(scores)
    chances /= chances.sum(axis=1, keepdims=True)
    return chances
