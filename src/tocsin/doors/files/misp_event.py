"""MISP events as files of reports.

Source: the MISP core format, and the public object templates that `misp_objects` names. Objects about one
message become a report each; an event's loose attributes (phone-number, email-src, url, text, comment)
become one report for each sender they name. What the templates have no relation for stands in machine tags
`tocsin:name="value"`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tocsin.doors.documents import read_json, read_moment
from tocsin.doors.files.formats import Reading, Row, whole
from tocsin.doors.files.misp_objects import READ, Shape
from tocsin.errors import Malformed, Rejected
from tocsin.records import Envelope, Instant, Route, RouteKind, Submission, instant

MOST_ITEMS = 100_000
_TAG = re.compile(r'tocsin:([a-z_]{1,20})="([^"]{0,255})"')
_SENDERS = {"phone-number": "sms", "email-src": "email", "whatsapp-number": "im"}
_WORDS = frozenset({"text", "comment", "url", "email-body"})
_TAGGED = ("channel", "category", "jurisdiction", "route", "origin")


class _Tag(Struct, frozen=True):
    name: str = ""


class _Attribute(Struct, frozen=True):
    type: str = ""
    value: Any = ""
    uuid: str = ""
    object_relation: str | None = None
    comment: str | None = ""
    Tag: list[_Tag] = []


class _Object(Struct, frozen=True):
    name: str = ""
    uuid: str = ""
    comment: str | None = ""
    Attribute: list[_Attribute] = []


class _Event(Struct, frozen=True):
    uuid: str = ""
    timestamp: Any = ""
    Attribute: Annotated[list[_Attribute], Meta(max_length=MOST_ITEMS)] = []
    Object: Annotated[list[_Object], Meta(max_length=MOST_ITEMS)] = []
    Tag: list[_Tag] = []


class _Wrapped(Struct, frozen=True):
    Event: _Event


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a file of one event or several; a report's line is its place in the file, from 1."""
    try:
        events = _events(whole(path))
    except Rejected as refusal:
        yield Row(1, refusal)
        return
    number = 0
    for event in events:
        taken_at = _taken_at(event.timestamp)
        for submission in _reports(event):
            number += 1
            yield Row(number, (reading.completed(submission), Envelope(reading.door, received_at=taken_at)))
    if not number:
        yield Row(1, Rejected("event.no_report", "Event", "no message, sender or link in it"))


def read_event(document: bytes) -> list[Submission]:
    """Read the reports of one event or several.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: not an event.
    """
    return [submission for event in _events(document) for submission in _reports(event)]


def _events(document: bytes) -> list[_Event]:
    """Find the events in what MISP's interfaces give: one, bare or wrapped, a list, or a response."""
    found = read_json(document, object)
    if isinstance(found, dict) and "response" in found:
        found = found["response"]
    items = found if isinstance(found, list) else [found]
    try:
        return [
            msgspec.convert(item, _Wrapped, strict=False).Event
            if isinstance(item, dict) and "Event" in item
            else msgspec.convert(item, _Event, strict=False)
            for item in items
        ]
    except msgspec.ValidationError as error:
        raise Malformed("event.invalid", "Event", "not an event of MISP") from error


def _taken_at(timestamp: object) -> Instant | None:
    try:
        return instant(datetime.fromtimestamp(int(str(timestamp)), UTC)) or None
    except (ValueError, OverflowError, OSError):
        return None


def _reports(event: _Event) -> Iterator[Submission]:
    for one in event.Object:
        if one.name in READ and (submission := _from_object(one, READ[one.name])):
            yield submission
    yield from _from_attributes(event)


def _from_object(one: _Object, shape: Shape) -> Submission | None:
    fields: dict[str, list[str]] = {}
    for attribute in one.Attribute:
        field = shape.fields.get(attribute.object_relation or "")
        if field:
            fields.setdefault(field, []).append(str(attribute.value))
    if not ({"content", "sender", "subject"} & set(fields)):
        return None
    tags = _tags(tag for attribute in one.Attribute for tag in attribute.Tag)
    return Submission(
        channel=tags.get("channel", shape.channel),
        content="\n".join(fields.get("content", ())),
        sender=fields.get("sender", [""])[0],
        subject=fields.get("subject", [""])[0],
        sent_at=_moment(fields.get("sent_at", [""])[0]),
        comment=one.comment or "",
        message_id=one.uuid,
        claimed_category=tags.get("category", ""),
        jurisdiction=tags.get("jurisdiction", ""),
        route=_route(tags),
    )


def _from_attributes(event: _Event) -> Iterator[Submission]:
    senders = [one for one in event.Attribute if one.type in _SENDERS]
    words = [str(one.value) for one in event.Attribute if one.type in _WORDS]
    subjects = [str(one.value) for one in event.Attribute if one.type == "email-subject"]
    if not senders and not any(one.type == "url" for one in event.Attribute):
        return
    tags = _tags(event.Tag)
    for number, sender in enumerate(senders or [_Attribute()]):
        yield Submission(
            channel=tags.get("channel", _SENDERS.get(sender.type, "email" if subjects else "")),
            content="\n".join(words),
            sender=str(sender.value),
            subject=subjects[0] if subjects else "",
            comment=sender.comment or "",
            message_id=sender.uuid or (f"{event.uuid}-{number}" if event.uuid else ""),
            claimed_category=tags.get("category", ""),
            jurisdiction=tags.get("jurisdiction", ""),
        )


def _tags(tags: Iterable[_Tag]) -> dict[str, str]:
    found = (_TAG.fullmatch(tag.name) for tag in tags)
    return {one.group(1): one.group(2) for one in found if one and one.group(1) in _TAGGED}


def _route(tags: Mapping[str, str]) -> Route:
    kind = tags.get("route", "")
    known = RouteKind(kind) if kind in set(RouteKind) else RouteKind.UNKNOWN
    return Route(known, tags.get("origin", ""))


def _moment(text: str) -> datetime | None:
    try:
        at = read_moment(text.replace(" ", "T", 1), "sent_at") if text else None
    except Rejected:
        return None
    return at
