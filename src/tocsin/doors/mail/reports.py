"""From a mail to reports: a feedback report (ARF), XARF attachments, a trap's catch, a person's forward."""

from datetime import datetime
from hashlib import blake2b

from msgspec import Struct, structs

from tocsin.desk.intake import Item
from tocsin.doors.mail import arf
from tocsin.doors.mail.arf import Feedback
from tocsin.doors.mail.evidence import Evidence, Reader
from tocsin.doors.mail.headers import address, addresses, date
from tocsin.doors.mail.loops import is_answer
from tocsin.doors.mail.mime import Part
from tocsin.errors import Malformed, Rejected
from tocsin.records import Channel, Envelope, Source, Submission

Found = tuple[Submission, Source]
_CATEGORIES = {
    "fraud": "fraud",
    "phishing": "fraud.phishing",
    "virus": "malware",
    "malware": "malware",
    "not-spam": "wanted",
    "opt-out": "commercial",
}
_MACHINES = frozenset({"auth-failure", "virus", "malware"})
"""Types of feedback that a filter gives, not a person."""
_XARF = ("application/xarf", "application/vnd.xarf", "application/x-xarf")
_MOST_XARF = 50


class Mailbox(Struct, frozen=True, forbid_unknown_fields=True):
    """What mail to one of our addresses means.

    Args:
        jurisdiction: ISO 3166-1 alpha-2 of those who report here; empty takes the node's.
        language: of the answers to them.
        channel: of what they report: `email`, or another one whose messages are mailed in.
        trap: whether this address was never given to anyone: what comes is the spam itself.
    """

    jurisdiction: str = ""
    language: str = ""
    channel: str = Channel.EMAIL
    trap: bool = False


class Came(Struct, frozen=True):
    """A mail as it came in.

    Args:
        mail: the mail.
        mail_from: the envelope's sender, lower case; empty for a null one.
        mailbox: what its recipient means.
        now: the time.
        most: characters of content to keep.
    """

    mail: Part
    mail_from: str
    mailbox: Mailbox
    now: datetime
    most: int

    @property
    def reporter(self) -> str:
        """The one who sent it."""
        headers = self.mail.headers
        return address(headers.first("resent-from")) or address(headers.first("from")) or self.mail_from

    @property
    def reader(self) -> Reader:
        """What reads evidence of it."""
        return Reader(self.now, self.most, frozenset({self.mail_from} - {""}))


def items(came: Came, door: str) -> list[Item | Rejected]:
    """Return what a mail reports, each with the envelope of its door; one bad part leaves the others.

    Raises:
        Rejected: it reports nothing.
    """
    found = _found(came)
    name = identity(came.mail)
    return [
        one
        if isinstance(one, Rejected)
        else (_finished(one[0], came, f"{name}#{number}" if number else name), Envelope(door, source=one[1]))
        for number, one in enumerate(found)
    ]


def identity(mail: Part) -> str:
    """Name a mail so that the same one, sent again after a lost answer, is known again.

    The digest of its Message-ID and author: a Message-ID itself may name a person's own computer. Without
    one, the digest of what servers on the way do not change.
    """
    headers = mail.headers
    author = address(headers.first("from"))
    given = headers.first("message-id").strip()
    parts = (given, author) if given else (author, headers.first("date"), headers.first("subject"))
    digest = blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16)
    if not given:
        digest.update(mail.raw().rstrip())
    return digest.hexdigest()


def spam_itself(came: Came) -> Submission:
    """Report a mail that is the spam, caught by a trap or read from a file."""
    evidence = came.reader.message(came.mail)
    to = next(
        (who for name in ("delivered-to", "to") for who in addresses(came.mail.headers.first(name))), ""
    )
    return structs.replace(_submission(evidence), recipient=to)


def _found(came: Came) -> list[Found | Rejected]:
    if arf.is_feedback(came.mail):
        return _feedback(came)
    if documents := [part for part in came.mail.walk() if _is_xarf(part)][:_MOST_XARF]:
        return [_xarf(part, came) for part in documents]
    if came.mailbox.trap:
        return [(spam_itself(came), Source.TRAP)]
    if is_answer(came.mail):
        raise Rejected("mail.automatic", "Auto-Submitted", "an automatic answer reports nothing")
    return [_by_person(one, came) for one in came.reader.reported(came.mail)]


def _feedback(came: Came) -> list[Found | Rejected]:
    """Read a feedback report; where it is malformed, the mail it carries still counts."""
    try:
        return [feedback_report(*arf.read(came.mail), came.reader)]
    except Malformed as refusal:
        carried = [
            part.children[0] for part in came.mail.walk() if part is not came.mail and part.holds_message
        ]
        found = [_submission(came.reader.message(part)) for part in carried[:1]]
        return [refusal, *((one, Source.CONSUMER_REPORT) for one in found if one.sender or one.content)]


def feedback_report(feedback: Feedback, original: Part | None, reader: Reader) -> Found:
    """Turn a feedback report into a report.

    The complainer is the reporter, where the report says who: a provider's own address would make all its
    users one. A redacted address that is the same for all (RFC 6590 asks for a different one each) is no one.

    Raises:
        Rejected: it says nothing of any mail.
    """
    complainers = [who for value in feedback.original_rcpt_to for who in addresses(value)]
    evidence = Evidence("", "", "")
    if original is not None:
        evidence = reader.message(original, known=complainers)
    told = (feedback.original_mail_from, *feedback.reported_domains, feedback.source_ip)
    sender = evidence.sender or next(
        (address(one) or one.strip("<> ") for one in told if one.strip("<> ")), ""
    )
    content = evidence.content or "\n".join(feedback.reported_uris)[: reader.most]
    if not (sender or content or evidence.subject):
        raise Rejected("arf.empty", "message/feedback-report", "a feedback report about nothing")
    kind = feedback.feedback_type
    known = kind in _CATEGORIES or kind in {"abuse", "other", "auth-failure"}
    submission = structs.replace(
        _submission(evidence._replace(sender=sender[:350], content=content)),
        sent_at=evidence.sent_at or date(feedback.arrival_date, reader.now),
        reporter=next((who for who in complainers if not who.startswith("redacted@")), ""),
        claimed_category=_CATEGORIES.get(kind, ""),
        comment="" if known else f"Feedback-Type: {kind}",
    )
    return submission, Source.FILTER_DECISION if kind in _MACHINES else Source.CONSUMER_REPORT


def _by_person(one: Evidence | Rejected, came: Came) -> Found | Rejected:
    if isinstance(one, Rejected):
        return one
    if not (one.sender or one.subject or one.content):
        return Rejected("mail.empty", "mail", "a mail without any text reports nothing")
    return structs.replace(_submission(one), reporter=came.reporter[:350]), Source.CONSUMER_REPORT


def _xarf(part: Part, came: Came) -> Found | Rejected:
    from tocsin.doors.handset import xarf  # noqa: PLC0415 - few mails carry it

    try:
        submission = xarf.read(part.content())
    except Rejected as refusal:
        return refusal
    return structs.replace(submission, reporter=submission.reporter or came.reporter), Source.CONSUMER_REPORT


def _is_xarf(part: Part) -> bool:
    named = part.filename.startswith("xarf") and part.filename.endswith(".json")
    return part.kind.startswith(_XARF) or named


def _finished(submission: Submission, came: Came, name: str) -> Submission:
    channel = came.mailbox.channel if submission.channel == Channel.EMAIL else submission.channel
    jurisdiction = submission.jurisdiction or came.mailbox.jurisdiction
    return structs.replace(submission, channel=channel, jurisdiction=jurisdiction, message_id=name)


def _submission(evidence: Evidence) -> Submission:
    return Submission(
        channel=Channel.EMAIL,
        content=evidence.content,
        sender=evidence.sender,
        subject=evidence.subject,
        sent_at=evidence.sent_at,
        comment=evidence.comment,
    )
