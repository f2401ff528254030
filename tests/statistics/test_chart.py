"""The front page's chart: bands that add up to their hour, nothing small told apart."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.records import HOUR, Channel
from tocsin.statistics.chart import HOURS, OTHER, stacked

END = HOURS * HOUR
counts = st.dictionaries(
    st.integers(0, HOURS - 1).map(lambda place: place * HOUR),
    st.dictionaries(st.sampled_from([one.value for one in Channel]), st.integers(1, 5000), min_size=1),
)


@given(counts)
def test_bands_fill_their_hour_and_stay_in_the_chart(hours: dict[int, dict[str, int]]) -> None:
    """Whatever was counted: each hour's published parts add up to its total, in figures and in height."""
    chart = stacked(hours, END)
    assert len(chart.hours) == HOURS
    for hour in chart.hours:
        total = sum(hours.get(hour.at, {}).values())
        if 0 < total < 5:
            assert (hour.total, hour.bands) == (None, [])
            continue
        assert hour.total == total
        assert sum(count or 0 for count in hour.counts) == total
        assert all(0 <= band.y < chart.base for band in hour.bands)
        assert len(hour.bands) <= sum(1 for count in hour.counts if count)


@given(counts)
def test_a_small_channel_is_never_told_apart(hours: dict[int, dict[str, int]]) -> None:
    """No count from 1 to 4 is shown, under a name or as the rest."""
    chart = stacked(hours, END)
    for hour in chart.hours:
        assert not any(count in {1, 2, 3, 4} for count in hour.counts)


def test_the_largest_channels_have_their_colours() -> None:
    """Four by name, the largest first, and the rest together."""
    amounts = {"sms": 60, "email": 50, "voice": 40, "im": 30, "social": 20, "rcs": 10}
    chart = stacked({0: amounts}, END)
    assert chart.channels == ["sms", "email", "voice", "im", OTHER]
    assert chart.hours[0].counts == [60, 50, 40, 30, 30]


def test_an_empty_chart_is_a_base_line() -> None:
    """No division by nothing."""
    chart = stacked({}, END)
    assert all(hour.total == 0 and not hour.bands for hour in chart.hours)
