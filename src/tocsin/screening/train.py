"""Learning a model: multinomial logistic regression on hashed n-grams, with partial labels.

Most corpora say only "spam"; their rows train the sum of the classes that they may be:
loss = -log Σ p(allowed). Rows are weighted so that each corpus counts by the square root of its size.
Needs the extra `train`.
"""

from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.records import CLASSES
from tocsin.screening.corpora import TRAIN_FOLDS, Row, read
from tocsin.screening.features import BUCKETS, ORDERS, grams, slotted

_CHUNK = 4000
_PENALTY = 2e-6
_STEPS = 60


def train(folder: Path, out: Path) -> dict[str, int]:
    """Learn from a folder of corpora and write the artefact.

    Returns:
        rows learned from, by corpus.
    """
    rows = list(read(folder, TRAIN_FOLDS))
    table, bias = fit(matrix([row.text for row in rows]), _allowed(rows), _weights(rows))
    scale = np.abs(table).max(axis=0) / 127
    coded = np.round(table / scale).astype(np.int8)
    version = f"ngram-{sha256(coded.tobytes()).hexdigest()[:12]}"
    np.savez_compressed(
        out, table=coded, scale=scale.astype(np.float32), bias=bias, version=np.array(version)
    )
    return dict(Counter(row.corpus for row in rows))


def matrix(texts: list[str]) -> Any:
    """Return a sparse `(texts, BUCKETS)` matrix of n-gram counts over the root of their number."""
    from scipy import sparse  # noqa: PLC0415 - the extra `train`

    parts = []
    for start in range(0, len(texts), _CHUNK):
        found = grams([slotted(text) for text in texts[start : start + _CHUNK]])
        ends = np.append(found.starts[1:], len(found.columns))
        scaled = np.repeat(1 / np.sqrt(np.maximum(found.counts, 3 * ORDERS)), ends - found.starts)
        scaled[found.columns == 0] = 0
        indices = found.columns.astype(np.int32)
        part = sparse.csr_matrix(
            (scaled.astype(np.float32), indices, np.append(found.starts, len(indices))),
            shape=(len(found.starts), BUCKETS),
        )
        part.sum_duplicates()
        parts.append(part)
    return sparse.vstack(parts, format="csr")


def fit(
    features: Any, allowed: NDArray[np.float32], weights: NDArray[np.float32]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Minimise the weighted partial-label loss by L-BFGS.

    Args:
        features: sparse `(rows, BUCKETS)`.
        allowed: `(rows, classes)`, 1 where a row may be of the class.
        weights: `(rows,)`, adding up to 1.

    Returns:
        `(BUCKETS, classes)` weights and `(classes,)` bias.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - the extra `train`

    classes = len(CLASSES)
    turned = features.T.tocsr()

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        parameters = flat.reshape(BUCKETS + 1, classes)
        scores = features @ parameters[:-1].astype(np.float32) + parameters[-1].astype(np.float32)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        right = np.maximum((chances * allowed).sum(axis=1), 1e-12)
        slope = (chances - chances * allowed / right[:, None]) * weights[:, None]
        gradient = np.empty_like(parameters)
        gradient[:-1] = turned @ slope + 2 * _PENALTY * parameters[:-1]
        gradient[-1] = slope.sum(axis=0)
        penalty = _PENALTY * float((parameters[:-1] ** 2).sum())
        return float(-(weights * np.log(right)).sum()) + penalty, gradient.ravel()

    found = minimize(
        loss,
        np.zeros((BUCKETS + 1) * classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _STEPS, "maxcor": 8},
    )
    parameters = found.x.reshape(BUCKETS + 1, classes)
    return parameters[:-1], parameters[-1].astype(np.float32)


def _allowed(rows: list[Row]) -> NDArray[np.float32]:
    table = np.zeros((len(rows), len(CLASSES)), np.float32)
    for place, row in enumerate(rows):
        table[place, [CLASSES.index(name) for name in row.classes]] = 1
    return table


def _weights(rows: list[Row]) -> NDArray[np.float32]:
    sizes = Counter((row.corpus, row.spam) for row in rows)
    weights = np.array([row.weight / np.sqrt(sizes[row.corpus, row.spam]) for row in rows], np.float32)
    scaled: NDArray[np.float32] = weights / weights.sum()
    return scaled
