"""Facts of a report that the canonical one has no field for, kept readable in its subject.

The form is stable: `kind; name: value; name: value`, so that equal facts give equal subjects.
"""

from collections.abc import Mapping

LONGEST = 2000
_LONGEST_VALUE = 500


def subject_of(kind: str, facts: Mapping[str, str | int]) -> str:
    """Write a subject; facts that are empty or zero are left out.

    Args:
        kind: what was reported, such as `post` or `search result`.
        facts: by name, in order.
    """
    told = [f"{name}: {_plain(str(value))}" for name, value in facts.items() if value]
    return "; ".join([kind, *told])[:LONGEST]


def _plain(value: str) -> str:
    # A semicolon would begin another fact.
    return " ".join(value.replace(";", ",").split())[:_LONGEST_VALUE]
