"""The pick-up door: fetches reports from a mailbox by IMAP, and files each when it is durable (R4).

A mail is moved to the done folder only after the commit. Where the link breaks between the two, the mail
is fetched again, known by its id, and counts once.
"""

import asyncio

import structlog

from tocsin.doors.door import Door, House, Kind, secret
from tocsin.doors.mail.headers import address
from tocsin.doors.mail.imap_config import Config
from tocsin.doors.mail.mailbox import Box, Waiting
from tocsin.doors.mail.mailer import Mailer, Relay
from tocsin.doors.mail.mime import Limits
from tocsin.doors.mail.replies import Replier
from tocsin.doors.mail.reports import Mailbox
from tocsin.doors.mail.taking import Taker
from tocsin.errors import Busy, Misconfigured, Rejected
from tocsin.records import Channel

_HEAD = 65_536
_log = structlog.get_logger(__name__)


class ImapDoor(Door):
    """Picks reports up from a mailbox.

    Args:
        name: the door's.
        config: its table.
        house: the node.
        mailer: sends the thanks; by default the configured relay.
    """

    def __init__(self, name: str, config: Config, house: House, mailer: Mailer | None = None) -> None:
        super().__init__(name)
        if config.mailbox.channel not in set(Channel):
            raise Misconfigured(f"door {name!r}: no channel is called {config.mailbox.channel!r}")
        if len({config.folder, config.done, config.rejected}) < 3:  # noqa: PLR2004 - all three
            raise Misconfigured(f"door {name!r}: folder, done and rejected must be three folders")
        self._config = config
        self._password = secret(config.password)
        replier = Replier(config.reply, mailer or Relay(config.reply.relay)) if config.reply else None
        own = dict.fromkeys(map(str.lower, config.addresses), config.mailbox)
        self._taker = Taker(name, house, own, Limits(size=config.size), replier)
        self._mailbox: Mailbox = config.mailbox
        self.looked = asyncio.Event()

    async def run(self) -> None:
        """Look into the mailbox until cancelled; the mail in hand is filed still."""
        box = await asyncio.to_thread(Box, self._config, self._password)
        try:
            while True:
                wait = await self._look(box)
                self.looked.set()
                await asyncio.sleep(wait)
        finally:
            await asyncio.to_thread(box.close)
            if self._taker.replier:
                await self._taker.replier.finish()

    async def _look(self, box: Box) -> float:
        """Take what waits; returns the seconds until the next look."""
        waiting = await asyncio.to_thread(box.waiting)
        for mail in waiting:
            task = asyncio.ensure_future(self._one(box, mail))
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                await asyncio.gather(task, return_exceptions=True)
                raise
            except Busy as busy:
                return float(busy.retry_after)
        return 0.0 if waiting else self._config.every_s

    async def _one(self, box: Box, mail: Waiting) -> None:
        try:
            if mail.size > self._config.size:
                raise Rejected("mail.too_large", "mail", f"at most {self._config.size} bytes")  # noqa: TRY301 - as any other
            raw = await asyncio.to_thread(box.fetch, mail.uid)
            if not raw:
                return
            await self._taker.take(raw, return_path(raw), self._mailbox)
        except Rejected as refusal:
            _log.info("mail.refused", door=self.name, code=refusal.code)
            await asyncio.to_thread(box.file, mail.uid, self._config.rejected)
        else:
            await asyncio.to_thread(box.file, mail.uid, self._config.done)


def return_path(raw: bytes) -> str:
    """Return the envelope's sender as the mailbox's server wrote it down; its own comes first."""
    for line in raw[:_HEAD].split(b"\n"):
        if not line.strip():
            break
        if line[:12].lower() == b"return-path:":
            return address(line[12:].decode("utf-8", "replace").strip())
    return ""


KIND = Kind(Config, ImapDoor)
