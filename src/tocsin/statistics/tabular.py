"""The statistics' answers as tables: each line can be quoted by itself."""

from tocsin.records import Method
from tocsin.statistics.records import Evidence, SeriesAnswer, SummaryAnswer, TopAnswer
from tocsin.web.answers import table

_EVIDENCE = ("unit", "source", "channel_filter", "method", "freshness")
_FIGURE = ("name", "value", "withheld", "start", "end")


def version(method: Method) -> str:
    """Write a method's versions as one word."""
    return f"model={method.model};rules={method.rules};vocabulary={method.vocabulary}"


def summary(answer: SummaryAnswer) -> bytes:
    """Write a line for each figure, then one for each channel and class."""
    basis = answer.evidence
    rows = [
        (one.name, one.value, one.value is None, one.start, one.end, one.unit, *_basis(basis)[1:])
        for one in answer.figures
    ]
    parts = {"channel": answer.channels, "class": answer.classes}
    rows += [
        (f"{name}.{one.value}", one.count, one.count is None, basis.start, basis.end, *_basis(basis))
        for name, items in parts.items()
        for one in items
    ]
    return table((*_FIGURE, *_EVIDENCE), rows)


def series(answer: SeriesAnswer) -> bytes:
    """Write a line for each point."""
    rows = [
        (one.start, one.value, one.count, one.count is None, *_basis(answer.evidence))
        for one in answer.points
    ]
    return table(("start", answer.dimension, "count", "withheld", *_EVIDENCE), rows)


def top(answer: TopAnswer) -> bytes:
    """Write a line for each value."""
    basis = answer.evidence
    rows = [
        (one.value, one.count, one.count is None, basis.start, basis.end, *_basis(basis))
        for one in answer.items
    ]
    return table((answer.dimension, "count", "withheld", "start", "end", *_EVIDENCE), rows)


def _basis(evidence: Evidence) -> tuple[str, str, str, str, str | None]:
    return (
        evidence.unit,
        evidence.source,
        evidence.channel,
        version(evidence.method),
        evidence.freshness,
    )
