"""Complaint feedback loop address headers (RFC 9477): reading what a sender asks for, and answering it.

A sender states in `CFBL-Address` where complaints about a mail may go. Anyone can write that field, so a
report goes out only where DKIM vouches for it (section 3.1): a passing signature must cover the field, and
its domain must be that of the address or of `From`.
"""

import re
from datetime import datetime
from typing import NamedTuple

from tocsin.doors.mail import arf_writing
from tocsin.doors.mail.arf import Feedback
from tocsin.doors.mail.arf_writing import Letter
from tocsin.doors.mail.authentication import passed_signatures
from tocsin.doors.mail.headers import Headers, address
from tocsin.doors.mail.redaction import RECIPIENT_FIELDS, Redactor, recipients
from tocsin.errors import Rejected

_TAGS = re.compile(r"(?:^|;)\s*(\w{1,10})\s*=\s*([^;]{0,2000})")
_NOT_SENT = frozenset({*RECIPIENT_FIELDS, "received", "x-received", "authentication-results", "received-spf"})
"""Fields that name the reporter, or the hops on the reporter's side."""


class Loop(NamedTuple):
    """Where and how a sender wants complaints.

    Args:
        address: where.
        feedback_id: what the sender needs to know the mail by; may be empty.
        form: `arf` or `xarf`.
    """

    address: str
    feedback_id: str
    form: str


def read(headers: Headers) -> Loop | None:
    """Read a mail's wish for feedback; None when it has none, or more than one (section 3.3)."""
    values = headers.every("cfbl-address")
    if len(values) != 1:
        return None
    where, _, options = values[0].partition(";")
    found = address(where)
    if not found:
        return None
    form = dict(_TAGS.findall(";" + options.lower())).get("report", "arf").strip()
    return Loop(found, headers.first("cfbl-feedback-id").replace(" ", ""), form)


def vouched(headers: Headers, authserv_id: str) -> bool:
    """Say whether DKIM vouches for the wish (section 3.1), by the word of our own mail server.

    Args:
        headers: the mail's, as our own mail server stamped them.
        authserv_id: that server's name in `Authentication-Results`.
    """
    loop = read(headers)
    if loop is None:
        return False
    passed = passed_signatures(headers, authserv_id)
    domains = {loop.address.rpartition("@")[2], address(headers.first("from")).rpartition("@")[2]}
    for signature in headers.every("dkim-signature"):
        tags = dict(_TAGS.findall(signature))
        covered = {name.strip().lower() for name in tags.get("h", "").split(":")}
        needed = {"cfbl-address"} | ({"cfbl-feedback-id"} if loop.feedback_id else set())
        domain = tags.get("d", "").strip().lower()
        if needed <= covered and domain in passed and any(_aligned(domain, other) for other in domains):
            return True
    return False


def report(headers: Headers, sender: str, at: datetime, message_id: str) -> bytes:
    """Write the complaint a sender asks for: the mail's header fields, without the one who complains.

    Raises:
        Rejected: the mail asks for none.
    """
    loop = read(headers)
    if loop is None:
        raise Rejected("cfbl.no_address", "CFBL-Address", "the mail asks for no feedback")
    redact = Redactor(recipients(headers))
    kept = [f"{name}: {redact(value)}" for name, value in headers.fields if name not in _NOT_SENT]
    ids = (loop.feedback_id,) if loop.feedback_id else ()
    feedback = Feedback(feedback_type="abuse", user_agent="Tocsin/1", feedback_ids=ids)
    return arf_writing.write(
        feedback, "\n".join(kept).encode("utf-8", "replace"), Letter(sender, loop.address, at, message_id)
    )


def _aligned(domain: str, other: str) -> bool:
    """Say whether a signature's domain is another, or one above it."""
    return bool(domain) and (other == domain or other.endswith("." + domain))
