"""The nouns every room shares: messages, reports, verdicts, receipts and the values inside them.

All instants are integers, microseconds since 1970-01-01T00:00:00Z (`Instant`): comparable, compact,
without a time zone to get wrong. Text for people is made at the edge, by `web` and the doors.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from msgspec import Struct

Instant = NewType("Instant", int)
"""Microseconds since the Unix epoch, UTC."""

Pseudonym = NewType("Pseudonym", bytes)
"""16 bytes: a keyed, one-way stand-in for a person's number or address (HMAC-SHA256, truncated)."""

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
SMALLEST_COUNT = 5
"""Reports from which a count may be shown in public; a smaller one could point at a person."""
WANTED_ABOVE = 0.5
"""Probability of the class `wanted` above which a message does not count as spam (policy `unwanted`)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(moment: datetime) -> Instant:
    """Turn an aware datetime into an `Instant`.

    Raises:
        ValueError: the datetime has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a datetime without a time zone names no instant")
    delta = moment - _EPOCH
    return Instant((delta.days * 86400 + delta.seconds) * SECOND + delta.microseconds)


def moment(at: int) -> datetime:
    """Turn an `Instant` into an aware UTC datetime."""
    seconds, micros = divmod(at, SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


class Channel(StrEnum):
    """The medium a message came by (ITU-T X.1231, X.1240-X.1244; R4-R10)."""

    EMAIL = "email"
    SMS = "sms"
    MMS = "mms"
    RCS = "rcs"
    VOICE = "voice"
    IM = "im"
    SOCIAL = "social"
    WEB_SEARCH = "web_search"
    IN_APP = "in_app"
    VOIP = "voip"


class Source(StrEnum):
    """How an observation came to be known. Figures of different sources never add up in one series."""

    CONSUMER_REPORT = "consumer_report"
    TRAP = "trap"
    FILTER_DECISION = "filter_decision"
    OPERATOR_RETURN = "operator_return"
    SURVEY = "survey"
    SIMULATION = "simulation"


class RouteKind(StrEnum):
    """The way by which a message entered the recipient's network (GSMA, R5)."""

    UNKNOWN = "unknown"
    ON_NET = "on_net"
    OFF_NET = "off_net"
    INTERNATIONAL = "international"
    BULK_AGGREGATOR = "bulk_aggregator"
    GREY_ROUTE = "grey_route"
    OTT = "ott"
    VOIP = "voip"


class MessageClass(StrEnum):
    """What a message is, before anyone's policy calls it spam or not. The order is a model's column order."""

    FRAUD = "fraud"
    MALWARE = "malware"
    COMMERCIAL = "commercial"
    NUISANCE = "nuisance"
    WANTED = "wanted"


CLASSES: tuple[MessageClass, ...] = tuple(MessageClass)


class SenderKind(StrEnum):
    """What kind of name a sender goes by."""

    E164 = "e164"
    SHORT_CODE = "short_code"
    ALPHANUMERIC = "alphanumeric"
    ADDRESS = "address"
    HANDLE = "handle"
    URL = "url"
    WITHHELD = "withheld"


class Sender(Struct, frozen=True):
    """Who a message says it is from: parsed once, the raw form kept.

    Args:
        kind: the kind of name.
        value: canonical form: `+` and digits for E.164, digits for a short code, case-folded otherwise;
            empty when withheld.
        raw: what was reported, at most 350 characters.
        country: ISO 3166-1 alpha-2 of a number's country code; empty when there is none.
    """

    kind: SenderKind
    value: str
    raw: str
    country: str = ""


WITHHELD = Sender(SenderKind.WITHHELD, "", "")


class ObservableKind(StrEnum):
    """What kind of trace an observable is."""

    URL = "url"
    HOST = "host"
    PHONE = "phone"
    EMAIL = "email"
    WALLET = "wallet"
    HANDLE = "handle"


class Observable(Struct, frozen=True):
    """A trace inside a message that another message can share.

    Args:
        kind: the kind of trace.
        value: canonical form (URL with lower-case host, E.164 number, registered domain).
        raw: as it stood in the text.
    """

    kind: ObservableKind
    value: str
    raw: str


class Route(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a message's way.

    Args:
        kind: how it entered the recipient's network.
        origin: ISO 3166-1 alpha-2 of the country it came from; empty when unknown.
        network: the originating network's name or MCC-MNC; empty when unknown.
    """

    kind: RouteKind = RouteKind.UNKNOWN
    origin: str = ""
    network: str = ""


class CallFacts(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a call.

    Args:
        duration_s: seconds from answer to release; 0 when not answered.
        answered: whether the recipient took the call.
        recorded: whether a recording spoke (a robocall).
    """

    duration_s: int = 0
    answered: bool = False
    recorded: bool = False


class Message(Struct, frozen=True):
    """What was sent.

    Args:
        channel: the medium.
        content: the text, or a transcript, or empty for a call that nobody wrote down.
        sender: who it says it is from.
        sent_at: when it reached the recipient, if known.
        recipient: pseudonym of the one it was sent to, if not the reporter.
        subject: an e-mail's subject, or the topic a caller spoke of.
        route: what is known of its way.
        call: facts of a call, for voice and voip.
    """

    channel: Channel
    content: str
    sender: Sender = WITHHELD
    sent_at: Instant | None = None
    recipient: Pseudonym | None = None
    subject: str = ""
    route: Route = Route()
    call: CallFacts | None = None


class Submission(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a door hands to the desk: typed, not yet believed. Also the body of `POST /api/v1/reports`.

    Args:
        channel: one of `Channel`'s values.
        content: the message as the recipient saw it.
        sender: number, name, address, handle or link it came from; empty when withheld.
        subject: an e-mail's subject, or a call's topic.
        sent_at: when the recipient got it; RFC 3339 with an offset.
        recipient: who it was sent to, if not the reporter; becomes a pseudonym.
        reporter: number or address of the one who reports; becomes a pseudonym; empty for anonymous.
        jurisdiction: ISO 3166-1 alpha-2 of the reporter's country; empty takes the node's.
        claimed_category: a vocabulary category the reporter chose.
        consent_to_share: whether content may leave the member, redacted.
        comment: the reporter's own words.
        message_id: the door's own identifier: the same one twice is one report.
        route: what is known of the message's way.
        call: facts of a call.
    """

    channel: str
    content: str = ""
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    recipient: str = ""
    reporter: str = ""
    jurisdiction: str = ""
    claimed_category: str = ""
    consent_to_share: bool = False
    comment: str = ""
    message_id: str = ""
    route: Route = Route()
    call: CallFacts | None = None


class Envelope(Struct, frozen=True):
    """What the node itself knows of a submission, never its sender.

    Args:
        door: the door's name, such as `api` or `smpp`.
        member: the member whose door it is; the node's own by default.
        source: how the observation came to be known.
        received_at: when the first system took it; None for now. Only doors that carry history set it.
    """

    door: str
    member: str = ""
    source: Source = Source.CONSUMER_REPORT
    received_at: Instant | None = None


class Report(Struct, frozen=True):
    """One person's word about one message: facts only, verdicts are kept apart.

    Args:
        id: UUIDv7, made when the desk takes it.
        ticket: what the reporter quotes to ask what came of it; unguessable.
        message: the message reported.
        received_at: when the first receiving system took it.
        door: the door it came in by.
        member: the member whose subscriber reported it.
        source: how the observation came to be known.
        reporter: pseudonym of the reporter; None when anonymous.
        jurisdiction: ISO 3166-1 alpha-2 whose public this reporter belongs to.
        claimed_category: the reporter's own judgement, a vocabulary category id or empty.
        consent_to_share: whether content may leave the member, redacted.
        comment: the reporter's own words.
        message_id: the door's own identifier, or empty.
    """

    id: UUID
    ticket: str
    message: Message
    received_at: Instant
    door: str
    member: str
    source: Source
    reporter: Pseudonym | None
    jurisdiction: str
    claimed_category: str = ""
    consent_to_share: bool = False
    comment: str = ""
    message_id: str = ""


class Method(Struct, frozen=True):
    """Which model, rules and words gave a verdict, so that it can be given again or rebuilt.

    Args:
        model: the model artefact's version.
        rules: the rule set's version.
        vocabulary: the vocabulary's version.
    """

    model: str
    rules: str
    vocabulary: str


class Verdict(Struct, frozen=True):
    """What screening makes of one message. It never says "spam" by itself: a policy does.

    Args:
        probabilities: one for each of `CLASSES`, in that order, adding up to 1.
        category: the most probable vocabulary category, such as `fraud.phishing`.
        language: BCP 47 tag guessed from the text, `und` when unknown.
        method: what gave the verdict.
    """

    probabilities: tuple[float, float, float, float, float]
    category: str
    language: str
    method: Method


class Receipt(Struct, frozen=True):
    """The node's word that a report is durable.

    Args:
        ticket: what to quote when asking later.
        report_id: the report's UUIDv7.
        duplicate: True when this reporter or door had already reported it; the ticket is the first one's.
    """

    ticket: str
    report_id: UUID
    duplicate: bool = False
