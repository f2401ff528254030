"""The table of a door that picks reports up from a mailbox."""

from typing import Literal

from msgspec import Struct

from tocsin.doors.mail.replies import ReplyConfig
from tocsin.doors.mail.reports import Mailbox


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the mailbox is, and what its mails mean.

    Args:
        host: the IMAP server.
        user: whom to sign in as.
        password: a secret.
        addresses: the mailbox's own addresses, lower case; mail from them is not taken.
        mailbox: what its mails mean.
        port: of the server.
        security: `tls`, `starttls`, or `none` for a server on this machine.
        authority: PEM file of the certificate authority; empty for the system's.
        folder: where reports come in.
        done: where taken ones go.
        rejected: where refused ones go.
        every_s: seconds between two looks.
        size: bytes of a mail.
        timeout_s: seconds one command may take.
        reply: how reporters are thanked; none are without it.
    """

    host: str
    user: str
    password: str
    addresses: list[str] = []
    mailbox: Mailbox = Mailbox()
    port: int = 993
    security: Literal["tls", "starttls", "none"] = "tls"
    authority: str = ""
    folder: str = "INBOX"
    done: str = "Taken"
    rejected: str = "Rejected"
    every_s: float = 30.0
    size: int = 10_000_000
    timeout_s: float = 30.0
    reply: ReplyConfig | None = None
