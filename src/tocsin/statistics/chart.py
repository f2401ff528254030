"""Laying out the front page's chart: reports by hour, stacked by channel. The template only draws it.

Lengths across are in percent of the chart's width and lengths down in pixels, so that the letters keep their
size however narrow the screen is.
"""

from collections import Counter
from typing import NamedTuple

from tocsin.records import HOUR, moment
from tocsin.statistics.disclosure import partition, public

HOURS = 72
HEIGHT = 180
OTHER = "other"
"""The band of channels beyond the largest, and of those too small to be told apart."""
_TOP, _BASE = 22, 152
_BANDS = 4
_LAST_LABEL = 64
"""A label that began later would be cut off at the right: it ends there instead."""


class Band(NamedTuple):
    """One channel's part of an hour: which colour, where, how high."""

    colour: int
    y: float
    height: float


class Hour(NamedTuple):
    """One hour: its start, its place in percent, its bands, and its figures in the order of the channels."""

    at: int
    x: float
    bands: list[Band]
    total: int | None
    counts: list[int | None]


class Chart(NamedTuple):
    """The whole: hours, the channels' names in the order of their colours, lines across, labels below."""

    hours: list[Hour]
    channels: list[str]
    lines: list[tuple[float, int]]
    labels: list[tuple[float, int, str]]
    width: float
    height: int
    base: int


def stacked(counts: dict[int, dict[str, int]], end: int) -> Chart:
    """Lay the hours up to `end` out; a withheld hour has no height and says so.

    Args:
        counts: each hour's reports by channel, not yet fit to be published.
        end: the end of the last hour.
    """
    channels = _channels(counts)
    starts = [end - place * HOUR for place in range(HOURS, 0, -1)]
    totals = [public(sum(counts.get(at, {}).values())) for at in starts]
    most = _round_up(max(total or 0 for total in totals))
    hours = [
        _hour(at, place, total, counts.get(at, {}), channels, most)
        for place, (at, total) in enumerate(zip(starts, totals, strict=True))
    ]
    labels = [
        (hour.x, hour.at, "start") if place <= _LAST_LABEL else (100.0, hour.at, "end")
        for place, hour in enumerate(hours)
        if moment(hour.at).hour in {0, 12}
    ]
    lines = [(_BASE - (_BASE - _TOP) * part, round(most * part)) for part in (0.5, 1)]
    return Chart(hours, channels, lines, labels, round(80 / HOURS, 2), HEIGHT, _BASE)


def _channels(counts: dict[int, dict[str, int]]) -> list[str]:
    """Return the largest channels, and the band of the others."""
    sums: Counter[str] = Counter()
    for hour in counts.values():
        sums.update(hour)
    ordered = sorted(sums, key=lambda name: (-sums[name], name))
    return [*ordered[:_BANDS], OTHER]


def _hour(
    at: int, place: int, total: int | None, counts: dict[str, int], channels: list[str], most: int
) -> Hour:
    x = round(100 * place / HOURS, 2)
    if total is None:
        return Hour(at, x, [], None, [None] * len(channels))
    shown = dict(zip(counts, partition(list(counts.values())), strict=True))
    values = [shown.get(name, 0) for name in channels[:-1]]
    rest = total - sum(value or 0 for value in values)
    values.append(rest)
    bands, top = [], float(_BASE)
    for colour, value in enumerate(values):
        height = round((_BASE - _TOP) * (value or 0) / most, 1)
        if height:
            top = round(top - height, 1)
            bands.append(Band(colour, top, height))
    return Hour(at, x, bands, total, values)


def _round_up(most: int) -> int:
    """Return the end of a scale that holds a count: 1, 2 or 5 followed by noughts, at least 10."""
    scale = 10
    while True:
        for step in (1, 2, 5):
            if most <= step * scale:
                return step * scale
        scale *= 10
