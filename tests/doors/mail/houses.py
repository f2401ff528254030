"""A node with one mail door, spoken to over a real socket on loopback."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import text

from tests.makers import settings
from tocsin.desk.intake import Answer, Item
from tocsin.doors.door import House, Intake, configured
from tocsin.doors.mail.door import KIND, MailDoor
from tocsin.doors.mail.mailer import Outbox
from tocsin.errors import Busy
from tocsin.node import Node
from tocsin.settings import Settings

MAILBOXES = {
    "spam@example.org": {"jurisdiction": "GB", "language": "en"},
    "pourriel@example.org": {"jurisdiction": "FR", "language": "fr"},
    "sms@example.org": {"jurisdiction": "GB", "channel": "sms"},
    "@trap.example": {"jurisdiction": "SA", "trap": True},
}
T = TypeVar("T")


class Fickle:
    """An intake that says later a number of times, then hands on.

    Args:
        intake: to which.
        times: how often it is full; -1 for always.
    """

    def __init__(self, intake: Intake, times: int) -> None:
        self._intake = intake
        self.times = times

    async def submit(self, items: Sequence[Item]) -> list[Answer]:
        """Say later, or hand on."""
        if self.times:
            self.times -= 1
            raise Busy("the desk is full")
        return await self._intake.submit(items)

    async def name_sender(self, ticket: str, sender: str) -> Answer:
        """Hand on."""
        return await self._intake.name_sender(ticket, sender)


@contextmanager
def node(folder: Path) -> Iterator[tuple[Node, House]]:
    """Open a node, and the house that its doors are given."""
    table = {"kind": "smtp", "port": 0, "mailboxes": MAILBOXES}
    opened = Node(Settings(vars(settings(folder)), {"in": table}))
    try:
        yield opened, opened.doors[0]._taker.house
    finally:
        opened.close()


def serving(
    folder: Path, talk: Callable[[int], T], *, full: int = 0, outbox: Outbox | None = None, **table: Any
) -> tuple[T, list[dict[str, Any]]]:
    """Open a door, talk to it from a thread, close it; gives what was said, and the reports it took."""
    with node(folder) as (opened, house):
        config = configured(KIND, "in", {"port": 0, "mailboxes": MAILBOXES} | table)
        door = MailDoor("in", config, replace(house, intake=Fickle(house.intake, full)), outbox)
        try:
            said = asyncio.run(_talk(door, talk))
        finally:
            Line.end_all()
        return said, reports(opened)


async def _talk(door: MailDoor, talk: Callable[[int], T]) -> T:
    running = asyncio.create_task(door.run())
    try:
        await asyncio.wait_for(door.opened.wait(), 20)
        return await asyncio.to_thread(talk, door.port)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def reports(opened: Node) -> list[dict[str, Any]]:
    """Return what the ledger holds, oldest first."""
    with opened.storage.reading() as connection:
        rows = connection.execute(text("SELECT * FROM report ORDER BY id")).mappings()
        return [dict(row) for row in rows]


class Line:
    """A raw link, for what no mail program would say.

    Args:
        port: of the door.
    """

    opened: ClassVar[list["Line"]] = []

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 20)
        self._file = self._socket.makefile("rb")
        self.opened.append(self)
        self.greeting = self.hear()

    def say(self, text: str | bytes) -> None:
        """Send bytes, or a line."""
        self._socket.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")

    def hear(self) -> str:
        """Return one answer's last line, or nothing when the link has ended."""
        while line := self._file.readline():
            if line[3:4] != b"-":
                return line.decode().rstrip()
        return ""

    def ask(self, text: str | bytes) -> str:
        """Send and hear."""
        self.say(text)
        return self.hear()

    def begin(self, recipient: str = "spam@example.org", sender: str = "ann@example.com") -> str:
        """Greet and say from whom to whom; returns DATA's answer."""
        for command in ("EHLO client.example", f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            self.ask(command)
        return self.ask("DATA")

    @classmethod
    def end_all(cls) -> None:
        """Hang up every link."""
        while cls.opened:
            cls.opened.pop().end()

    def end(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()


__all__ = ["MAILBOXES", "Fickle", "Line", "Outbox", "node", "reports", "serving"]
