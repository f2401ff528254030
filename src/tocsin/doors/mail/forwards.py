"""Finding the mail that someone forwarded inline: what stands above it, who it was from, and its words."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import yaml

from tocsin.doors.mail.headers import addresses

_MOST_LINES = 20_000
_BLOCK = 24
"""Lines that the original's fields may take, blank ones included."""
_CERTAIN_FIELDS = 3
"""Fields that prove a forward where no marker stands, as in Outlook's own form."""
_BIDI = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_QUOTE = re.compile(r"^(?:\s{0,3}>)+ ?")
_LABEL = re.compile(r"^[\s*|]{0,8}([^:：\n<>@]{1,30}?)[\s*]{0,4}[:：][\s*]{0,4}(.{0,2000})$")


class Forward(NamedTuple):
    """A forwarded mail.

    Args:
        above: what the one who forwarded it wrote.
        sender: its `From`, as it stands.
        subject: its subject.
        date: its date, as it stands.
        recipients: addresses it was sent to.
        body: its text.
    """

    above: str
    sender: str
    subject: str
    date: str
    recipients: frozenset[str]
    body: str


class _Words(NamedTuple):
    markers: frozenset[str]
    labels: dict[str, str]


def forwarded(text: str) -> Forward | None:
    """Find the first mail that is forwarded within a text; None where there is none."""
    lines = [_BIDI.sub("", line) for line in text.split("\n", _MOST_LINES)]
    for at, line in enumerate(lines):
        marked = _is_marker(line)
        if not marked and not _label(line):
            continue
        fields, end = _fields(lines, at + 1 if marked else at)
        if "from" in fields and (marked or len(fields) >= _CERTAIN_FIELDS):
            return _forward(lines, at, fields, end)
    return None


def _forward(lines: Sequence[str], at: int, fields: dict[str, str], end: int) -> Forward:
    body = lines[end:]
    quoted = sum(1 for line in body if line.startswith(">"))
    if 2 * quoted > sum(1 for line in body if line.strip()):
        body = [_QUOTE.sub("", line) for line in body]
    return Forward(
        above="\n".join(lines[:at]).strip(" \n\t>_-"),
        sender=fields["from"],
        subject=fields.get("subject", ""),
        date=fields.get("date", ""),
        recipients=frozenset(addresses(fields.get("to", ""))),
        body="\n".join(body).strip("\n"),
    )


def _fields(lines: Sequence[str], start: int) -> tuple[dict[str, str], int]:
    """Read the original's fields from a line on; returns them and the line after the last."""
    fields: dict[str, str] = {}
    end, last = start, ""
    for at in range(start, min(len(lines), start + _BLOCK)):
        found = _label(lines[at])
        if found and not (found[0] in fields and found[0] != "to"):
            last, value = found
            fields[last] = " ".join(filter(None, (fields.get(last, ""), value)))
            end = at + 1
        elif fields and lines[at].strip(" >"):
            if end != at or not lines[at][:1].isspace():  # neither a field nor the rest of one
                break
            fields[last] += " " + lines[at].strip(" >")
            end = at + 1
    return fields, end


def _label(line: str) -> tuple[str, str] | None:
    found = _LABEL.match(_QUOTE.sub("", line[:2100]))
    name = _words().labels.get(found[1].strip().casefold()) if found else None
    return (name, found[2].strip()) if found and name else None


def _is_marker(line: str) -> bool:
    bare = _QUOTE.sub("", line[:200]).strip(" \t\xa0-–—_=*·.~>").rstrip(":：").strip()
    return bare.casefold() in _words().markers


@cache
def _words() -> _Words:
    file = files("tocsin.doors.mail") / "data" / "forwards.yaml"
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    labels = {word.casefold(): field for field, found in written["labels"].items() for word in found}
    return _Words(frozenset(word.casefold() for word in written["markers"]), labels)
