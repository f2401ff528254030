"""Recounting: cells are told from what they should be, in memory that does not grow with the ledger."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from tests.makers import API, NOW, settings, submission
from tocsin.desk import store
from tocsin.node import Node
from tocsin.ports import SetClock
from tocsin.records import HOUR, Envelope
from tocsin.statistics.cells import Fact
from tocsin.statistics.recount import MOST_FOUND, differences
from tocsin.statistics.tables import cell
from tocsin.storage.engine import Storage


@pytest.fixture
def counted(storage: Storage, tmp_path: Path) -> Iterator[Storage]:
    """A ledger with 60 reports of 3 hours and 40 people, on each engine in turn."""
    url = storage.url.render_as_string(hide_password=False)
    node = Node(settings(tmp_path / "data", database=url), SetClock(NOW))
    node.desk.take(
        [
            (
                submission(content=f"win prize {n}", reporter=f"+44770090{n % 40:04}"),
                Envelope("api", received_at=NOW - n % 3 * HOUR),
            )
            for n in range(60)
        ]
    )
    yield node.storage
    node.close()


def found(storage: Storage, part: int = 7) -> list[str]:
    with storage.reading() as connection:
        return differences(connection, store.counted(connection), part)


@pytest.mark.parametrize("part", [1, 7, 1000])
def test_true_cells_have_no_differences(counted: Storage, part: int) -> None:
    """Whatever the parts in which they are recounted."""
    assert found(counted, part) == []


@pytest.mark.parametrize("column", ["count", "spam"])
def test_a_wrong_number_is_found(counted: Storage, column: str) -> None:
    """One report too many in one cell."""
    with counted.writing() as connection:
        connection.execute(
            update(cell)
            .where(cell.c.grain == "hour", cell.c.bucket == NOW - NOW % HOUR)
            .values({column: cell.c[column] + 1})
        )
    [sentence] = found(counted)
    assert "a recount gives 20" in sentence


def test_a_wrong_person_is_found(counted: Storage) -> None:
    """The right counts with someone else among the reporters."""
    with counted.writing() as connection:
        day = connection.execute(cell.select().where(cell.c.grain == "day")).first()
        assert day is not None
        connection.execute(update(cell).where(cell.c.grain == "hour").values(reporters=day.reporters))
    assert len(found(counted)) == 3


def test_a_missing_cell_is_found(counted: Storage) -> None:
    """A cell that should be there."""
    with counted.writing() as connection:
        connection.execute(delete(cell).where(cell.c.grain == "day"))
    sentences = found(counted)
    assert len(sentences) >= 1
    assert all("is missing" in sentence for sentence in sentences)


def fact(reporter: int, hour: int = 0) -> Fact:
    place = ("consumer_report", "sms", "fraud.prize", "GB", "unknown", "GB", "local")
    return Fact(NOW - hour * HOUR, place, spam=True, reporter=reporter.to_bytes(16, "big"))


def peak(storage: Storage, rows: int) -> int:
    tracemalloc.start()
    try:
        with storage.reading() as connection:
            differences(connection, (fact(n, n % 24) for n in range(rows)), part=500)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_reporters(tmp_path: Path) -> None:
    """Sixteen times the people cost no more memory than once: parts are let go."""
    node = Node(settings(tmp_path / "data"))
    peak(node.storage, 1000)  # what is imported and cached the first time
    few, many = peak(node.storage, 2000), peak(node.storage, 32_000)
    node.close()
    assert many < 1.5 * few


def test_a_ledger_that_is_all_wrong_has_a_short_answer(tmp_path: Path) -> None:
    """At most a hundred cells are named; the others are a number."""
    node = Node(settings(tmp_path / "data"))
    with node.storage.reading() as connection:
        sentences = differences(connection, (fact(n, n) for n in range(240)))
    node.close()
    assert (len(sentences), sentences[-1]) == (MOST_FOUND + 1, "151 more cells")


def test_many_people_are_compared_however_they_came(tmp_path: Path) -> None:
    """More people than a sketch counts exactly: batches and parts of different sizes agree."""
    node = Node(settings(tmp_path / "data"), SetClock(NOW))
    items = [
        (submission(content=f"win prize {n}", reporter=f"+44770{n + 100_000:06}"), API) for n in range(3000)
    ]
    for start in range(0, len(items), 700):
        node.desk.take(items[start : start + 700])
    assert found(node.storage, 999) == []
    node.close()
