"""A canonical report as a feedback report about a mail (ARF, RFC 5965), and back.

The mail is made anew of what the report holds: author, subject, date and words. Nobody who complained or was
sent the mail is named. Types of feedback say little: fraud, wanted (`not-spam`, RFC 6430), or abuse.
"""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

from tocsin.doors.documents import report_uuid
from tocsin.doors.mail import arf, mime, reports
from tocsin.doors.mail.arf_writing import Letter
from tocsin.doors.mail.arf_writing import write as write_feedback
from tocsin.doors.mail.evidence import Reader
from tocsin.doors.mail.headers import address
from tocsin.errors import Rejected
from tocsin.records import Channel, Submission

AGENT = "Tocsin/1"
TYPES = {"fraud": "fraud", "wanted": "not-spam"}
"""The type of feedback by the class that was claimed; any other is `abuse`."""
_LINE = 76


def read(document: bytes, now: datetime, most: int = 100_000) -> Submission:
    """Read a feedback report.

    Args:
        document: the mail that it is.
        now: the time; a date after it is not believed.
        most: characters of content.

    Raises:
        Malformed: not a feedback report.
        Rejected: it says nothing of any mail, or is too large, deep or long.
    """
    return reports.feedback_report(*arf.read(mime.read(document)), Reader(now, most))[0]


def write(submission: Submission, letter: Letter) -> bytes:
    """Write a feedback report.

    Args:
        submission: about a mail, whose sender is an address.
        letter: from whom the report is, to whom and when.

    Raises:
        Rejected: not a mail, a sender that is no address, or nothing to say.
    """
    if submission.channel != Channel.EMAIL:
        raise Rejected("channel.unsupported", "channel", "email only")
    if submission.sender and address(submission.sender) != submission.sender.lower():
        raise Rejected("sender.unsupported", "sender", "a mail's sender is an address")
    if not (submission.sender or submission.subject or submission.content):
        raise Rejected("content.missing", "content", "a feedback report is about a mail")
    kind = TYPES.get(submission.claimed_category.partition(".")[0], "abuse")
    feedback = arf.Feedback(feedback_type=kind, user_agent=AGENT, original_mail_from=submission.sender)
    return write_feedback(feedback, _original(submission), letter)


def _original(submission: Submission) -> bytes:
    payload = base64.b64encode(submission.content.encode()).decode()
    lines = [payload[start : start + _LINE] for start in range(0, len(payload), _LINE)]
    return "\n".join([*_head(submission), "", *lines, ""]).encode()


def _head(submission: Submission) -> Iterator[str]:
    if submission.sender:
        yield f"From: {submission.sender}"
    if submission.subject:
        yield f"Subject: {Header(' '.join(submission.subject.split()), 'utf-8').encode()}"
    if submission.sent_at is not None and submission.sent_at.tzinfo is not None:
        yield f"Date: {format_datetime(submission.sent_at.astimezone(UTC))}"
    yield f"Message-ID: <{report_uuid(submission)}@tocsin.invalid>"
    yield "MIME-Version: 1.0"
    yield "Content-Type: text/plain; charset=utf-8"
    yield "Content-Transfer-Encoding: base64"
