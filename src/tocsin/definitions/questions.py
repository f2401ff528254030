"""A question to the definitions: one message, what is known around it, and whose definitions are asked."""

from datetime import datetime

from msgspec import Struct, field
from msgspec.structs import replace

from tocsin.definitions.cases import case_of
from tocsin.definitions.judging import judge_all
from tocsin.definitions.reading import chosen
from tocsin.definitions.records import Circumstances, Judgement
from tocsin.errors import Rejected
from tocsin.records import CallFacts, Channel, Instant, Message, instant
from tocsin.screening.api import Asked, read
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot

_MOST_JURISDICTIONS = 300


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked.

    Args:
        channel: the medium.
        content: the message, at most 100,000 characters.
        subject: an e-mail's subject.
        sender: number in international form, name or address; empty when not known.
        sent_at: when the recipient got it; RFC 3339 with an offset.
        call: facts of a call.
        known: what is known besides; what is left out is unknown.
        jurisdictions: ISO 3166-1 alpha-2 codes, or EU; empty asks all.
    """

    channel: Channel = Channel.SMS
    content: str = ""
    subject: str = ""
    sender: str = ""
    sent_at: datetime | None = None
    call: CallFacts | None = None
    known: Circumstances = field(default_factory=Circumstances)
    jurisdictions: list[str] = field(default_factory=list)


def answer(question: Question, screener: Screener, snapshot: Snapshot) -> list[Judgement]:
    """Judge a message by the definitions asked.

    Raises:
        Rejected: a field is too long or can't be read, or nothing is known of a jurisdiction.
    """
    if len(question.jurisdictions) > _MOST_JURISDICTIONS:
        raise Rejected("jurisdictions.too_many", "jurisdictions", f"at most {_MOST_JURISDICTIONS}")
    asked = chosen(question.jurisdictions)
    message = _message(question)
    (verdict,) = screener.screen([message], snapshot)
    return judge_all(case_of(message, question.known, verdict), asked)


def _message(question: Question) -> Message:
    asked = Asked(question.content, question.channel, subject=question.subject, sender=question.sender)
    return replace(read(asked), sent_at=_sent_at(question.sent_at), call=question.call)


def _sent_at(when: datetime | None) -> Instant | None:
    if when is None:
        return None
    try:
        return instant(when)
    except ValueError as error:
        raise Rejected("sent_at.no_offset", "sent_at", "a time needs its offset from UTC") from error
