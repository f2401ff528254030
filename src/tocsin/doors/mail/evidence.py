"""What a mail reports: the spam someone forwarded, without a trace of the one who forwarded it.

Looked for in this order: mails attached to it (message/rfc822, `.eml`, Outlook's `.msg`), a mail forwarded
inline, and last the mail's own words. Of the reported mail only what its reader saw is kept (sender,
subject, date, text); its header fields, which name the reporter in many ways, are not.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from tocsin.doors.mail import mime, outlook
from tocsin.doors.mail.forwards import Forward, forwarded
from tocsin.doors.mail.headers import addresses, date, decoded_words, display_name
from tocsin.doors.mail.mime import Part
from tocsin.doors.mail.plain import from_html, readable, tidy
from tocsin.doors.mail.redaction import Redactor, names, recipients
from tocsin.errors import Rejected

MOST_REPORTED = 50
"""Mails that one mail may report; the others are not looked at."""
LONGEST_SUBJECT = LONGEST_COMMENT = 2000
LONGEST_SENDER = 350
_MARGIN = 350
"""Characters read beyond the limit, so that no address is cut before it is taken out."""
_REPORTER_FIELDS = ("from", "sender", "reply-to", "return-path", "resent-from", "x-original-sender")
_FORWARD_MARKS = (
    "fwd:",
    "fw:",
    "wg:",
    "tr:",
    "rv:",
    "enc:",
    "i:",
    "пересл:",
    "转发:",
    "转发：",
    "轉寄:",
    "إعادة توجيه:",
)


class Evidence(NamedTuple):
    """A reported mail.

    Args:
        sender: address it says it is from; empty when unknown, or when it pretends to be its own recipient.
        subject: its subject.
        content: its text as its reader saw it.
        sent_at: its date, where that can be true.
        comment: what the reporter wrote.
    """

    sender: str
    subject: str
    content: str
    sent_at: datetime | None = None
    comment: str = ""


class Reader(NamedTuple):
    """How evidence is read.

    Args:
        now: the time.
        most: characters of content.
        known: addresses to take out of the evidence besides those the mails name: the envelope's.
    """

    now: datetime
    most: int
    known: frozenset[str] = frozenset()

    def reported(self, mail: Part) -> list[Evidence | Rejected]:
        """Return what a reporter's mail reports; one bad attachment does not spoil the others."""
        values = [value for name in _REPORTER_FIELDS for value in mail.headers.every(name)]
        known = {*self.known, *recipients(mail.headers)}.union(*map(addresses, values))
        called = {display_name(mail.headers.first("from"))}
        comment = readable(mail, html_first=False, most=LONGEST_COMMENT + _MARGIN)
        found = [self._attached(part, known, called) for part in _attached(mail)]
        if found:
            comment = Redactor(known, called)(comment)[:LONGEST_COMMENT]
            return [one if isinstance(one, Rejected) else one._replace(comment=comment) for one in found]
        text = readable(mail, html_first=False, most=self.most + _MARGIN)
        inline = forwarded(text)
        if inline:
            return [self._inline(inline, known, called)]
        redact = Redactor(known, called)
        subject = redact(_without_mark(mail.headers.text("subject")))
        return [Evidence("", tidy(subject, LONGEST_SUBJECT), redact(text)[: self.most])]

    def message(self, mail: Part, known: Iterable[str] = (), called: Iterable[str] = ()) -> Evidence:
        """Read the spam itself; its recipients, and whoever else is known and called so, are taken out."""
        everyone = {*self.known, *known, *recipients(mail.headers)}
        redact = Redactor(everyone, {*called, *names(mail.headers)})
        return Evidence(
            sender=_sender(mail.headers.first("from"), redact),
            subject=tidy(redact(mail.headers.text("subject")), LONGEST_SUBJECT),
            content=redact(readable(mail, html_first=True, most=self.most + _MARGIN))[: self.most],
            sent_at=date(mail.headers.first("date"), self.now),
        )

    def _attached(self, part: Part, known: set[str], called: set[str]) -> Evidence | Rejected:
        try:
            if not part.children:
                return self._outlook(outlook.read(part.content()), known, called)
            evidence = self.message(part.children[0], known, called)
        except Rejected as refusal:
            return refusal
        if not (evidence.sender or evidence.subject or evidence.content):
            return Rejected("mail.attachment_empty", "attachment", "an attached mail without any text")
        return evidence

    def _outlook(self, mail: outlook.OutlookMail, known: set[str], called: set[str]) -> Evidence:
        sent_at = None
        if mail.headers:
            head = mime.read(mail.headers.encode("utf-8", "replace") + b"\n\n")
            known = known | recipients(head.headers)
            sent_at = date(head.headers.first("date"), self.now)
        redact = Redactor(self.known | known | set(addresses(mail.to)), called | {mail.to})
        text, links = from_html(mail.html) if mail.html else ("", [])
        text = text or mail.body
        content = "\n".join([text, *(link for link in links if link not in text)])
        return Evidence(
            sender=_sender(mail.sender, redact),
            subject=tidy(redact(mail.subject), LONGEST_SUBJECT),
            content=redact(tidy(content, self.most + _MARGIN))[: self.most],
            sent_at=sent_at,
        )

    def _inline(self, inline: Forward, known: set[str], called: set[str]) -> Evidence:
        redact = Redactor(self.known | known | inline.recipients, called)
        return Evidence(
            sender=_sender(inline.sender, redact),
            subject=tidy(redact(inline.subject), LONGEST_SUBJECT),
            content=redact(inline.body)[: self.most],
            sent_at=date(inline.date, self.now),
            comment=redact(inline.above)[:LONGEST_COMMENT],
        )


def _attached(mail: Part) -> Iterator[Part]:
    found = (part for part in mail.walk() if part is not mail and (part.holds_message or _is_outlook(part)))
    for part, _ in zip(found, range(MOST_REPORTED), strict=False):
        yield part


def _is_outlook(part: Part) -> bool:
    return part.filename.endswith(".msg") or part.kind == "application/vnd.ms-outlook"


def _sender(value: str, redact: Redactor) -> str:
    """Return whom a mail says it is from; nothing where it names its own recipient, as blackmail does."""
    found = next(addresses(value), "")
    if found in redact.known:
        return ""
    return found[:LONGEST_SENDER] or redact(tidy(decoded_words(value), LONGEST_SENDER))


def _without_mark(subject: str) -> str:
    for mark in _FORWARD_MARKS:
        if subject.lower().startswith(mark):
            return subject[len(mark) :].strip()
    return subject
