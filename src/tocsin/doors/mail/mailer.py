"""Sending mail: through a relay, or into memory."""

import smtplib
import ssl
from typing import NamedTuple, Protocol

from msgspec import Struct

from tocsin.doors.door import secret


class Mailer(Protocol):
    """Sends one mail; it may block."""

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Send a mail.

        Args:
            sender: the envelope's; empty for a mail that must not be answered.
            recipient: who gets it.
            mail: header and body, lines ending with CRLF.

        Raises:
            OSError: it could not be handed over (`smtplib.SMTPException` is one).
        """
        ...


class RelayConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The server that delivers our mail.

    Args:
        host: its name.
        port: its port.
        starttls: whether the link must be encrypted, its certificate proven.
        user: whom to sign in as; empty for no one.
        password: a secret.
        timeout_s: seconds it may take.
    """

    host: str = "127.0.0.1"
    port: int = 25
    starttls: bool = False
    user: str = ""
    password: str = ""
    timeout_s: float = 20.0


class Relay:
    """Sends through a mail server.

    Args:
        config: which.
    """

    def __init__(self, config: RelayConfig) -> None:
        self._config = config
        self._password = secret(config.password)

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand one mail over."""
        config = self._config
        with smtplib.SMTP(config.host, config.port, timeout=config.timeout_s) as link:
            if config.starttls:
                link.starttls(context=ssl.create_default_context())
            if config.user:
                link.login(config.user, self._password)
            link.sendmail(sender, [recipient], mail, mail_options=["BODY=8BITMIME"])


class Sent(NamedTuple):
    """A mail that was sent."""

    sender: str
    recipient: str
    mail: bytes


class Outbox:
    """Keeps what was sent in memory."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Keep one mail."""
        self.sent.append(Sent(sender, recipient, mail))
