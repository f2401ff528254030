"""Reading labelled corpora for training and measuring."""

import gzip
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tocsin.records import MessageClass

LONGEST = 2000
TRAIN_FOLDS = frozenset(range(7))
TEST_FOLDS = frozenset({8, 9})


class Row(NamedTuple):
    """One labelled text: its corpus, whether its source calls it spam, and the classes it may be."""

    corpus: str
    text: str
    spam: bool
    classes: tuple[MessageClass, ...]
    weight: float


def meanings() -> dict[str, dict[str, Any]]:
    """Return what each corpus's labels mean, and its licence."""
    file = resources.files("tocsin.screening") / "data" / "corpora.yaml"
    data: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return data


def read(folder: Path, folds: frozenset[int]) -> Iterator[Row]:
    """Walk the corpora's rows of some folds; a cluster of near-duplicates never crosses folds."""
    for name, meaning in meanings().items():
        file = folder / f"{name}.jsonl.gz"
        if not file.exists():
            continue
        taken = 0
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                classes = meaning.get(f"{row['label']}/{row['category']}", meaning.get(row["label"]))
                if row["fold"] not in folds or classes is None or taken >= meaning.get("most", 1 << 30):
                    continue
                taken += 1
                yield Row(
                    name,
                    row["text"][:LONGEST],
                    row["label"] == "spam",
                    tuple(map(MessageClass, classes)),
                    meaning["weight"],
                )
