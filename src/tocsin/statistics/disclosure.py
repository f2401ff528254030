"""What may be said in public: small counts are not, for they can point at a person.

A count below `SMALLEST_COUNT` is withheld. Where members' figures are merged, at least three members are
needed besides: that belongs to the merged view.
"""

from tocsin.records import SMALLEST_COUNT


def partition(counts: list[int]) -> list[int | None]:
    """Return counts that add up to a published total, so that no withheld one can be worked out.

    The withheld ones together are the total less the others: as long as there is but one, or their sum is
    itself a small count, the next smallest is withheld with them.
    """
    shown = [public(count) for count in counts]
    while None in shown and any(shown):
        withheld = [count for count, one in zip(counts, shown, strict=True) if one is None]
        if len(withheld) > 1 and public(sum(withheld)) is not None:
            break
        smallest = min(count for count in shown if count)
        shown[shown.index(smallest)] = None
    return shown


def share(part: int, whole: int) -> float | None:
    """Return a share as it may be published: None when either side of it is a small count."""
    if not whole or public(part) is None or public(whole - part) is None:
        return None
    return round(part / whole, 4)


def public(count: int) -> int | None:
    """Return a count as it may be published: None when it is small but not zero."""
    return count if count == 0 or count >= SMALLEST_COUNT else None
