"""A country's way of holding the dialogue, as data: codes, languages, one-message forms, limits.

The facts behind each and what was not confirmed stand in `data/NAME.yaml`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

from tocsin.doors.dialogue.words import Words, words
from tocsin.errors import Misconfigured
from tocsin.records import DAY, SECOND, Channel

PROFILES = ("gb", "nz", "fr", "in", "sa", "cn", "us", "ae", "default")
MINUTE = 60 * SECOND
_NUMBER = r"[+(]?\d[\d\s().\-]{1,28}"
_NAME = r"[^\W_][\w .&\-]{1,13}"


@dataclass(frozen=True, slots=True)
class Form:
    """A report and its sender in one message.

    Args:
        name: its name in `data/forms.yaml`.
        pattern: matched against the whole message; groups `sender`, perhaps `text` and `date`.
        channel: what the reported thing came by; None for the door's own channel.
    """

    name: str
    pattern: re.Pattern[str]
    channel: Channel | None


@dataclass(frozen=True, slots=True)
class Profile:
    """How one country's code, or one bot, holds the dialogue.

    Args:
        name: its name here.
        jurisdiction: ISO 3166-1 alpha-2 of its reporters; empty for the node's own.
        zone: the zone in which its reporters write dates.
        codes: its own numbers, to which nothing is ever sent.
        languages: BCP 47; the first is spoken until the reporter's own words tell another.
        forms: its one-message forms.
        services: how the numbers of services begin, besides short codes and names.
        answer_within: microseconds in which an answer belongs to its question.
        forward_within: microseconds in which a message belongs to the number that came before it.
        messages_an_hour: heard from one reporter before the limit acts.
        answers_an_hour: most answers to one reporter.
        over_limit: whether messages past the limit still count, or are refused to the network.
        session_life: microseconds for which a conversation is remembered after its last message.
        muted_life: the same when the reporter said STOP or chose a language.
        checks: whether CHECK asks what screening thinks.
        marks_forwards: whether the protocol marks what was forwarded, so that chat is no report.
    """

    name: str
    jurisdiction: str
    zone: ZoneInfo
    codes: frozenset[str]
    languages: tuple[str, ...]
    forms: tuple[Form, ...]
    services: tuple[str, ...] = ()
    answer_within: int = 60 * MINUTE
    forward_within: int = 10 * MINUTE
    messages_an_hour: int = 60
    answers_an_hour: int = 12
    over_limit: Literal["count", "refuse"] = "count"
    session_life: int = DAY
    muted_life: int = 365 * DAY
    checks: bool = False
    marks_forwards: bool = False

    def words(self, language: str) -> Words:
        """Return a language's words, the profile's first language's where it does not speak that one."""
        return words(language if language in self.languages else self.languages[0])


@cache
def profile(name: str) -> Profile:
    """Read a profile.

    Raises:
        Misconfigured: there is none of this name.
    """
    if name not in PROFILES:
        raise Misconfigured(f"no dialogue is called {name!r}; known: {', '.join(PROFILES)}")
    data = _read(name)
    return Profile(
        name=name,
        jurisdiction=data["jurisdiction"],
        zone=ZoneInfo(data["zone"]),
        codes=frozenset(data["codes"]),
        languages=tuple(words(language).language for language in data["languages"]),
        forms=tuple(_forms()[form] for form in data["forms"]),
        services=tuple(data.get("services", ())),
    )


@cache
def _forms() -> Mapping[str, Form]:
    return {name: _form(name, data) for name, data in _read("forms").items()}


def _form(name: str, data: dict[str, Any]) -> Form:
    pattern = data["pattern"].replace("{number}", _NUMBER).replace("{name}", _NAME)
    channel = Channel(data["channel"]) if "channel" in data else None
    return Form(name, re.compile(pattern, re.IGNORECASE | re.DOTALL), channel)


def _read(name: str) -> dict[str, Any]:
    file = resources.files("tocsin.doors.dialogue") / "data" / f"{name}.yaml"
    read: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read
