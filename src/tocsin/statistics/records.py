"""The nouns of the statistics: what a figure is, and what it rests on."""

from msgspec import Struct

from tocsin.records import Method

NOTE = "Counts from 1 to 4, and those that would betray them, are null. Reports do not measure all spam."


class Point(Struct, frozen=True):
    """One figure: its bucket's start (RFC 3339), the dimension's value, reports (null: withheld)."""

    start: str
    value: str
    count: int | None


class Item(Struct, frozen=True):
    """One value of a dimension and its reports; null is withheld."""

    value: str
    count: int | None


class Summary(Struct, frozen=True):
    """The figures one looks at first.

    Args:
        day: reports of the last 24 hours.
        day_before: of the 24 hours before.
        week: of today and the six days before, UTC.
        change: of the last seven whole days against the seven before them, as a share of the latter:
            0.25 is a quarter more. None when either is a small count.
        unwanted_share: share of the week's reports that screening holds for unwanted; None when unknown.
        reporters: distinct reporters of the week, estimated (Theta sketch, error about 3 %).
        channels: the week's reports by channel.
        classes: the week's reports by class.
    """

    day: int | None
    day_before: int | None
    week: int | None
    change: float | None
    unwanted_share: float | None
    reporters: int | None
    channels: list[Item]
    classes: list[Item]


class Evidence(Struct, frozen=True):
    """What figures rest on.

    Args:
        unit: what is counted.
        denominator: null: plain counts.
        source: how the observations came to be known; sources never add up.
        channel: the only channel counted; empty for all.
        start: of the period, RFC 3339.
        end: of the period, exclusive.
        method: the model, rules and words that judge reports now; earlier ones keep the judgement they got.
        freshness: when the newest counted report was received, RFC 3339; null when there is none.
        note: what to know before quoting.
    """

    unit: str
    denominator: str | None
    source: str
    channel: str
    start: str
    end: str
    method: Method
    freshness: str | None
    note: str = NOTE


class Figure(Struct, frozen=True):
    """One figure by itself, with all that is needed to quote it.

    Args:
        name: which one; stable.
        value: null is withheld or unknown.
        unit: what the value counts.
        start: of its period, RFC 3339.
        end: of its period, exclusive.
        source: how the observations came to be known.
        method: versions of model, rules and words.
    """

    name: str
    value: float | int | None
    unit: str
    start: str
    end: str
    source: str
    method: str


class SummaryAnswer(Struct, frozen=True):
    """The first figures, each by itself; then the week's reports by channel and by class."""

    evidence: Evidence
    figures: list[Figure]
    channels: list[Item]
    classes: list[Item]


class SeriesAnswer(Struct, frozen=True):
    """A time series with what it rests on; a bucket without reports has no point."""

    evidence: Evidence
    dimension: str
    grain: str
    points: list[Point]


class TopAnswer(Struct, frozen=True):
    """The values of a dimension with most reports, and what they rest on."""

    evidence: Evidence
    dimension: str
    items: list[Item]
