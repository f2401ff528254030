"""What a WhatsApp Cloud API notification holds for us: messages of people to our number.

Shapes: developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples and …/components. Statuses
of our own messages, reactions and system notices are nothing to take.
"""

from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from tocsin.doors.bots.payloads import each
from tocsin.doors.dialogue.conversation import Incoming

Few = Meta(max_length=1000)
_IGNORED = frozenset({"reaction", "system", "unsupported", "order", "request_welcome"})


class Text(Struct, frozen=True):
    """A text message."""

    body: str = ""


class Media(Struct, frozen=True):
    """A picture, film or document with words under it."""

    caption: str = ""


class Pressed(Struct, frozen=True):
    """A button that was pressed."""

    text: str = ""


class Phone(Struct, frozen=True):
    """A number of a shared contact."""

    phone: str = ""


class CloudContact(Struct, frozen=True):
    """A contact that the person shares: an answer to "which number?"."""

    phones: list[Phone] = []


class Context(Struct, frozen=True):
    """What a message refers to; WhatsApp says that it was forwarded, never from whom."""

    forwarded: bool = False
    frequently_forwarded: bool = False


class CloudMessage(Struct, frozen=True):
    """One message of a person."""

    id: str
    type: str
    author: str = field(name="from", default="")
    text: Text = Text()
    image: Media = Media()
    video: Media = Media()
    document: Media = Media()
    button: Pressed = Pressed()
    contacts: list[CloudContact] = []
    context: Context = Context()


class Metadata(Struct, frozen=True):
    """The number of ours that was written to."""

    display_phone_number: str = ""
    phone_number_id: str = ""


class Value(Struct, frozen=True):
    """What changed."""

    metadata: Metadata = Metadata()
    messages: Annotated[list[msgspec.Raw], Few] = []


class Change(Struct, frozen=True):
    """One change; those of `messages` are ours."""

    field: str = ""
    value: Value = Value()


class Entry(Struct, frozen=True):
    """The changes of one business account."""

    changes: Annotated[list[Change], Few] = []


class Notification(Struct, frozen=True):
    """One delivery."""

    object: str = ""
    entry: Annotated[list[Entry], Few] = []


def messages(notification: Notification, number_id: str) -> Iterator[CloudMessage]:
    """Give the messages of people to one of our numbers.

    Args:
        notification: what was delivered.
        number_id: the number's id at the service.
    """
    for entry in notification.entry:
        for change in entry.changes:
            metadata = change.value.metadata
            if change.field != "messages" or metadata.phone_number_id != number_id:
                continue
            us = _digits(metadata.display_phone_number)
            for message in each(change.value.messages, CloudMessage):
                if message.author and _digits(message.author) != us and message.type not in _IGNORED:
                    yield message


def incoming(message: CloudMessage, identity: str) -> Incoming:
    """Read one message.

    Args:
        message: of a person.
        identity: stands for its id, which itself holds the person's number in base 64 and must not be kept.
    """
    context = message.context
    return Incoming(
        id=identity,
        reporter=f"+{message.author}" if message.author.isdecimal() else f"whatsapp:{message.author}",
        text=_text(message),
        forwarded=context.forwarded or context.frequently_forwarded,
    )


def _text(message: CloudMessage) -> str:
    media = message.image.caption or message.video.caption or message.document.caption
    phones = [phone.phone for contact in message.contacts for phone in contact.phones]
    return message.text.body or media or message.button.text or "".join(phones[:1])


def _digits(number: str) -> str:
    return "".join(filter(str.isdigit, number))
