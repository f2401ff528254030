"""The Mobile Abuse Reporting Schema, version 1: what a messaging app says of one SMS, MMS or RCS message.

Source: the schema of that name (JSON Schema 2020-12). Fields: `v` version, `u` user agent, `s` sender, `r`
reporter, `i` the conversation's UUIDv4, `d` disposition, `m` the message with `p` protocol, `t` time and
`c` content.
"""

import re
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tocsin.doors.documents import read_json, read_moment, require, write_moment
from tocsin.doors.handset.mime_text import unwrap, wrap
from tocsin.errors import Rejected
from tocsin.records import Submission

CONTENT_TYPE = "application/json"
CHANNELS = ("sms", "mms", "rcs")
"""The channels this format can name."""
AGENT = "Tocsin/Node/1"
LEGIT = "wanted"
"""The category that a disposition `legit` claims."""
_AGENT = re.compile(r"[^\W_]{1,64}/[^\W_]{1,64}/[a-zA-Z0-9._-]{1,64}")
_ADDRESS = re.compile(r".{1,350}")
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_Address = Annotated[str, Meta(min_length=1, max_length=350)]


class _Message(Struct):
    p: str
    t: str
    c: Annotated[str, Meta(min_length=1)]


class _Report(Struct):
    v: str
    u: str
    s: _Address
    m: _Message
    i: str | None = None
    r: _Address | None = None
    d: str = "spam"


def read(document: bytes) -> Submission:
    """Read one report.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: a field is missing or not as the schema wants it.
    """
    report = read_json(document, _Report)
    if report.v != "1":
        raise Rejected("v.unsupported", "v", "version 1 only")
    _match(_AGENT, report.u, "u")
    disposition = _one_of(report.d, "d", ("spam", "legit"))
    channel = _one_of(report.m.p, "m.p", CHANNELS)
    if report.i is not None:
        _match(_UUID4, report.i, "i")
    return Submission(
        channel=channel,
        content=unwrap(report.m.c),
        sender=_match(_ADDRESS, report.s, "s"),
        sent_at=read_moment(_match(_TIME, report.m.t, "m.t"), "m.t"),
        reporter=_match(_ADDRESS, report.r, "r") if report.r is not None else "",
        claimed_category=LEGIT if disposition == "legit" else "",
        message_id=(report.i or "").lower(),
    )


def write(submission: Submission, agent: str = AGENT) -> bytes:
    """Write one report.

    Args:
        submission: of SMS, MMS or RCS, with sender, content and time.
        agent: the user agent, `Organisation/Application/Version`.

    Raises:
        Rejected: the format has no way to say this.
    """
    wanted = submission.claimed_category.partition(".")[0] == LEGIT
    report: dict[str, object] = {
        "v": "1",
        "u": _match(_AGENT, agent, "u"),
        "s": _match(_ADDRESS, require(submission.sender, "sender"), "sender"),
        "d": "legit" if wanted else "spam",
        "m": {
            "p": _one_of(submission.channel, "channel", CHANNELS),
            "t": write_moment(submission.sent_at, whole_seconds=True),
            "c": wrap(require(submission.content, "content")),
        },
    }
    if submission.reporter:
        report["r"] = _match(_ADDRESS, submission.reporter, "reporter")
    if is_conversation(submission.message_id):
        report["i"] = submission.message_id
    return msgspec.json.encode(report)


def is_conversation(message_id: str) -> bool:
    """Say whether a message id can stand in `i`, which takes a UUIDv4 only."""
    return _UUID4.fullmatch(message_id) is not None


def _match(pattern: re.Pattern[str], value: str, field: str) -> str:
    if pattern.fullmatch(value) is None:
        raise Rejected(f"{field}.invalid", field, "not as the schema wants it")
    return value


def _one_of(value: str, field: str, allowed: tuple[str, ...]) -> str:
    folded = value.lower()
    if folded not in allowed:
        raise Rejected(f"{field}.unsupported", field, f"one of {', '.join(allowed)}")
    return folded
