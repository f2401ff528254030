"""Measuring a model on corpora: recall at a stated rate of false alarms, and the area under the curve."""

from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tocsin.records import Channel, Message
from tocsin.screening.corpora import TEST_FOLDS, read
from tocsin.screening.policy import spam_probability
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot

FALSE_ALARMS = 0.005
_BATCH = 1000


class Score(Struct, frozen=True):
    """How a model does on one corpus.

    Args:
        corpus: its name.
        ham: rows that the source calls wanted.
        spam: rows that the source calls spam.
        recall: share of spam caught at 0.5 % false alarms of the same corpus; null without both kinds.
        auc: area under the receiver operating curve; null without both kinds.
        caught: share of spam with a probability of at least one half.
        alarms: share of ham with a probability of at least one half.
    """

    corpus: str
    ham: int
    spam: int
    recall: float | None
    auc: float | None
    caught: float | None
    alarms: float | None


def evaluate(folder: Path, snapshot: Snapshot) -> list[Score]:
    """Score a model on the test folds of every corpus in a folder."""
    rows: dict[str, list[tuple[str, bool]]] = {}
    for row in read(folder, TEST_FOLDS):
        rows.setdefault(row.corpus, []).append((row.text, row.spam))
    return [_score(corpus, labelled, snapshot) for corpus, labelled in rows.items()]


def _score(corpus: str, labelled: list[tuple[str, bool]], snapshot: Snapshot) -> Score:
    scores = np.array(
        [
            spam_probability(verdict, "unwanted")
            for start in range(0, len(labelled), _BATCH)
            for verdict in Screener().screen(
                [Message(Channel.SMS, text) for text, _ in labelled[start : start + _BATCH]], snapshot
            )
        ]
    )
    labels = np.array([spam for _, spam in labelled])
    ham, spam = scores[~labels], scores[labels]
    both = len(ham) > 0 and len(spam) > 0
    return Score(
        corpus=corpus,
        ham=len(ham),
        spam=len(spam),
        recall=_recall(ham, spam) if both else None,
        auc=_auc(ham, spam) if both else None,
        caught=round(float((spam >= 0.5).mean()), 4) if len(spam) else None,  # noqa: PLR2004
        alarms=round(float((ham >= 0.5).mean()), 4) if len(ham) else None,  # noqa: PLR2004
    )


def _recall(ham: NDArray[np.float64], spam: NDArray[np.float64]) -> float:
    allowed = int(FALSE_ALARMS * len(ham))
    threshold = np.sort(ham)[::-1][allowed]
    return round(float((spam > threshold).mean()), 4)


def _auc(ham: NDArray[np.float64], spam: NDArray[np.float64]) -> float:
    ordered = np.sort(ham)
    below = np.searchsorted(ordered, spam, "left") + np.searchsorted(ordered, spam, "right")
    return round(float(below.mean() / (2 * len(ham))), 4)
