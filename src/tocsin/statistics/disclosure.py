"""What may be said in public: small counts are not, for they can point at a person.

A count below `SMALLEST` is withheld. Where members' figures are merged, at least three members and
secondary suppression are needed besides: that belongs to the merged view.
"""

SMALLEST = 5


def public(count: int) -> int | None:
    """Return a count as it may be published: None when it is small but not zero."""
    return count if count == 0 or count >= SMALLEST else None
