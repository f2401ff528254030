"""A node with an SMPP door, bound to a message centre of ours, and what passes between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from tests.makers import Node, open_node, settings
from tocsin.doors.dialogue.messages import Heard, Incoming
from tocsin.doors.door import configured
from tocsin.doors.smpp.door import KIND, SmppDoor
from tocsin.doors.smpp.hearing import Dialogue
from tocsin.doors.smpp.pdus import ShortMessage
from tocsin.doors.smpp.session import Limits
from tocsin.doors.smpp.smsc import Smsc

SPAM = "Your parcel is held. Pay the fee at http://parcel.example/pay"
PATIENCE_S = 20.0


def forward(words: str = SPAM, reporter: str = "447700900999", **changes: Any) -> ShortMessage:
    """Make a deliver_sm of forwarded spam, from a number reserved for drama (Ofcom)."""
    values: dict[str, Any] = {
        "source_ton": 1,
        "source_npi": 1,
        "source": reporter,
        "dest": "7726",
        "text": words.encode("latin-1"),
    }
    return ShortMessage(**values | changes)


def in_parts(octets: bytes, size: int, reference: int = 7, **changes: Any) -> list[ShortMessage]:
    """Cut octets into deliver_sm with headers of an 8-bit reference."""
    pieces = [octets[start : start + size] for start in range(0, len(octets), size)]
    head = (5, 0, 3, reference, len(pieces))
    return [
        forward(text=bytes((*head, number)) + piece, esm_class=0x40, **changes)
        for number, piece in enumerate(pieces, 1)
    ]


@dataclass
class Recorder:
    """A dialogue that takes everything and remembers it; `fails` is raised as often as it says."""

    batches: list[list[Incoming]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def hear(self, batch: Sequence[Incoming]) -> list[Heard]:
        """Remember a batch."""
        if self.fails:
            raise self.fails.pop(0)
        if self.hold:
            await self.hold.wait()
        self.batches.append(list(batch))
        return [Heard() for _ in batch]

    @property
    def texts(self) -> list[str]:
        """What was heard, in order."""
        return [incoming.text for batch in self.batches for incoming in batch]

    @property
    def ids(self) -> list[str]:
        """The identities of what was heard."""
        return [incoming.id for batch in self.batches for incoming in batch]


@dataclass
class Stage:
    """What a scenario plays on."""

    smsc: Smsc
    node: Node
    door: SmppDoor
    port: int
    said: list[ShortMessage]
    running: asyncio.Task[None]

    def reports(self) -> list[dict[str, Any]]:
        """Return the ledger's reports, oldest first."""
        with self.node.storage.reading() as connection:
            rows = connection.execute(text("SELECT * FROM report ORDER BY id")).mappings()
            return [dict(row) for row in rows]


async def until(condition: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - what is waited for is another process or a ledger
            await asyncio.sleep(0.01)


def table(centre: int, **changes: Any) -> dict[str, object]:
    """Make a door's table."""
    values: dict[str, object] = {
        "host": "127.0.0.1",
        "port": centre,
        "system_id": "tocsin",
        "password": "secret",
        "code": "7726",
        "profile": "gb",
    }
    return values | changes


def open_door(node: Node, port: int, dialogue: Dialogue | None = None, **changes: Any) -> SmppDoor:
    """Make a door of a table, closed still."""
    return SmppDoor("in", configured(KIND, "in", table(port, **changes)), node.house, dialogue)


@asynccontextmanager
async def stage(
    folder: Path, dialogue: Dialogue | None = None, limits: Limits | None = None, **changes: Any
) -> AsyncIterator[Stage]:
    """Open a message centre, a node and a door that is bound to it."""
    said: list[ShortMessage] = []
    smsc = Smsc({"tocsin": "secret"}, lambda message: said.append(message) or 0, limits)
    port = await smsc.open()
    with open_node(settings(folder)) as node:
        door = open_door(node, port, dialogue, **changes)
        running = asyncio.create_task(door.run())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await smsc.bound(int(changes.get("binds", 1)))
            yield Stage(smsc, node, door, port, said, running)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await smsc.close()


def play(
    folder: Path,
    scenario: Callable[[Stage], Awaitable[None]],
    dialogue: Dialogue | None = None,
    limits: Limits | None = None,
    **changes: Any,
) -> None:
    """Play a scenario on a stage."""

    async def played() -> None:
        async with stage(folder, dialogue, limits, **changes) as ready:
            await scenario(ready)

    asyncio.run(played())
