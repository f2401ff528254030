"""Thanking a reporter by mail, with the ticket: only where the sender is proven, seldom, and once per mail.

Whoever forges a sender must not be able to make us write to a stranger. So an answer goes out only to an
address that our own mail server found authentic (dmarc=pass), never to a machine or a list, at most a few
times a day to one person and an hour in all; its envelope has no sender, so that nothing can come back.
"""

import asyncio
from collections import OrderedDict
from email.header import Header
from email.utils import format_datetime
from functools import cache
from importlib.resources import files

import structlog
import yaml
from msgspec import Struct

from tocsin.doors.mail.authentication import authenticated
from tocsin.doors.mail.headers import address
from tocsin.doors.mail.loops import may_be_answered
from tocsin.doors.mail.mailer import Mailer, RelayConfig
from tocsin.doors.mail.reports import Came
from tocsin.records import DAY, HOUR, instant, moment

MOST_REMEMBERED = 10_000
_MOST_WAITING = 100
_log = structlog.get_logger(__name__)


class ReplyConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """How reporters are answered.

    Args:
        sender: our address in `From`.
        authserv_id: our mail server's name in `Authentication-Results`; no one is answered without.
        relay: the server that delivers.
        daily: most answers to one person a day.
        hourly: most answers an hour in all.
    """

    sender: str
    authserv_id: str
    relay: RelayConfig = RelayConfig()
    daily: int = 3
    hourly: int = 500


class Replier:
    """Answers reporters, in the background: a report counts whether its thanks arrive or not.

    Args:
        config: whom and how often.
        mailer: sends.
    """

    def __init__(self, config: ReplyConfig, mailer: Mailer) -> None:
        self._config = config
        self._mailer = mailer
        self._persons = _Counts(DAY)
        self._hours = _Counts(HOUR)
        self._sending: set[asyncio.Task[None]] = set()

    def reply(self, came: Came, ticket: str) -> bool:
        """Thank for a mail's report, if that is safe; returns whether an answer goes out."""
        headers = came.mail.headers
        recipient = address(headers.first("from"))
        if not (
            may_be_answered(came.mail, came.mail_from) and authenticated(headers, self._config.authserv_id)
        ):
            return False
        now = instant(came.now)
        if len(self._sending) >= _MOST_WAITING or not self._hours.take("", now, self._config.hourly):
            return False
        if not self._persons.take(recipient, now, self._config.daily):
            return False
        mail = thanks(self._config.sender, recipient, came, ticket)
        task = asyncio.create_task(self._send(recipient, mail))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)
        return True

    async def finish(self) -> None:
        """Wait until what goes out has gone."""
        await asyncio.gather(*self._sending)

    async def _send(self, recipient: str, mail: bytes) -> None:
        try:
            await asyncio.to_thread(self._mailer.send, "", recipient, mail)
        except OSError as error:
            _log.warning("mail.reply_not_sent", why=type(error).__name__)


class _Counts:
    """How often something happened in the running period; bounded, the oldest are forgotten first."""

    def __init__(self, period: int) -> None:
        self._period = period
        self._counts: OrderedDict[tuple[str, int], int] = OrderedDict()

    def take(self, name: str, now: int, most: int) -> bool:
        key = (name, now // self._period)
        count = self._counts.get(key, 0)
        if count >= most:
            return False
        self._counts[key] = count + 1
        if len(self._counts) > MOST_REMEMBERED:
            self._counts.popitem(last=False)
        return True


def thanks(sender: str, recipient: str, came: Came, ticket: str) -> bytes:
    """Write an answer; nothing of what was reported stands in it."""
    words = texts()[came.mailbox.language if came.mailbox.language in texts() else "en"]
    asked = came.mail.headers.first("message-id").strip()
    fields = {
        "From": sender,
        "To": recipient,
        "Subject": Header(words["subject"].format(ticket=ticket), "utf-8").encode(),
        "Date": format_datetime(moment(instant(came.now))),
        "Message-ID": f"<{ticket}@{sender.rpartition('@')[2]}>",
        "In-Reply-To": asked if len(asked) < 250 and asked.isascii() and asked.isprintable() else "",  # noqa: PLR2004
        "Auto-Submitted": "auto-replied",
        "X-Loop": sender,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return (head + "\r\n" + words["body"].format(ticket=ticket).replace("\n", "\r\n")).encode()


@cache
def texts() -> dict[str, dict[str, str]]:
    """Return the answer's words by language."""
    file = files("tocsin.doors.mail") / "data" / "replies.yaml"
    read: dict[str, dict[str, str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return read
