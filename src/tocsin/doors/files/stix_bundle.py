"""STIX 2.1 bundles as files of reports: observed messages, and sightings of senders.

Source: STIX 2.1. Observed data that refers to a mail, to a `text-message` or to a sender is a report each; so
is a sighting of an indicator for one sender, unless the bundle also has what was observed. What the
extension says (`stix_extension`) is taken over. Other objects are passed over.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from tocsin.doors.documents import read_json, refusal
from tocsin.doors.files.formats import Reading, Row, whole
from tocsin.doors.files.stix_extension import EXTENSION, MESSAGE, NUMBER
from tocsin.errors import Rejected
from tocsin.records import CallFacts, Channel, Envelope, Route, Submission

MOST_OBJECTS = 100_000
_MOST_REFS = 1000
_PATTERN = re.compile(r"\[([a-z-]{1,30}):(value|account_login) = '((?:[^'\\]|\\.){1,350})'\]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SENDERS = {NUMBER: "value", "email-addr": "value", "url": "value", "user-account": "account_login"}
_CHANNELS = {"email-addr": Channel.EMAIL, NUMBER: Channel.SMS}
_Objects = Mapping[str, dict[str, Any]]


class _Bundle(Struct):
    type: str
    objects: Annotated[list[dict[str, Any]], Meta(max_length=MOST_OBJECTS)] = []


class _Facts(Struct):
    channel: str = ""
    category: str = ""
    jurisdiction: str = ""
    comment: str = ""
    message_id: str = ""
    route: Route = Route()
    call: CallFacts | None = None


class _Observed(Struct):
    first_observed: datetime
    object_refs: Annotated[list[str], Meta(max_length=_MOST_REFS)] = []
    extensions: dict[str, Any] = {}


class _Words(Struct):
    subject: str = ""
    body: str = ""
    from_ref: str = ""


class _Sighting(Struct):
    id: str
    sighting_of_ref: str = ""
    first_seen: datetime | None = None
    observed_data_refs: list[str] = []


def read(path: Path, reading: Reading) -> Iterator[Row]:
    """Read a file that is one bundle; a report's line is its object's place in the bundle, from 1."""
    try:
        bundle = _bundle(whole(path))
    except Rejected as refused:
        yield Row(1, refused)
        return
    nothing = True
    for number, answer in _reports(bundle.objects):
        nothing = False
        if isinstance(answer, Rejected):
            yield Row(number, answer)
            continue
        yield Row(number, (reading.completed(answer), Envelope(reading.door)))
    if nothing:
        yield Row(1, Rejected("bundle.no_report", "objects", "no message and no sender in it"))


def read_bundle(document: bytes) -> list[Submission]:
    """Read the reports of a bundle; those that can't be read are passed over.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: not a bundle.
    """
    return [one for _, one in _reports(_bundle(document).objects) if isinstance(one, Submission)]


def _bundle(document: bytes) -> _Bundle:
    bundle = read_json(document, _Bundle)
    if bundle.type != "bundle":
        raise Rejected("type.unsupported", "type", "a bundle")
    return bundle


def _reports(items: list[dict[str, Any]]) -> Iterator[tuple[int, Submission | Rejected]]:
    objects = {str(one.get("id", "")): one for one in items if isinstance(one.get("type"), str)}
    makers = {"observed-data": _observed, "sighting": _sighted}
    for number, one in enumerate(items, 1):
        make = makers.get(str(one.get("type", "")))
        if make is None:
            continue
        try:
            found = make(one, objects)
        except msgspec.ValidationError as error:
            yield number, refusal(error)
            continue
        if found:
            yield number, found


def _observed(one: dict[str, Any], objects: _Objects) -> Submission | None:
    data = msgspec.convert(one, _Observed)
    said = data.extensions.get(EXTENSION)
    facts = msgspec.convert(said, _Facts) if said is not None else _Facts()
    seen = [objects[ref] for ref in data.object_refs if ref in objects]
    message = next((item for item in seen if item.get("type") in ("email-message", MESSAGE)), None)
    words = msgspec.convert(message, _Words) if message else _Words()
    senders = [item for item in (objects.get(words.from_ref, {}), *seen) if item.get("type") in _SENDERS]
    if not (message or (senders and said is not None)):
        return None
    return Submission(
        channel=facts.channel or _channel(message),
        content=words.body,
        sender=_name(senders[0]) if senders else "",
        subject=words.subject,
        sent_at=data.first_observed,
        jurisdiction=facts.jurisdiction,
        claimed_category=facts.category,
        comment=facts.comment,
        message_id=facts.message_id or str(one.get("id", "")),
        route=facts.route,
        call=facts.call,
    )


def _sighted(one: dict[str, Any], objects: _Objects) -> Submission | None:
    sighting = msgspec.convert(one, _Sighting)
    if any(ref in objects for ref in sighting.observed_data_refs):
        return None
    indicator = objects.get(sighting.sighting_of_ref, {})
    found = _PATTERN.fullmatch(str(indicator.get("pattern", "")))
    if found is None or _SENDERS.get(found.group(1)) != found.group(2):
        return None
    return Submission(
        channel=_CHANNELS.get(found.group(1), ""),
        sender=_ESCAPE.sub(r"\1", found.group(3)),
        sent_at=sighting.first_seen,
        message_id=sighting.id,
    )


def _channel(message: dict[str, Any] | None) -> str:
    if message is None:
        return ""
    return Channel.EMAIL if message["type"] == "email-message" else str(message.get("channel", ""))


def _name(sender: dict[str, Any]) -> str:
    return str(sender.get(_SENDERS[sender["type"]], ""))
