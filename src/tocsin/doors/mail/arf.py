"""Feedback reports: the Abuse Reporting Format, read; `arf_writing` writes it.

RFC 5965 (the format), RFC 6430 (`not-spam`), RFC 6591 (`auth-failure`), RFC 6692 (`Source-Port`), RFC 6650
(an unknown type of feedback is taken), RFC 6590 (a redacted report is taken), RFC 9477 (CFBL).
"""

from msgspec import Struct

from tocsin.doors.mail.headers import Headers, read_headers
from tocsin.doors.mail.mime import Part
from tocsin.errors import Malformed

MOST_FIELDS = 200
_LONGEST_REPORT = 65_536
REPORT_KIND = "message/feedback-report"


class Feedback(Struct, frozen=True, kw_only=True):
    """The machine-readable part of a feedback report.

    Args:
        feedback_type: lower case: `abuse`, `fraud`, `virus`, `other`, `not-spam`, `auth-failure`, or unknown.
        user_agent: the program that made it.
        version: of the format; RFC 5965 says 1, older drafts 0.1.
        original_mail_from: the envelope's sender.
        original_rcpt_to: those who complained, or for whom the mail was.
        arrival_date: when it came in, as it stands.
        source_ip: the address it came from.
        source_port: its port (RFC 6692).
        incidents: how many alike this report stands for (RFC 5965, section 3.2).
        reported_domains: whom it is about.
        reported_uris: links of the mail.
        auth_failure: what failed: `dkim`, `spf`, `dmarc`, `adsp`, `bodyhash`, `revoked`, `signature`.
        authentication_results: as they stand.
        feedback_ids: `CFBL-Feedback-ID` of the original (RFC 9477).
        others: every other field, so that nothing is lost.
    """

    feedback_type: str
    user_agent: str = ""
    version: str = "1"
    original_mail_from: str = ""
    original_rcpt_to: tuple[str, ...] = ()
    arrival_date: str = ""
    source_ip: str = ""
    source_port: str = ""
    incidents: int = 1
    reported_domains: tuple[str, ...] = ()
    reported_uris: tuple[str, ...] = ()
    auth_failure: str = ""
    authentication_results: tuple[str, ...] = ()
    feedback_ids: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()


ONE = {
    "user_agent": "User-Agent",
    "version": "Version",
    "original_mail_from": "Original-Mail-From",
    "arrival_date": "Arrival-Date",
    "source_ip": "Source-IP",
    "source_port": "Source-Port",
    "auth_failure": "Auth-Failure",
}
MANY = {
    "original_rcpt_to": "Original-Rcpt-To",
    "reported_domains": "Reported-Domain",
    "reported_uris": "Reported-URI",
    "authentication_results": "Authentication-Results",
    "feedback_ids": "CFBL-Feedback-ID",
}
_NAMED = {name.lower() for name in (*ONE.values(), *MANY.values())} | {
    "feedback-type",
    "incidents",
    "received-date",
}


def is_feedback(mail: Part) -> bool:
    """Say whether a mail is a feedback report, or claims to be one."""
    return (
        mail.parameters.get("report-type", "").lower() == "feedback-report" or _machine_part(mail) is not None
    )


def read(mail: Part) -> tuple[Feedback, Part | None]:
    """Read a feedback report.

    Returns:
        what it says, and the reported mail or its header fields, where it has them.

    Raises:
        Malformed: it has no machine-readable part, or that part names no type of feedback.
    """
    part = _machine_part(mail)
    if part is None:
        raise Malformed("arf.no_report", "message/feedback-report", "a feedback report needs its second part")
    raw = part.content()[:_LONGEST_REPORT].lstrip(b"\n")
    fields, _ = read_headers(raw, 0, len(raw), _LONGEST_REPORT)
    original = next((found for found in mail.walk() if found is not mail and found.holds_message), None)
    return _feedback(fields), original.children[0] if original and original.children else None


def machine_text(mail: Part) -> str:
    """Return the machine-readable part as it stands, for whoever must find out what is wrong with it."""
    part = _machine_part(mail)
    return part.text(_LONGEST_REPORT) if part else ""


def _machine_part(mail: Part) -> Part | None:
    return next((part for part in mail.walk() if part.kind == REPORT_KIND), None)


def _feedback(fields: Headers) -> Feedback:
    kind = fields.first("feedback-type").strip().lower()
    if not kind:
        raise Malformed("arf.no_type", "Feedback-Type", "a feedback report names its type")
    if not kind.isascii() or " " in kind or len(kind) > 50:  # noqa: PLR2004 - a token; the longest known has 12
        raise Malformed("arf.bad_type", "Feedback-Type", "a type of feedback is one word")
    incidents = fields.first("incidents").strip() or "1"
    if not (incidents.isascii() and incidents.isdecimal() and len(incidents) < 10):  # noqa: PLR2004 - 32 bits
        raise Malformed("arf.bad_incidents", "Incidents", "a number of incidents is a number")
    values: dict[str, object] = {field: fields.first(name.lower()) for field, name in ONE.items()}
    values["arrival_date"] = values["arrival_date"] or fields.first("received-date")
    many = {field: tuple(filter(None, fields.every(name.lower()))) for field, name in MANY.items()}
    others = tuple((name, value) for name, value in fields.fields[:MOST_FIELDS] if name not in _NAMED)
    return Feedback(feedback_type=kind, incidents=int(incidents), others=others, **values, **many)  # type: ignore[arg-type]  # by name
