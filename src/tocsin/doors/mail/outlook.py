"""Outlook's `.msg` files (MS-OXMSG, MS-CFB): the few properties that a report needs, read within bounds.

`olefile` reads the container; whatever a crafted container makes it raise is a refusal here.
"""

import io
from collections.abc import Callable
from typing import Any, NamedTuple

import olefile

from tocsin.doors.mail.headers import decoded
from tocsin.errors import Rejected

MAGIC = olefile.MAGIC
LONGEST = 10_000_000
_LONGEST_STREAM = 2_000_000
_SUBJECT, _HEADERS, _BODY, _HTML = "0037", "007D", "1000", "1013"
_NAME, _ADDRESS, _SMTP_ADDRESS, _TO = "0C1A", "0C1F", "5D01", "0E04"


class OutlookMail(NamedTuple):
    """What a `.msg` file says.

    Args:
        sender: address, or name where there is none.
        subject: its subject.
        headers: the mail's header block as it came by SMTP, or nothing.
        to: names or addresses it was shown as sent to.
        body: plain text.
        html: HTML.
    """

    sender: str
    subject: str
    headers: str
    to: str
    body: str
    html: str


def read(data: bytes) -> OutlookMail:
    """Read a `.msg` file.

    Raises:
        Rejected: it isn't one, is too large, or is damaged.
    """
    if len(data) > LONGEST:
        raise Rejected("msg.too_large", "attachment", f"at most {LONGEST} bytes")
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            mail = _mail(lambda tag: _property(container, tag))
    except Exception as error:  # olefile raises whatever a crafted container leads it into
        raise Rejected("msg.unreadable", "attachment", "not an Outlook message") from error
    if not any(mail):
        raise Rejected("msg.empty", "attachment", "an Outlook message without any text")
    return mail


def _mail(find: Callable[[str], str]) -> OutlookMail:
    sender = next((found for tag in (_SMTP_ADDRESS, _ADDRESS) if "@" in (found := find(tag))), find(_NAME))
    headers = find(_HEADERS).replace("\r\n", "\n")
    return OutlookMail(sender, find(_SUBJECT), headers, find(_TO), find(_BODY), find(_HTML))


def _property(container: "olefile.OleFileIO[Any]", tag: str) -> str:
    """Read a property, whose type is the end of its stream's name: UTF-16, the old code page, or bytes."""
    for kind, charset in (("001F", "utf-16-le"), ("001E", "cp1252"), ("0102", "utf-8")):
        name = f"__substg1.0_{tag}{kind}"
        if container.exists(name):
            return decoded(container.openstream(name).read(_LONGEST_STREAM), charset).rstrip("\0")
    return ""
