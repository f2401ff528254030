"""The words inside a MIME body (RFC 2045 to 2049), for the report formats that carry messages in one.

What is hostile stays small: bodies that claim too many parts are never parsed.
"""

import email
import re
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from tocsin.errors import Rejected

MOST_PARTS = 50
"""Parts that are read of one body; the rest is passed over."""
_MOST_BOUNDARIES = 10
_PLAIN = re.compile(r"\AContent-Type:[ \t]*text/plain[^\r\n]*\r?\n\r?\n", re.IGNORECASE)
_MIME = re.compile(r"\A(?:Content-Type|MIME-Version)[ \t]*:", re.IGNORECASE)


class Mail(NamedTuple):
    """What a report carries of a mail: the author's address, the subject, the Message-ID and the text."""

    sender: str
    subject: str
    message_id: str
    text: str


def wrap(text: str) -> str:
    """Write a text so that `unwrap` gives it back: as it is, or as a MIME part if it looks like one."""
    return f'Content-Type: text/plain; charset="UTF-8"\r\n\r\n{text}' if _MIME.match(text) else text


def unwrap(body: str) -> str:
    """Return the words of a body that may be MIME, or plain text as it is.

    Raises:
        Rejected: MIME that claims more nested parts than anyone needs.
    """
    if plain := _PLAIN.match(body):
        return body[plain.end() :]
    if not _MIME.match(body):
        return body
    return read_mail(body.encode("utf-8", "surrogatepass")).text


def read_mail(document: bytes) -> Mail:
    """Read a mail, or a MIME body on its own.

    Raises:
        Rejected: it claims more nested parts than anyone needs.
    """
    if document.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        raise Rejected("content.too_deep", "content", f"at most {_MOST_BOUNDARIES} multipart bodies")
    message = email.message_from_bytes(document, policy=policy.default)
    return Mail(
        sender=parseaddr(_header(message, "From"))[1],
        subject=_header(message, "Subject"),
        message_id=_header(message, "Message-ID"),
        text=_text(message),
    )


def _header(message: EmailMessage, name: str) -> str:
    # The standard library's header parser still fails in many ways on hostile headers.
    try:
        return str(message.get(name, "")).strip()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return ""


def _text(message: EmailMessage) -> str:
    plain: list[str] = []
    html: list[str] = []
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.append(_words(part).replace("\r\n", "\n").rstrip("\n"))
        elif kind == "text/html":
            html.append(_html(_words(part)))
        elif part.get_content_maintype() != "multipart":
            plain.append(f"[{kind}]")
    if any(text.strip() and not text.startswith("[") for text in plain) or not html:
        return "\n".join(plain)
    return "\n".join(html + plain)


def _html(source: str) -> str:
    page = LexborHTMLParser(source)
    for unseen in page.css("script, style"):
        unseen.decompose()
    return page.text(separator="\n", strip=True)


def _words(part: EmailMessage) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset("utf-8") or "utf-8", "replace")
    except (LookupError, UnicodeError):
        return raw.decode("utf-8", "replace")
