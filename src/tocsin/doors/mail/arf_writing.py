"""Writing feedback reports (RFC 5965) that `arf` reads back without loss."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from hashlib import blake2b
from typing import NamedTuple

from tocsin.doors.mail.arf import MANY, ONE, Feedback

_NOT_A_VALUE = re.compile(r"[\x00-\x1f\x7f]+")


class Letter(NamedTuple):
    """The mail around a report.

    Args:
        sender: from whom it is.
        recipient: who gets it.
        at: its time, an aware datetime.
        message_id: its id, in angle brackets.
        subject: its subject; `Feedback report` when empty.
        explanation: its first part, for people.
    """

    sender: str
    recipient: str
    at: datetime
    message_id: str = ""
    subject: str = ""
    explanation: str = "This is a feedback report about a mail that its recipient did not want.\n"


def write(feedback: Feedback, original: bytes, letter: Letter) -> bytes:
    """Write a feedback report.

    Args:
        feedback: what it says.
        original: the reported mail, or its header fields alone.
        letter: from whom it is, to whom, when, and what it says to people.

    Returns:
        a mail, lines ending with CRLF.
    """
    original = original.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    whole = b"\n\n" in original.strip(b"\n")
    explanation = letter.explanation.encode("utf-8", "replace").replace(b"\r", b"")
    boundary = b"=_tocsin_" + blake2b(original + explanation, digest_size=12).hexdigest().encode()
    head = {
        "From": letter.sender,
        "To": letter.recipient,
        "Subject": Header(letter.subject or "Feedback report", "utf-8", maxlinelen=900).encode(),
        "Date": format_datetime(letter.at),
        "Message-ID": letter.message_id,
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
        "Content-Type": f'multipart/report; report-type=feedback-report; boundary="{boundary.decode()}"',
    }
    parts = (
        (b"text/plain; charset=utf-8", explanation),
        (b"message/feedback-report", _block(_fields(feedback))),
        (b"message/rfc822" if whole else b"text/rfc822-headers", original),
    )
    lines = [_block((name, value) for name, value in head.items() if value), b""]
    for kind, body in parts:
        lines += [b"--" + boundary, b"Content-Type: " + kind, b"Content-Transfer-Encoding: 8bit", b"", body]
    return b"\n".join([*lines, b"--" + boundary + b"--", b""]).replace(b"\n", b"\r\n")


def _fields(feedback: Feedback) -> Iterator[tuple[str, str]]:
    yield "Feedback-Type", feedback.feedback_type
    for field, name in ONE.items():
        if value := getattr(feedback, field):
            yield name, value
    if feedback.incidents != 1:
        yield "Incidents", str(feedback.incidents)
    for field, name in MANY.items():
        for value in getattr(feedback, field):
            yield name, value
    yield from feedback.others


def _block(fields: Iterable[tuple[str, str]]) -> bytes:
    """Write header fields; a value can't begin another field."""
    return b"\n".join(
        f"{name}: {_NOT_A_VALUE.sub(' ', value)}".encode("utf-8", "replace") for name, value in fields
    )
