"""What a person reads of a mail: its text, from plain text or HTML, with the links that HTML hides."""

import re
from collections.abc import Iterator

from tocsin.doors.mail.html_text import LONGEST, read_html
from tocsin.doors.mail.mime import Part

MOST_ATTACHMENTS = 10
_HTML = re.compile(r"<html[\s>]", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NOT_TEXT = re.compile(r"[\0\ud800-\udfff]")


def readable(mail: Part, *, html_first: bool, most: int) -> str:
    """Return the text of a mail.

    Args:
        mail: a mail, or a part of one.
        html_first: whether HTML counts where there is both: spam shows its reader the HTML alone.
        most: characters at most; what follows is cut.
    """
    plain, html = _texts(mail)
    seen, links = from_html(html) if html else ("", [])
    text = (seen.strip() and html_first and seen) or (plain.strip() and plain) or seen
    hidden = [link for link in links if link not in text]
    named = [f"[{name}]" for name in _attachments(mail)]
    return tidy("\n".join([text, *hidden, *named]), most)


def tidy(text: str, most: int) -> str:
    """Return text the desk can keep: no NUL, lone surrogate or run of spaces, at most `most` characters."""
    text = _SPACES.sub(" ", _NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _EMPTY_LINES.sub("\n\n", text).strip()[:most]


def from_html(html: str) -> tuple[str, list[str]]:
    """Turn HTML into its text and the links it hides behind words."""
    text, links = read_html(html)
    return tidy(text, LONGEST), links


def _texts(mail: Part) -> tuple[str, str]:
    """Return the plain text and the HTML; the parts of each follow one another."""
    plain: list[str] = []
    html: list[str] = []
    for part in mail.walk():
        if part.filename and part.headers.first("content-disposition").lower().startswith("attachment"):
            continue
        undivided = part.kind.startswith("multipart/") and not part.children
        if not undivided and (part.holds_message or not part.kind.startswith("text/")):
            continue
        text = part.text(LONGEST)
        (html if part.kind == "text/html" or _HTML.search(text[:2000]) else plain).append(text)
    return "\n".join(plain), "\n".join(html)


def _attachments(mail: Part) -> Iterator[str]:
    names = (part.filename for part in mail.walk() if part.filename and not part.kind.startswith("image/"))
    for name, _ in zip(names, range(MOST_ATTACHMENTS), strict=False):
        yield name
