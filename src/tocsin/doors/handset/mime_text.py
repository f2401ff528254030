"""The words inside a MIME body (RFC 2045 to 2049), for the report formats that carry messages in one."""

import re
from typing import NamedTuple

from tocsin.doors.mail import mime
from tocsin.doors.mail.headers import address
from tocsin.doors.mail.plain import readable
from tocsin.doors.mail.redaction import Redactor, names, recipients

LONGEST = 1_000_000
"""Characters of text read out of one body."""
_PLAIN = re.compile(r"\AContent-Type:[ \t]*text/plain[^\r\n]*\r?\n\r?\n", re.IGNORECASE)
_MIME = re.compile(r"\A(?:Content-Type|MIME-Version)[ \t]*:", re.IGNORECASE)
_LIMITS = mime.Limits(parts=100, depth=8)


class Mail(NamedTuple):
    """What a report carries of a mail: the author's address, the subject and the text."""

    sender: str
    subject: str
    text: str


def wrap(text: str) -> str:
    """Write a text so that `unwrap` gives it back: as it is, or as a MIME part if it looks like one."""
    return f'Content-Type: text/plain; charset="UTF-8"\r\n\r\n{text}' if _MIME.match(text) else text


def unwrap(body: str) -> str:
    """Return the words of a body that may be MIME, or plain text as it is.

    Raises:
        Rejected: MIME of more parts, or deeper, than anyone needs.
    """
    if plain := _PLAIN.match(body):
        return body[plain.end() :]
    if not _MIME.match(body):
        return body
    return read_mail(body.encode("utf-8", "surrogatepass")).text


def read_mail(document: bytes) -> Mail:
    """Read a mail, or a MIME body on its own; those for whom it was are taken out.

    Raises:
        Malformed: it has no header.
        Rejected: more parts, or deeper, than anyone needs.
    """
    mail = mime.read(document, _LIMITS)
    known = recipients(mail.headers)
    redact = Redactor(known, names(mail.headers))
    sender = address(mail.headers.first("from"))
    return Mail(
        sender="" if sender in known else sender,  # blackmail says it is from its own victim
        subject=redact(mail.headers.text("subject")),
        text=redact(readable(mail, html_first=True, most=LONGEST)),
    )
