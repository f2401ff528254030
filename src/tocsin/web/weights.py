"""Reading a header of weighted choices, such as `Accept-Language` (RFC 9110, section 12.4.2)."""

import re

_WEIGHT = re.compile(r"\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", re.IGNORECASE)
_LONGEST = 500


def weighted(header: str) -> list[tuple[str, float]]:
    """Return a header's choices with their weights, the best first, equals in the order they stand.

    A weight that can't be read counts as 1, as if it were not there; a choice of weight 0 comes last.

    Args:
        header: what was sent; only its first 500 characters are read.
    """
    found: list[tuple[str, float]] = []
    for part in header[:_LONGEST].split(","):
        name, *parameters = part.split(";")
        if name.strip():
            weights = [float(match[1]) for one in parameters if (match := _WEIGHT.fullmatch(one))]
            found.append((name.strip().lower(), weights[0] if weights else 1.0))
    return sorted(found, key=lambda choice: -choice[1])
