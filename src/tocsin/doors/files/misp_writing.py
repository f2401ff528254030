"""Reports as a MISP event: an object of a public template each, machine tags for the rest.

An event says nothing of who reported or who was sent a message, and is shared with nobody (distribution 0)
until the one who writes it decides otherwise.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from tocsin.doors.documents import report_uuid, write_moment
from tocsin.doors.files.misp_objects import WRITTEN, Shape, type_of
from tocsin.errors import Rejected
from tocsin.records import RouteKind, Submission

LONGEST_VALUE = 65_535
"""Bytes of one attribute's value that MISP stores."""
_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{2,30}")


def write_event(submissions: Sequence[Submission], info: str, at: datetime) -> bytes:
    """Write reports as one event, an object each; only the writing organisation may see it (distribution 0).

    Args:
        submissions: of SMS, MMS, RCS, mail, instant messages or social networks.
        info: what the event says it is about.
        at: when it is written.

    Raises:
        Rejected: a report can't be said in MISP's objects.
    """
    objects = [_object(submission) for submission in submissions]
    uuid = uuid5(UUID(objects[0]["uuid"]), "event") if objects else uuid5(UUID(int=0), info)
    event = {
        "uuid": str(uuid),
        "info": info,
        "date": at.astimezone(UTC).date().isoformat(),
        "timestamp": str(int(at.timestamp())),
        "threat_level_id": "4",
        "analysis": "0",
        "distribution": "0",
        "published": False,
        "Attribute": [],
        "Object": objects,
    }
    return msgspec.json.encode({"Event": event})


def _object(submission: Submission) -> dict[str, Any]:
    shape = WRITTEN.get(submission.channel)
    if shape is None:
        raise Rejected("channel.unsupported", "channel", f"one of {', '.join(WRITTEN)}")
    if not (submission.content or submission.sender):
        raise Rejected("content.missing", "content", "an object needs the words or the sender")
    uuid = report_uuid(submission)
    attributes = [
        _attribute(shape, uuid, relation, value)
        for relation, value in _values(shape, submission)
        if relation and value
    ]
    attributes[0]["Tag"] = _written_tags(submission)
    return {
        "uuid": str(uuid),
        "name": shape.name,
        "meta-category": shape.meta,
        "template_uuid": shape.uuid,
        "template_version": shape.version,
        "description": "A reported message",
        "distribution": "5",
        "comment": submission.comment,
        "Attribute": attributes,
    }


def _values(shape: Shape, submission: Submission) -> Iterator[tuple[str, str]]:
    """Give what each relation holds that the template has."""
    number = _NUMBER.fullmatch(submission.sender) is not None
    yield shape.content, submission.content
    yield shape.number if number else shape.other, submission.sender
    yield shape.subject, submission.subject
    yield shape.sent_at, write_moment(submission.sent_at) if submission.sent_at else ""


def _attribute(shape: Shape, uuid: UUID, relation: str, value: str) -> dict[str, Any]:
    if len(value.encode()) > LONGEST_VALUE:
        field = shape.fields[relation]
        raise Rejected(f"{field}.too_long", field, f"at most {LONGEST_VALUE} bytes")
    kind, category = type_of(shape, relation)
    return {
        "uuid": str(uuid5(uuid, relation)),
        "object_relation": relation,
        "type": kind,
        "category": category,
        "value": value,
        "to_ids": False,
        "disable_correlation": False,
        "distribution": "5",
    }


def _written_tags(submission: Submission) -> list[dict[str, str]]:
    route = submission.route
    facts = {
        "channel": submission.channel,
        "category": submission.claimed_category,
        "jurisdiction": submission.jurisdiction,
        "route": "" if route.kind == RouteKind.UNKNOWN else route.kind.value,
        "origin": route.origin,
    }
    return [{"name": f'tocsin:{name}="{value}"'} for name, value in facts.items() if value]
