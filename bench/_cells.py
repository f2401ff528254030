"""A year of seeded statistics cells, written past the desk: what the pages read when much was counted."""

import random
from collections import Counter
from pathlib import Path

from datasketches import update_theta_sketch

from tocsin.ports import SystemClock
from tocsin.records import DAY, HOUR, Channel, Source
from tocsin.statistics.tables import DIMENSIONS, cell
from tocsin.storage.bulk import insert_rows
from tocsin.storage.engine import Storage
from tocsin.storage.schema import create
from tocsin.vocabulary.terms import vocabulary

FACTS = 250_000
"""Reports that are nearly all alone in their cells: the least kind spread."""
_CHUNK = 10_000
_ORIGINS = [first + second for first in "ABCDEFGHIJ" for second in "KLMNO"]


def fill(folder: Path) -> int:
    """Write the cells of a year into a new ledger; returns how many there are."""
    chance = random.Random(52)
    folder.mkdir(parents=True, exist_ok=True)
    storage = Storage(f"sqlite:///{folder / 'tocsin.db'}")
    create(storage)
    sketches = [_sketch(chance) for _ in range(100)]
    rows = [(*key, count, count, chance.choice(sketches)) for key, count in sorted(_cells(chance).items())]
    names = ["grain", "bucket", *DIMENSIONS, "count", "spam", "reporters"]
    with storage.writing() as connection:
        for start in range(0, len(rows), _CHUNK):
            insert_rows(connection, cell, names, rows[start : start + _CHUNK])
    storage.close()
    return len(rows)


def _cells(chance: random.Random) -> Counter[tuple[str | int, ...]]:
    now = SystemClock().now()
    weights = [1 / place for place in range(1, len(_ORIGINS) + 1)]
    channels, categories = [one.value for one in Channel], list(vocabulary().categories)
    found: Counter[tuple[str | int, ...]] = Counter()
    for _ in range(FACTS):
        at = now - chance.randrange(365 * DAY)
        origin = chance.choices(_ORIGINS, weights)[0]
        rest = (
            Source.CONSUMER_REPORT.value,
            chance.choice(channels),
            chance.choice(categories),
            origin,
            "unknown",
            chance.choice(("GB", "FR", "SA")),
            chance.choice(("alpha", "beta", "gamma")),
        )
        found["hour", at - at % HOUR, *rest] += 1
        found["day", at - at % DAY, *rest] += 1
    return found


def _sketch(chance: random.Random) -> bytes:
    sketch = update_theta_sketch(10)
    sketch.update(chance.getrandbits(64))
    return bytes(sketch.compact().serialize())
