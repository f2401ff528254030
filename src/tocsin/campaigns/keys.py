"""By what a message can be recognised as part of a campaign, strongest first.

A digest is a signed 64-bit integer, the same on every node. There are three kinds: the template itself
(`EXACT`), a rare trace (`TRACE`), and one band of the template's signature (`BAND`).
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

from tocsin.campaigns import fingerprints
from tocsin.records import Channel, Message, Observable, ObservableKind, SenderKind

EXACT, TRACE, BAND = 0, 1, 2
_MOST_TRACES = 4
_SIMULATED = "simulation"


class Fingerprint(NamedTuple):
    """What grouping knows of a message before it looks at near-duplicates.

    Args:
        exact: digest of the template, or of a short text and its sender; None where neither means anything.
        traces: digests of rare traces. Exact or trace: one shared suffices.
        template: to be compared by signature; empty where near-duplicates mean nothing.
        salt: keeps a simulation's bands apart from real ones.
    """

    exact: int | None
    traces: tuple[int, ...]
    template: str
    salt: int


def fingerprint(
    messages: Sequence[Message], traces: Sequence[tuple[Observable, ...]], simulated: Sequence[bool]
) -> list[Fingerprint]:
    """Fingerprint a batch of messages.

    Args:
        messages: what was reported.
        traces: the observables of each.
        simulated: whether each belongs to a simulation, which never joins a real campaign.
    """
    return [
        _one(message, found, _SIMULATED if unreal else "")
        for message, found, unreal in zip(messages, traces, simulated, strict=True)
    ]


def _one(message: Message, traces: tuple[Observable, ...], world: str) -> Fingerprint:
    template = fingerprints.template(message)
    rare = tuple([_trace_key(world, kind, value) for kind, value in _rare(traces)])
    if _is_silent_call(message) or not fingerprints.has_words(template):
        return Fingerprint(_by_sender(message, template, world), rare, "", 0)
    return Fingerprint(_text_key(world, template), rare, template, _salt(world))


def _is_silent_call(message: Message) -> bool:
    """Say whether nobody wrote down what a caller said; its topic is the reporter's choice from a list."""
    return not message.content and message.channel in {Channel.VOICE, Channel.VOIP}


def _by_sender(message: Message, template: str, world: str) -> int | None:
    """Short and empty texts: the same words by the same sender; a call is known by its number."""
    sender = message.sender
    if sender.kind is SenderKind.WITHHELD:
        return None
    words = template if message.content else ""
    return fingerprints.key(world, "sender", sender.kind, sender.value, words)


# A campaign's texts and traces come again and again: their digests are remembered.
@lru_cache(maxsize=4096)
def _text_key(world: str, template: str) -> int:
    return fingerprints.key(world, "text", template)


@lru_cache(maxsize=16384)
def _trace_key(world: str, kind: str, value: str) -> int:
    return fingerprints.key(world, kind, value)


@cache
def _salt(world: str) -> int:
    return fingerprints.key(world, "band") if world else 0


def _rare(traces: tuple[Observable, ...]) -> list[tuple[str, str]]:
    common = _common_hosts()
    found = [
        (trace.kind.value, trace.value)
        for trace in traces
        if trace.kind in _JOINING and trace.value not in common
    ]
    return found[:_MOST_TRACES]


_JOINING = frozenset({ObservableKind.HOST, ObservableKind.PHONE, ObservableKind.WALLET})


@cache
def _common_hosts() -> frozenset[str]:
    file = resources.files("tocsin.campaigns") / "data" / "common_hosts.yaml"
    return frozenset(yaml.safe_load(file.read_text(encoding="utf-8")))
