"""Cells: what each report adds, the same at every grain and however reports arrive."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.makers import API, NOW, settings, submission
from tocsin.desk.whole import faults
from tocsin.node import Node, open_node
from tocsin.ports import SetClock
from tocsin.records import HOUR, Envelope, Source
from tocsin.statistics import store
from tocsin.statistics.tables import cell

SIMULATION = Envelope("simulation", "North (simulated)", Source.SIMULATION)


def totals(node: Node, source: str) -> dict[str, tuple[int, int]]:
    """Return reports and unwanted ones of each grain."""
    query = (
        select(cell.c.grain, func.sum(cell.c.count), func.sum(cell.c.spam))
        .where(cell.c.source == source)
        .group_by(cell.c.grain)
    )
    with node.storage.reading() as connection:
        return {grain: (int(count), int(spam)) for grain, count, spam in connection.execute(query)}


def test_hours_and_days_agree(node: Node) -> None:
    """Over three days in several batches, hour cells and day cells sum to the same."""
    for hour in range(0, 72, 5):
        node.clock.at = NOW + hour * HOUR  # type: ignore[attr-defined]
        channels = ("sms", "email", "im")
        node.desk.take(
            [(submission(channel=name, content=f"{name} {hour}", reporter=""), API) for name in channels]
        )
    found = totals(node, "consumer_report")
    assert found["hour"] == found["day"]
    assert found["day"][0] == 45
    assert faults(node.storage) == []


def test_a_simulation_adds_nothing_to_what_people_reported(node: Node) -> None:
    """Simulated reports have cells of their own source only."""
    node.desk.take([(submission(reporter=""), API) for _ in range(6)])
    before = totals(node, "consumer_report")
    node.desk.take([(submission(reporter=f"+44770090{n:04}"), SIMULATION) for n in range(50)])
    assert totals(node, "consumer_report") == before
    assert totals(node, "simulation")["hour"][0] == 50
    with node.storage.reading() as connection:
        assert store.summary(connection, NOW, "consumer_report").week == 6
        assert store.summary(connection, NOW, "simulation").reporters == 50


@pytest.mark.parametrize("size", [1, 7, 200])
def test_people_are_counted_once_whatever_the_batches(tmp_path: Path, size: int) -> None:
    """100 people who report two messages each are exactly 100 people."""
    items = [
        (submission(content=f"message {n // 100} to {n}", reporter=f"+44770090{n % 100:04}"), API)
        for n in range(200)
    ]
    with open_node(settings(tmp_path / "data"), SetClock(NOW)) as node:
        for start in range(0, len(items), size):
            node.desk.take(items[start : start + size])
        with node.storage.reading() as connection:
            found = store.summary(connection, NOW, "consumer_report")
    assert (found.week, found.reporters) == (200, 100)
