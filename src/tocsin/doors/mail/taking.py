"""Taking one mail in, whichever way it came: read, hand to the desk, thank."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from tocsin.desk.intake import Item
from tocsin.doors.door import House
from tocsin.doors.mail import mime
from tocsin.doors.mail.loops import refuse_circles
from tocsin.doors.mail.mime import Limits
from tocsin.doors.mail.parked import park
from tocsin.doors.mail.replies import Replier
from tocsin.doors.mail.reports import Came, Mailbox, items
from tocsin.errors import Malformed, Rejected
from tocsin.records import Receipt, moment

_QUICK = 65_536
"""Bytes of a mail that is read at once; a longer one is read beside the loop."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes mails for one door.

    Args:
        door: its name.
        house: the node.
        mailboxes: what each of our addresses means, by address or `@domain`, lower case.
        limits: of one mail.
        replier: thanks reporters, if anyone does.
    """

    door: str
    house: House
    mailboxes: Mapping[str, Mailbox]
    limits: Limits
    replier: Replier | None = None

    def mailbox(self, recipient: str) -> Mailbox | None:
        """Return what an address of ours means: itself, without its `+detail`, or its whole domain's."""
        local, _, domain = recipient.lower().rpartition("@")
        plain = local.partition("+")[0]
        names = (f"{local}@{domain}", f"{plain}@{domain}", f"@{domain}")
        return next((self.mailboxes[name] for name in names if name in self.mailboxes), None)

    async def take(self, raw: bytes, mail_from: str, mailbox: Mailbox) -> list[Receipt]:
        """Take a mail in.

        Returns:
            the receipts of what it reported, one or more, all durable.

        Raises:
            Rejected: nothing of it could be taken.
            Busy: try again later.
        """
        if len(raw) < _QUICK:
            came, found = self._read(raw, mail_from, mailbox)
        else:
            came, found = await asyncio.to_thread(self._read, raw, mail_from, mailbox)
        good = [item for item in found if not isinstance(item, Rejected)]
        answers = [
            *(await self.house.intake.submit(good) if good else ()),
            *(item for item in found if isinstance(item, Rejected)),
        ]
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        refused = [answer for answer in answers if isinstance(answer, Rejected)]
        if not receipts:
            raise refused[0]
        self._tell(refused)
        if self.replier and not receipts[0].duplicate:
            self.replier.reply(came, receipts[0].ticket)
        return receipts

    def _read(self, raw: bytes, mail_from: str, mailbox: Mailbox) -> tuple[Came, list[Item | Rejected]]:
        mail = mime.read(raw, self.limits)
        own = {name for name in self.mailboxes if not name.startswith("@")}
        refuse_circles(mail, own)
        now = moment(self.house.clock.now())
        came = Came(mail, mail_from.lower(), mailbox, now, self.house.settings.content_limit)
        found = items(came, self.door)
        for one in found:
            if isinstance(one, Malformed) and one.code.startswith("arf."):
                self._park(came, one)
        return came, found

    def _park(self, came: Came, refusal: Rejected) -> None:
        try:
            park(self.house.settings.folder / "parked" / self.door, came, refusal)
        except OSError as error:  # the refusal says it all; the folder is a help only
            _log.warning("mail.not_parked", door=self.door, why=type(error).__name__)

    def _tell(self, refused: Sequence[Rejected]) -> None:
        for refusal in refused:
            _log.info("mail.part_refused", door=self.door, code=refusal.code)
