"""Mail that no person wrote, and mail that goes in circles (RFC 3834, RFC 5321 section 6.3)."""

from collections.abc import Collection

from tocsin.doors.mail.headers import address, addresses
from tocsin.doors.mail.mime import Part
from tocsin.errors import Rejected

MOST_HOPS = 50
_LISTS = ("list-id", "list-unsubscribe", "list-post", "list-help", "mailing-list")
_MACHINES = ("mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "donotreply@", "do-not-reply@")


def refuse_circles(mail: Part, own: Collection[str]) -> None:
    """Refuse what we sent ourselves, and what has passed too many servers.

    Args:
        mail: what came in.
        own: our own addresses, lower case.

    Raises:
        Rejected: the mail goes in circles.
    """
    if len(mail.headers.every("received")) > MOST_HOPS:
        raise Rejected("mail.loop", "Received", f"at most {MOST_HOPS} hops")
    passed = {who for value in mail.headers.every("x-loop") for who in addresses(value)}
    if address(mail.headers.first("from")) in own or passed & set(own):
        raise Rejected("mail.own", "From", "this mail is our own")


def is_answer(mail: Part) -> bool:
    """Say whether a mail is an automatic answer: a bounce or a notice of absence. Those report nothing."""
    automatic = _word(mail, "auto-submitted")
    return (
        automatic in {"auto-replied", "auto-notified"}
        or _word(mail, "precedence") == "auto_reply"
        or any(name in mail.headers for name in ("x-autoreply", "x-autorespond"))
        or mail.parameters.get("report-type", "").lower() in {"delivery-status", "disposition-notification"}
    )


def may_be_answered(mail: Part, mail_from: str) -> bool:
    """Say whether an automatic answer can reach a person and can't start a loop (RFC 3834, section 2)."""
    return (
        bool(mail_from)
        and not is_answer(mail)
        and _word(mail, "auto-submitted") in {"", "no"}
        and _word(mail, "precedence") not in {"bulk", "junk", "list"}
        and not any(name in mail.headers for name in (*_LISTS, "x-loop", "feedback-id"))
        and not mail_from.lower().startswith(_MACHINES)
        and "x-auto-response-suppress" not in mail.headers
    )


def _word(mail: Part, name: str) -> str:
    return mail.headers.first(name).partition(";")[0].strip().lower()
