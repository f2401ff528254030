"""From what a door heard to a report the house can trust in form: parsed once, refused by name."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from tocsin.desk.pseudonyms import Keyring
from tocsin.errors import Rejected
from tocsin.ports import Chance, ticket, uuid7
from tocsin.records import (
    DAY,
    WITHHELD,
    CallFacts,
    Channel,
    Envelope,
    Instant,
    Message,
    Report,
    Route,
    Submission,
    instant,
)
from tocsin.text.senders import parse_sender
from tocsin.vocabulary.terms import vocabulary

OLDEST = Instant(631_152_000_000_000)
"""1990-01-01: before the first SMS (1992), after the first spam anyone still reports."""
CLOCK_SKEW = DAY
_SHORT_LIMITS = {
    "sender": 350,
    "recipient": 350,
    "reporter": 350,
    "message_id": 255,
    "subject": 2000,
    "comment": 2000,
}
_LONGEST_CALL_S = 7 * 86400


@dataclass(frozen=True, slots=True)
class Validator:
    """Judges the form of submissions, never their content.

    Args:
        keyring: makes the pseudonyms.
        chance: makes ids and tickets.
        member: taken when an envelope names none.
        jurisdiction: taken when a submission names none.
        content_limit: longest content, characters.
    """

    keyring: Keyring
    chance: Chance
    member: str
    jurisdiction: str
    content_limit: int

    def report(self, submission: Submission, envelope: Envelope, now: Instant) -> Report:
        """Turn one submission into a report.

        Raises:
            Rejected: a field can't be taken.
        """
        self._text(submission)
        country = _country(submission.jurisdiction or self.jurisdiction, "jurisdiction")
        received_at = envelope.received_at if envelope.received_at is not None else now
        _within(received_at, now, "received_at")
        message = self._message(submission, country, now)
        return Report(
            id=uuid7(now, self.chance),
            ticket=ticket(self.chance),
            message=message,
            received_at=received_at,
            door=envelope.door,
            member=envelope.member or self.member,
            source=envelope.source,
            reporter=self.keyring.pseudonym(submission.reporter, country),
            jurisdiction=country,
            claimed_category=_category(submission.claimed_category),
            consent_to_share=submission.consent_to_share,
            comment=submission.comment,
            message_id=submission.message_id,
        )

    def _message(self, submission: Submission, country: str, now: Instant) -> Message:
        channel = _channel(submission.channel)
        sender = parse_sender(submission.sender, country) if submission.sender else WITHHELD
        if not (submission.content.strip() or submission.sender or submission.subject):
            raise Rejected("content.empty", "content", "a report needs the message or its sender")
        return Message(
            channel=channel,
            content=submission.content,
            sender=sender,
            sent_at=_sent_at(submission.sent_at, now),
            recipient=self.keyring.pseudonym(submission.recipient, country),
            subject=submission.subject,
            route=_route(submission.route),
            call=_call(submission.call),
        )

    def _text(self, submission: Submission) -> None:
        for field, limit in _SHORT_LIMITS.items():
            if text := getattr(submission, field):
                _check_text(text, field, limit)
        _check_text(submission.content, "content", self.content_limit)


def _check_text(text: str, field: str, limit: int) -> None:
    if len(text) > limit:
        raise Rejected(f"{field}.too_long", field, f"at most {limit} characters")
    if "\0" in text:
        raise Rejected(f"{field}.nul", field, "a NUL character is not text")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Rejected(f"{field}.surrogate", field, "a lone surrogate is not text") from error


@cache
def _channels() -> dict[str, Channel]:
    return {channel.value: channel for channel in Channel}


def _channel(name: str) -> Channel:
    channel = _channels().get(name)
    if channel is None:
        raise Rejected("channel.unknown", "channel", f"one of {', '.join(_channels())}")
    return channel


def _country(code: str, field: str) -> str:
    if len(code) == 2 and code.isascii() and code.isalpha():  # noqa: PLR2004 - alpha-2
        return code.upper()
    raise Rejected(f"{field}.invalid", field, "two letters of ISO 3166-1, such as SA")


def _category(name: str) -> str:
    if name and name not in vocabulary().categories:
        raise Rejected("claimed_category.unknown", "claimed_category", "not a category of the vocabulary")
    return name


def _sent_at(when: datetime | None, now: Instant) -> Instant | None:
    if when is None:
        return None
    if when.tzinfo is None:
        raise Rejected("sent_at.no_offset", "sent_at", "a time needs its offset from UTC")
    at = instant(when)
    _within(at, now, "sent_at")
    return at


def _within(at: int, now: int, field: str) -> None:
    if at > now + CLOCK_SKEW:
        raise Rejected(f"{field}.future", field, "more than a day in the future")
    if at < OLDEST:
        raise Rejected(f"{field}.ancient", field, "before 1990")


def _route(route: Route) -> Route:
    _check_text(route.network, "route.network", 64)
    if not route.origin:
        return route
    return Route(route.kind, _country(route.origin, "route.origin"), route.network)


def _call(call: CallFacts | None) -> CallFacts | None:
    if call is not None and not 0 <= call.duration_s <= _LONGEST_CALL_S:
        raise Rejected("call.duration_s.invalid", "call.duration_s", "between 0 seconds and a week")
    return call
