"""Which object of MISP's public templates carries a message of which channel, and by which relations."""

from collections.abc import Mapping
from typing import NamedTuple

from tocsin.records import Channel


class Shape(NamedTuple):
    """One object template.

    Args:
        name: the template's name.
        uuid: the template's UUID.
        version: the template's version.
        meta: its meta-category.
        channel: the channel that a message of this shape came by, unless a tag says otherwise.
        content: the relation that holds the words.
        number: the relation that holds a sender who is a number.
        other: the relation that holds any other sender.
        subject: the relation that holds a subject; empty when there is none.
        sent_at: the relation that holds the time; empty when there is none.
    """

    name: str
    uuid: str
    version: str
    meta: str
    channel: str
    content: str
    number: str
    other: str
    subject: str = ""
    sent_at: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """Our field by the relation that holds it."""
        held = {
            self.content: "content",
            self.number: "sender",
            self.other: "sender",
            self.subject: "subject",
            self.sent_at: "sent_at",
        }
        return {relation: field for relation, field in held.items() if relation}


_SMS = Shape(
    name="short-message-service",
    uuid="4851a3dc-e1a6-43ac-9d97-f0d13a099fd2",
    version="4",
    meta="misc",
    channel=Channel.SMS,
    content="body",
    number="from",
    other="name",
    sent_at="received-date",
)
_EMAIL = Shape(
    name="email",
    uuid="a0c666e0-fc65-4be8-b48f-3423d788b552",
    version="19",
    meta="network",
    channel=Channel.EMAIL,
    content="email-body",
    number="from",
    other="from",
    subject="subject",
    sent_at="send-date",
)
_IM = Shape(
    name="instant-message",
    uuid="5fa51a24-f40f-4696-a77e-d31e26bab5fc",
    version="3",
    meta="misc",
    channel=Channel.IM,
    content="body",
    number="from-number",
    other="from-user",
    subject="subject",
    sent_at="received-date",
)
_MICROBLOG = Shape(
    name="microblog",
    uuid="8ec8c911-ddbe-4f5b-895b-fbff70c42a60",
    version="20",
    meta="misc",
    channel=Channel.SOCIAL,
    content="post",
    number="username",
    other="username",
    subject="title",
    sent_at="creation-date",
)
_PHISHING = Shape(
    name="phishing",
    uuid="2dad6f9d-d425-4217-8fda-0b0a2d815307",
    version="7",
    meta="network",
    channel="",
    content="url",
    number="",
    other="",
)
_PHONE_NUMBER = Shape(
    name="phone-number",
    uuid="c4b5a67c-63d2-11ec-90d6-0242ac120003",
    version="1",
    meta="mobile",
    channel="",
    content="text",
    number="phone-number",
    other="",
)
READ: Mapping[str, Shape] = {
    shape.name: shape for shape in (_SMS, _EMAIL, _IM, _MICROBLOG, _PHISHING, _PHONE_NUMBER)
}
"""The objects that are a report each, by name."""
WRITTEN: Mapping[str, Shape] = {
    Channel.SMS: _SMS,
    Channel.MMS: _SMS,
    Channel.RCS: _SMS,
    Channel.EMAIL: _EMAIL,
    Channel.IM: _IM,
    Channel.SOCIAL: _MICROBLOG,
}
"""The object that a report of a channel is written as."""
_TEXT = ("text", "Other")
_TYPES: Mapping[tuple[str, str], tuple[str, str]] = {
    (_SMS.name, "from"): ("phone-number", "Other"),
    (_IM.name, "from-number"): ("phone-number", "Other"),
    (_EMAIL.name, "from"): ("email-src", "Payload delivery"),
    (_EMAIL.name, "email-body"): ("email-body", "Payload delivery"),
    (_EMAIL.name, "subject"): ("email-subject", "Payload delivery"),
}


def type_of(shape: Shape, relation: str) -> tuple[str, str]:
    """Return the type and the category of an attribute."""
    if relation == shape.sent_at:
        return "datetime", "Other"
    return _TYPES.get((shape.name, relation), _TEXT)
