"""Makers of call records, and a wait for what another task brings about."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from tests.makers import Node
from tocsin.doors.calls.records import Call
from tocsin.records import CallFacts, Instant, moment

NOON = 1_767_268_800_000_000
"""2026-01-01T12:00:00Z."""
HEADER = "calling,called,began,duration\n"


def call(**changes: object) -> Call:
    """Make an answered call from a spammer to a subscriber, both of numbers reserved for drama (Ofcom)."""
    values: dict[str, object] = {
        "calling": "+447700900123",
        "called": "+447700900999",
        "began": Instant(NOON),
        "facts": CallFacts(duration_s=9, answered=True),
    }
    return Call(**values | changes)  # type: ignore[arg-type]


def line(calling: str = "+447700900123", called: str = "+447700900999", at: int = NOON) -> str:
    """Write a record line."""
    return f"{calling},{called},{moment(at).isoformat()},9\n"


def reports(node: Node) -> list[dict[str, object]]:
    """Read every report of the ledger."""
    with node.storage.reading() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM report")).mappings()]


async def until(holds: Callable[[], object], within_s: float = 20) -> None:
    """Wait for a condition; fail when it does not come about."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - the ledger and files have no event to wait for
            await asyncio.sleep(0.01)


def write(file: Path, content: str) -> Path:
    """Write a file of call records."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file
