"""The JSON route of screening."""

from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Struct

from tocsin.errors import Rejected
from tocsin.records import CLASSES, Channel, Message, Verdict
from tocsin.screening.policy import spam_probability
from tocsin.screening.records import Reason
from tocsin.screening.screener import Screener
from tocsin.screening.snapshot import Snapshot
from tocsin.text.senders import parse_sender

MOST = 1000
LONGEST = 100_000
_LONGEST_SUBJECT = 2000
_NO_COUNTRY = "ZZ"


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """One message to judge.

    Args:
        content: what was said, at most 100,000 characters.
        channel: the medium.
        id: the caller's own; comes back with the verdict.
        subject: an e-mail's subject, at most 2,000 characters.
        sender: number in international form, name, address, handle or link; empty when withheld.
    """

    content: str
    channel: Channel = Channel.SMS
    id: str = ""
    subject: str = ""
    sender: str = ""


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages to judge, the policy that says what counts as spam, and whether reasons are wanted."""

    messages: list[Asked]
    policy: str = "unwanted"
    reasons: bool = False


class Judged(Struct, frozen=True):
    """One verdict.

    Args:
        id: the caller's own.
        spam: probability under the policy, 0 to 1.
        classes: probability of each class, adding up to 1.
        category: vocabulary id.
        language: BCP 47.
        model: the model's version.
        reasons: what spoke most for and against; empty unless asked for.
    """

    id: str
    spam: float
    classes: dict[str, float]
    category: str
    language: str
    model: str
    reasons: list[Reason]


@post(
    "/api/v1/screen",
    tags=["screening"],
    summary="Judge up to 1,000 messages",
    status_code=200,
    sync_to_thread=True,
)
def screen(
    data: JSONBody[Question], screener: NamedDependency[Screener], snapshot: NamedDependency[Snapshot]
) -> list[Judged]:
    """Judge messages without reporting them; the answers stand in the request's order."""
    if len(data.messages) > MOST:
        raise Rejected("messages.too_many", "messages", f"at most {MOST}")
    messages = [_read_at(place, one) for place, one in enumerate(data.messages)]
    verdicts = screener.screen(messages, snapshot)
    return [
        judged(asked.id, verdict, data.policy, screener.explain(message, snapshot) if data.reasons else [])
        for asked, message, verdict in zip(data.messages, messages, verdicts, strict=True)
    ]


def read(asked: Asked) -> Message:
    """Read a message to judge.

    Raises:
        Rejected: content or subject is too long, or the sender is none.
    """
    if len(asked.content) > LONGEST:
        raise Rejected("content.too_long", "content", f"at most {LONGEST} characters")
    if len(asked.subject) > _LONGEST_SUBJECT:
        raise Rejected("subject.too_long", "subject", f"at most {_LONGEST_SUBJECT} characters")
    sender = parse_sender(asked.sender, _NO_COUNTRY)
    return Message(asked.channel, asked.content, sender=sender, subject=asked.subject)


def _read_at(place: int, asked: Asked) -> Message:
    try:
        return read(asked)
    except Rejected as refusal:
        raise Rejected(refusal.code, f"messages[{place}].{refusal.field}", refusal.detail) from refusal


def as_message(text: str, country: str) -> Message:
    """Take what a person typed for a call when it is a number alone, for a text otherwise."""
    try:
        sender = parse_sender(text.strip(), country)
    except Rejected:
        return Message(Channel.SMS, text)
    number = sender.kind in {"e164", "short_code"}
    return Message(Channel.VOICE, "", sender=sender) if number else Message(Channel.SMS, text)


def judged(identity: str, verdict: Verdict, policy: str, reasons: list[Reason]) -> Judged:
    """Put a verdict into the words of the API."""
    return Judged(
        id=identity,
        spam=round(spam_probability(verdict, policy), 4),
        classes={
            name.value: round(chance, 4) for name, chance in zip(CLASSES, verdict.probabilities, strict=True)
        },
        category=verdict.category,
        language=verdict.language,
        model=verdict.method.model,
        reasons=reasons,
    )


def routes() -> list[BaseRouteHandler]:
    """Return screening's JSON route."""
    return [screen]
