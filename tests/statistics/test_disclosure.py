"""What may be said in public: nothing small, nor anything from which it can be worked out."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.records import SMALLEST_COUNT
from tocsin.statistics.disclosure import partition, public


@given(st.lists(st.integers(0, 40), max_size=12))
def test_what_a_total_leaves_over_is_never_small(counts: list[int]) -> None:
    """Beside a published total the withheld ones are at least two, and together no small count."""
    shown = partition(counts)
    withheld = [count for count, one in zip(counts, shown, strict=True) if one is None]
    assert all(one is None or one == count for one, count in zip(shown, counts, strict=True))
    if public(sum(counts)) is not None and withheld:
        assert sum(withheld) >= SMALLEST_COUNT
        assert len(withheld) > 1


@given(st.lists(st.integers(0, 40), max_size=12))
def test_nothing_is_withheld_where_nothing_is_small(counts: list[int]) -> None:
    """Only small counts start it."""
    if all(public(count) is not None for count in counts):
        assert partition(counts) == counts
