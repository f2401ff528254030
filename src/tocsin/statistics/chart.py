"""Laying out the front page's chart: the template only draws what this says."""

from typing import Any

from tocsin.records import HOUR, moment
from tocsin.statistics.disclosure import public
from tocsin.statistics.store import rfc3339

HOURS = 72
_STEP = 10
_HEIGHT = 130


def bars(counts: dict[int, int], end: int) -> dict[str, Any]:
    """Lay out bars for the hours up to `end`; a withheld hour has no height and says so.

    Args:
        counts: reports of each hour that has any, unpublished.
        end: the end of the last hour.
    """
    shown = {at: public(count) for at, count in counts.items()}
    most = max((count or 0 for count in shown.values()), default=0) or 1
    drawn, ticks = [], []
    for place in range(HOURS):
        at = end - (HOURS - place) * HOUR
        count = shown.get(at, 0)
        height = round(_HEIGHT * (count or 0) / most, 1)
        text = rfc3339(at)
        x, y = place * _STEP, 140 - height
        drawn.append({"x": x, "y": y, "height": height, "label": text[:16].replace("T", " "), "count": count})
        if moment(at).hour in {0, 12}:
            ticks.append({"x": x, "label": text[11:16] if moment(at).hour else text[5:10]})
    return {"width": HOURS * _STEP, "bars": drawn, "ticks": ticks}
