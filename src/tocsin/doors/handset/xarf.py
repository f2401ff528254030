"""XARF 4.2: the abuse report in JSON that providers send each other, about one message.

Source: the XARF specification, version 4. Read are `messaging` reports and those `content` reports
(phishing, fraud) that carry the message as evidence; what is about a website or a host alone is refused.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct

from tocsin.doors.documents import read_json, read_moment, report_uuid, require, write_moment
from tocsin.doors.handset.mime_text import Mail, read_mail
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission
from tocsin.vocabulary.terms import vocabulary

CONTENT_TYPES = ("application/json", "application/xarf+json")
VERSION = "4.2.0"
PROTOCOLS: Mapping[str, Channel] = {
    "smtp": Channel.EMAIL,
    "sms": Channel.SMS,
    "chat": Channel.IM,
    "whatsapp": Channel.IM,
    "telegram": Channel.IM,
    "signal": Channel.IM,
    "social_media": Channel.SOCIAL,
    "push_notification": Channel.IN_APP,
}
"""Each protocol's channel; written is the first protocol of a channel."""
CHANNELS = tuple(sorted(set(PROTOCOLS.values())))
"""The channels this format can name."""
NOBODY = "anonymous.invalid"
"""The source of a message whose sender is withheld (RFC 2606, RFC 3323)."""
LONGEST_COMMENT, LONGEST_SUBJECT = 1000, 500
_TYPES = {
    ("messaging", "spam"): "",
    ("messaging", "bulk_messaging"): "",
    ("content", "phishing"): "fraud.phishing",
    ("content", "fraud"): "fraud",
}
_MAIL_TYPES = ("message/rfc822", "text/email")
_SMTP_PORT = 25


class Contact(Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation: its name, its mail address and its domain."""

    org: Annotated[str, Meta(max_length=200)]
    contact: str
    domain: str


class _Evidence(Struct):
    content_type: str
    payload: str


class _Report(Struct):
    xarf_version: Annotated[str, Meta(pattern=r"^4\.[0-9]+\.[0-9]+$")]
    report_id: UUID
    timestamp: str
    reporter: Contact
    sender: Contact
    source_identifier: str
    category: str
    type: str
    protocol: str = ""
    smtp_from: str = ""
    sender_name: str = ""
    subject: Annotated[str, Meta(max_length=LONGEST_SUBJECT)] = ""
    description: Annotated[str, Meta(max_length=LONGEST_COMMENT)] = ""
    evidence: Annotated[list[_Evidence], Meta(max_length=50)] = []
    tags: Annotated[list[str], Meta(max_length=20)] = []


def read(document: bytes) -> Submission:
    """Read one report.

    Raises:
        Malformed: not JSON in UTF-8.
        Rejected: a field is missing or wrong, or the report is not about a message.
    """
    report = read_json(document, _Report)
    if (report.category, report.type) not in _TYPES:
        raise Rejected("type.unsupported", "type", "a report about a message")
    mail, texts = _evidence(report.evidence)
    channel = _channel(report, carries_mail=mail is not None)
    if not (mail or texts or report.category == "messaging"):
        raise Rejected("evidence.missing", "evidence", "the message itself, as text or as a mail")
    mail = mail or Mail("", "", "")
    tags = dict(tag.partition(":")[::2] for tag in report.tags)
    category = tags.get("tocsin", "").replace("+", ".")
    return Submission(
        channel=channel,
        content="\n".join(filter(None, (mail.text, *texts))),
        sender=_sender(report, mail),
        subject=report.subject or mail.subject,
        sent_at=read_moment(report.timestamp, "timestamp"),
        jurisdiction=_country(tags.get("country", "")),
        claimed_category=(
            category if category in vocabulary().categories else _TYPES[report.category, report.type]
        ),
        comment=report.description,
        message_id=str(report.report_id),
    )


def write(submission: Submission, reporter: Contact, sender: Contact | None = None) -> bytes:
    """Write one report of `messaging/spam`. It never names the person who reported.

    Args:
        submission: with the time the message came; of a mail, with its author's address.
        reporter: whose complaint it is.
        sender: who transmits it, if another.

    Raises:
        Rejected: the format has no way to say this.
    """
    protocol = next((name for name, channel in PROTOCOLS.items() if channel == submission.channel), "")
    if not protocol:
        raise Rejected("channel.unsupported", "channel", f"one of {', '.join(CHANNELS)}")
    report: dict[str, Any] = {
        "xarf_version": VERSION,
        "report_id": report_uuid(submission),
        "timestamp": write_moment(submission.sent_at),
        "reporter": reporter,
        "sender": sender or reporter,
        "source_identifier": submission.sender or NOBODY,
        "category": "messaging",
        "type": "spam",
        "evidence_source": "user_complaint",
        "protocol": protocol,
        "subject": submission.subject[:LONGEST_SUBJECT] or UNSET,
        "description": submission.comment[:LONGEST_COMMENT] or UNSET,
        "evidence": _written_evidence(submission.content),
        "tags": _tags(submission),
    }
    if protocol == "smtp":
        report |= _smtp(submission.sender)
    return msgspec.json.encode({name: value for name, value in report.items() if value is not UNSET})


def _evidence(items: list[_Evidence]) -> tuple[Mail | None, list[str]]:
    mail: Mail | None = None
    texts: list[str] = []
    for number, item in enumerate(items):
        kind = item.content_type.partition(";")[0].strip().lower()
        if kind in _MAIL_TYPES and mail is None:
            mail = read_mail(_payload(item, number))
        elif kind == "text/plain":
            texts.append(_payload(item, number).decode("utf-8", "replace"))
    return mail, texts


def _payload(item: _Evidence, number: int) -> bytes:
    try:
        return base64.b64decode(item.payload, validate=True)
    except (binascii.Error, ValueError) as error:
        field = f"evidence[{number}].payload"
        raise Rejected("evidence.invalid", field, "not base 64") from error


def _channel(report: _Report, *, carries_mail: bool) -> Channel:
    if report.category == "messaging" or report.protocol:
        if report.protocol not in PROTOCOLS:
            raise Rejected("protocol.unsupported", "protocol", f"one of {', '.join(PROTOCOLS)}")
        return PROTOCOLS[report.protocol]
    return Channel.EMAIL if carries_mail else Channel.SMS


def _sender(report: _Report, mail: Mail) -> str:
    given = report.smtp_from or mail.sender or report.source_identifier
    return "" if given == NOBODY else given


def _country(tag: str) -> str:
    return tag.upper() if len(tag) == 2 and tag.isascii() and tag.isalpha() else ""  # noqa: PLR2004 - alpha-2


def _smtp(sender: str) -> dict[str, Any]:
    _, at, domain = require(sender, "sender").rpartition("@")
    if not at:
        raise Rejected("sender.unsupported", "sender", "a mail's sender is an address")
    return {"smtp_from": sender, "source_identifier": domain, "source_port": _SMTP_PORT}


def _written_evidence(content: str) -> list[dict[str, str]] | msgspec.UnsetType:
    if not content:
        return UNSET
    payload = base64.b64encode(content.encode()).decode()
    kind = "text/plain; charset=utf-8"
    return [{"content_type": kind, "description": "The message's text", "payload": payload}]


def _tags(submission: Submission) -> list[str] | msgspec.UnsetType:
    tags = []
    if submission.claimed_category:
        tags.append(f"tocsin:{submission.claimed_category.replace('.', '+')}")
    if submission.jurisdiction:
        tags.append(f"country:{submission.jurisdiction.lower()}")
    return tags or UNSET
