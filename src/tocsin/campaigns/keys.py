"""By what a report can be recognised as part of a campaign, strongest first."""

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray

from tocsin.campaigns import fingerprints
from tocsin.records import Channel, Observable, ObservableKind, Report, SenderKind

EXACT, TRACE, BAND = 0, 1, 2
_MOST_TRACES = 4


class Key(NamedTuple):
    """A digest of one kind: the template itself, a rare trace, or one band of the signature."""

    kind: int
    digest: int


class Fingerprint(NamedTuple):
    """What grouping knows of a report.

    Args:
        sure: keys of which one shared suffices.
        likely: keys that only name candidates, to be compared by signature.
        signature: `(64,)` uint32; None where near-duplicates mean nothing.
    """

    sure: tuple[Key, ...]
    likely: tuple[Key, ...]
    signature: NDArray[np.uint32] | None


def fingerprint(reports: Sequence[Report], traces: Sequence[tuple[Observable, ...]]) -> list[Fingerprint]:
    """Fingerprint a batch of reports."""
    templates = [fingerprints.template(report.message) for report in reports]
    worded = [
        place
        for place, (text, report) in enumerate(zip(templates, reports, strict=True))
        if fingerprints.has_words(text) and not _is_silent_call(report)
    ]
    table = fingerprints.signatures([templates[place] for place in worded])
    banded = fingerprints.bands(table).tolist()
    near = {place: (banded[row], table[row]) for row, place in enumerate(worded)}
    return [
        _one(report, templates[place], found, near.get(place))
        for place, (report, found) in enumerate(zip(reports, traces, strict=True))
    ]


def _is_silent_call(report: Report) -> bool:
    """Say whether nobody wrote down what a caller said; its topic is the reporter's choice from a list."""
    message = report.message
    return not message.content and message.channel in {Channel.VOICE, Channel.VOIP}


def _one(
    report: Report,
    template: str,
    traces: tuple[Observable, ...],
    near: tuple[list[int], NDArray[np.uint32]] | None,
) -> Fingerprint:
    # A simulation never joins a real campaign.
    world = "simulation" if report.source == "simulation" else ""
    rare = tuple(Key(TRACE, fingerprints.key(world, kind, value)) for kind, value in _rare(traces))
    if near is None:
        return Fingerprint((*_by_sender(report, template, world), *rare), (), None)
    exact = Key(EXACT, fingerprints.key(world, "text", template))
    salt = fingerprints.key(world, "band") if world else 0
    likely = tuple(Key(BAND, band ^ salt) for band in near[0])
    return Fingerprint((exact, *rare), likely, near[1])


def _by_sender(report: Report, template: str, world: str) -> tuple[Key, ...]:
    """Short and empty texts: the same words by the same sender; a call is known by its number."""
    sender = report.message.sender
    if sender.kind is SenderKind.WITHHELD:
        return ()
    words = template if report.message.content else ""
    return (Key(EXACT, fingerprints.key(world, "sender", sender.kind, sender.value, words)),)


def _rare(traces: tuple[Observable, ...]) -> list[tuple[str, str]]:
    found = [
        (trace.kind.value, trace.value)
        for trace in traces
        if trace.kind in _JOINING and trace.value not in _common_hosts()
    ]
    return found[:_MOST_TRACES]


_JOINING = frozenset({ObservableKind.HOST, ObservableKind.PHONE, ObservableKind.WALLET})


@cache
def _common_hosts() -> frozenset[str]:
    file = resources.files("tocsin.campaigns") / "data" / "common_hosts.yaml"
    return frozenset(yaml.safe_load(file.read_text(encoding="utf-8")))
