"""What passes between a door and the dialogue: messages in, and for each what became of it."""

from datetime import datetime

from msgspec import Struct

from tocsin.errors import Rejected


class Incoming(Struct, frozen=True):
    """One message that a person sent to our code.

    Args:
        id: the door's own identity of the message, equal on a re-delivery; it is stored, so it must not
            hold the reporter's number.
        reporter: number or handle as the door got it; never stored.
        text: decoded text.
        sent_at: when the reported message was sent, if the protocol says so.
        sender: who the reported message came from, if the protocol says so.
        forwarded: the protocol itself marks it as a forward.
        language: BCP 47 of the person's device, if the protocol says so.
    """

    id: str
    reporter: str
    text: str
    sent_at: datetime | None = None
    sender: str = ""
    forwarded: bool = False
    language: str = ""


class Reply(Struct, frozen=True):
    """What to say back, and to whom; never contains reported text."""

    reporter: str
    text: str
    language: str


class Heard(Struct, frozen=True):
    """What became of one incoming message; durable when returned.

    Args:
        refused: why it can't be taken; None when it was, or when there was nothing to take.
        replies: at most one.
    """

    refused: Rejected | None = None
    replies: tuple[Reply, ...] = ()
