"""Reports as a STIX 2.1 bundle: observed data of a message and its sender; indicator and sighting on demand.

A bundle says nothing of who reported or who was sent a message. One report proves no ill will: an indicator
says `unknown` until screening and review say more.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import msgspec

from tocsin.doors.documents import report_uuid, write_moment
from tocsin.doors.files.stix_extension import EXTENSION, MESSAGE, NUMBER, TOCSIN, definitions, observable
from tocsin.errors import Rejected
from tocsin.records import Channel, Route, Submission

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_ADDRESS = re.compile(r"[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+", re.IGNORECASE)
_URL = re.compile(r"https?://[a-z0-9._~:/?#@!$&()*+,;=%-]+", re.IGNORECASE)
_ESCAPED = str.maketrans({"\\": "\\\\", "'": "\\'"})


def write_bundle(submissions: Sequence[Submission], at: datetime, *, sightings: bool = False) -> bytes:
    """Write reports as one bundle.

    Args:
        submissions: each with the time the message came.
        at: when it is written.
        sightings: whether senders that STIX can point at become indicators that were seen.

    Raises:
        Rejected: a report has no time, or neither words nor sender.
    """
    write_moment(at, "at")
    # `created` and `modified` are written to the millisecond (section 3.2), other times as they are.
    written = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    objects = {one["id"]: one for one in definitions()}
    for submission in submissions:
        for one in _report(submission, written, sightings=sightings):
            objects.setdefault(one["id"], one)
    bundle = f"bundle--{uuid5(UUID(int=0), ' '.join(sorted(objects)))}"
    return msgspec.json.encode({"type": "bundle", "id": bundle, "objects": list(objects.values())})


def _report(submission: Submission, written: str, *, sightings: bool) -> list[dict[str, Any]]:
    sender = _sender(submission.sender)
    message = _message(submission, sender)
    seen = [one for one in (message, sender) if one]
    if not seen:
        raise Rejected("content.missing", "content", "observed data needs the words or the sender")
    uuid, sent = report_uuid(submission), write_moment(submission.sent_at)
    data = _made(
        "observed-data",
        str(uuid),
        written,
        first_observed=sent,
        last_observed=sent,
        number_observed=1,
        object_refs=[one["id"] for one in seen],
        extensions={EXTENSION: _facts(submission)},
    )
    return [*seen, data, *(_sighting(uuid, sender, data, sent, written) if sightings and sender else [])]


def _sender(raw: str) -> dict[str, Any] | None:
    if not raw:
        return None
    if _NUMBER.fullmatch(raw):
        return observable(NUMBER, {"value": raw}, {"value": raw})
    if _ADDRESS.fullmatch(raw):
        return observable("email-addr", {"value": raw}, {"value": raw})
    if _URL.fullmatch(raw):
        return observable("url", {"value": raw}, {"value": raw})
    return observable("user-account", {"account_login": raw}, {"account_login": raw})


def _message(submission: Submission, sender: dict[str, Any] | None) -> dict[str, Any] | None:
    words = {"subject": submission.subject, "body": submission.content}
    if not any(words.values()):
        return None
    if submission.channel != Channel.EMAIL:
        identity = {"channel": submission.channel} | words
        return observable(MESSAGE, identity, identity)
    author = sender["id"] if sender and sender["type"] == "email-addr" else ""
    properties = {"is_multipart": False, "from_ref": author} | words
    return observable("email-message", properties, {"from_ref": author} | words)


def _facts(submission: Submission) -> dict[str, Any]:
    facts = {
        "channel": submission.channel,
        "category": submission.claimed_category,
        "jurisdiction": submission.jurisdiction,
        "comment": submission.comment,
        "message_id": submission.message_id,
        "route": submission.route if submission.route != Route() else None,
        "call": submission.call,
    }
    told = {name: value for name, value in facts.items() if value}
    return {"extension_type": "property-extension"} | told


def _sighting(
    uuid: UUID, sender: dict[str, Any], data: dict[str, Any], sent: str, written: str
) -> list[dict[str, Any]]:
    name = "value" if "value" in sender else "account_login"
    indicator = _made(
        "indicator",
        str(uuid5(uuid, "indicator")),
        written,
        name="Sender of a reported message",
        description="One person reported a message from here; that alone proves no ill will.",
        indicator_types=["unknown"],
        pattern=f"[{sender['type']}:{name} = '{sender[name].translate(_ESCAPED)}']",
        pattern_type="stix",
        valid_from=sent,
    )
    sighting = _made(
        "sighting",
        str(uuid5(uuid, "sighting")),
        written,
        first_seen=sent,
        last_seen=sent,
        count=1,
        sighting_of_ref=indicator["id"],
        observed_data_refs=[data["id"]],
    )
    return [indicator, sighting]


def _made(kind: str, uuid: str, written: str, **properties: Any) -> dict[str, Any]:
    head = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid}", "created_by_ref": TOCSIN}
    return head | {"created": written, "modified": written} | properties
