"""The statistics' queries: small counts withheld, bad questions named."""

import pytest

from tests.makers import API, NOW, submission
from tocsin.errors import Rejected
from tocsin.node import Node
from tocsin.records import DAY, HOUR
from tocsin.statistics import store

PEOPLE = "consumer_report"


def hand_in(node: Node, channel: str, count: int) -> None:
    """Report some messages of one channel by different people."""
    people = [f"+44770090{n:04}" for n in range(count)]
    node.desk.take([(submission(channel=channel, reporter=one), API) for one in people])


def test_small_counts_are_withheld_everywhere(node: Node) -> None:
    """Counts below five are null, five is five, in summary, series and top."""
    counts = {"sms": 6, "email": 5, "im": 4, "rcs": 3}
    for channel, count in counts.items():
        hand_in(node, channel, count)
    shown = {"sms": 6, "email": 5, "im": None, "rcs": None}
    with node.storage.reading() as connection:
        top = store.top(connection, "channel", NOW - DAY, NOW + HOUR, PEOPLE)
        series = store.timeseries(connection, "channel", "hour", NOW - DAY, NOW + HOUR, PEOPLE)
        summary = store.summary(connection, NOW, PEOPLE)
    assert {one.value: one.count for one in top} == shown
    assert {one.value: one.count for one in series} == shown
    assert {one.value: one.count for one in summary.channels} == shown
    assert (summary.week, summary.reporters) == (18, 6)


def test_one_small_count_alone_is_not_betrayed_by_the_total(node: Node) -> None:
    """The next smallest is withheld with it, or a subtraction would tell."""
    hand_in(node, "sms", 5)
    hand_in(node, "im", 4)
    with node.storage.reading() as connection:
        summary = store.summary(connection, NOW, PEOPLE)
    assert summary.week == 9
    assert {one.value: one.count for one in summary.channels} == {"sms": None, "im": None}


def test_a_summary_of_few_reports_says_nothing_but_that_they_are_few(node: Node) -> None:
    """Below five no figure is published, no share and no number of people either."""
    hand_in(node, "sms", 4)
    with node.storage.reading() as connection:
        found = store.summary(connection, NOW, PEOPLE)
    assert (found.day, found.week, found.reporters, found.unwanted_share) == (None, None, None, None)
    assert found.day_before == 0
    assert all(one.count is None for one in (*found.channels, *found.classes))


@pytest.mark.parametrize(
    ("dimension", "grain", "length", "field"),
    [
        ("reporter", "hour", DAY, "dimension"),
        ("source", "hour", DAY, "dimension"),
        ("channel", "minute", DAY, "grain"),
        ("channel", "hour", 0, "end"),
        ("channel", "hour", -DAY, "end"),
        ("channel", "hour", 5001 * HOUR, "end"),
    ],
)
def test_a_bad_question_is_refused_by_field(
    node: Node, dimension: str, grain: str, length: int, field: str
) -> None:
    """Unknown dimensions and grains, empty and endless periods are each named."""
    with node.storage.reading() as connection, pytest.raises(Rejected) as refusal:
        store.timeseries(connection, dimension, grain, NOW - length, NOW, PEOPLE)
    assert refusal.value.field == field


def test_top_refuses_an_unknown_dimension(node: Node) -> None:
    """So that no column beside the dimensions can be read."""
    with node.storage.reading() as connection, pytest.raises(Rejected) as refusal:
        store.top(connection, "reporters", NOW - DAY, NOW, PEOPLE)
    assert refusal.value.field == "dimension"
