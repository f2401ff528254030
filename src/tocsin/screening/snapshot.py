"""What screening reads: a model and the versions of it, immutable, shared by threads and processes."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import Misconfigured
from tocsin.records import CLASSES, Method
from tocsin.screening.features import BUCKETS, ORDERS
from tocsin.vocabulary.terms import vocabulary

RULES = "2026.1"
DEFAULT = Path(__file__).parent / "data" / "model.npz"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One model in force.

    Args:
        weights: `(BUCKETS, classes)` float32; row 0 is padding and zero.
        bias: `(classes,)` float32.
        method: the versions that every verdict names.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    method: Method


@cache
def load_snapshot(path: Path | None = None) -> Snapshot:
    """Read a model artefact, by default the one this version ships.

    Raises:
        Misconfigured: no artefact there, or one of another shape.
    """
    file = path or DEFAULT
    try:
        with np.load(file, allow_pickle=False) as artefact:
            table, scale, bias = artefact["table"], artefact["scale"], artefact["bias"]
            version = str(artefact["version"])
    except (OSError, ValueError, KeyError) as error:
        raise Misconfigured(f"{file.name} is not a model of this version") from error
    if table.shape != (BUCKETS, len(CLASSES)):
        raise Misconfigured(
            f"{file.name} has {table.shape} weights; {ORDERS}-gram models have {BUCKETS} rows"
        )
    weights = table.astype(np.float32) * scale.astype(np.float32)
    weights[0] = 0
    return Snapshot(weights, bias.astype(np.float32), Method(version, RULES, vocabulary().version))
