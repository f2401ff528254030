"""The call-record feed: every call to a trap is one report, whatever is restarted when."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.doors.calls.makers import HEADER, line, reports, until, write
from tests.makers import Node, open_node, settings
from tocsin.doors.calls.door import CallFeed, FeedConfig
from tocsin.doors.calls.positions import Positions
from tocsin.doors.calls.traps import Traps
from tocsin.doors.door import House
from tocsin.errors import Busy, Misconfigured
from tocsin.ports import SystemClock
from tocsin.records import SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tocsin.desk.intake import Answer, Item

pytestmark = pytest.mark.anyio

TRAP = "+447700900999"
NOW = SystemClock().now() // SECOND * SECOND


def feed(node: Node, folder: Path, parts: House | None = None, **changes: object) -> CallFeed:
    """Make a feed with one trap."""
    values: dict[str, object] = {
        "folder": str(folder),
        "traps": (TRAP,),
        "jurisdiction": "GB",
        "poll_s": 0.01,
    }
    values["poll_s"] = 0.01
    return CallFeed("feed", FeedConfig(**values | changes), parts or node.house)  # type: ignore[arg-type]


@asynccontextmanager
async def running(door: CallFeed) -> "AsyncIterator[asyncio.Task[None]]":
    """Keep a door open."""
    task = asyncio.create_task(door.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_calls_to_a_trap_are_reports_and_others_are_not(tmp_path: Path) -> None:
    """Source trap, channel voice, no reporter, the trap as recipient; a subscriber's calls stay private."""
    rows = line(at=NOW) + line(called="+447700900555", at=NOW) + line("+447700900124", at=NOW)
    write(tmp_path / "cdr" / "a.csv", HEADER + rows)
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: len(reports(node)) == 2)
        first = min(reports(node), key=lambda row: str(row["sender"]))
    assert first["sender"] == "+447700900123"
    assert (first["source"], first["channel"], first["reporter"]) == ("trap", "voice", None)
    assert first["recipient"] is not None
    assert first["received_at"] == NOW


async def test_every_call_of_one_caller_counts(tmp_path: Path) -> None:
    """A robot that calls one trap three times in a minute was heard three times."""
    write(tmp_path / "cdr" / "a.csv", HEADER + "".join(line(at=NOW - n * SECOND) for n in range(3)))
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: len(reports(node)) == 3)


async def test_withheld_callers_are_reports_too(tmp_path: Path) -> None:
    """A call without a number is known by its topic alone."""
    write(tmp_path / "cdr" / "a.csv", HEADER + line("", at=NOW))
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: reports(node))
        assert reports(node)[0]["sender_kind"] == "withheld"


async def test_restart_neither_loses_nor_doubles(tmp_path: Path) -> None:
    """A second run goes on where the first one stopped."""
    file = write(tmp_path / "cdr" / "a.csv", HEADER + line(at=NOW - 1))
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: reports(node))
        with file.open("a", encoding="utf-8") as stream:
            stream.write(line("+447700900124", at=NOW))
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: len(reports(node)) == 2)


async def test_lost_positions_double_nothing(tmp_path: Path) -> None:
    """A crash between the commit and the position's writing reads lines again; they count once."""
    write(tmp_path / "cdr" / "a.csv", HEADER + line(at=NOW))
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: Positions(tmp_path, "feed").load())
        Positions(tmp_path, "feed").save({})
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: Positions(tmp_path, "feed").load())
        assert len(reports(node)) == 1


async def test_a_full_desk_is_asked_again(tmp_path: Path) -> None:
    """Busy moves no position."""
    write(tmp_path / "cdr" / "a.csv", HEADER + line(at=NOW))
    with open_node(settings(tmp_path)) as node:
        parts = node.house

        class Full:
            """Says later once."""

            asked = 0

            async def submit(self, items: "Sequence[Item]") -> "list[Answer]":
                """Refuse the first time."""
                self.asked += 1
                if self.asked == 1:
                    raise Busy("full", retry_after=0)
                return await parts.intake.submit(items)

            async def name_sender(self, ticket: str, sender: str) -> "Answer":
                """Pass on."""
                return await parts.intake.name_sender(ticket, sender)

        full = Full()
        async with running(feed(node, tmp_path / "cdr", replace(parts, intake=full))):
            await until(lambda: reports(node))
        assert full.asked == 2


async def test_bad_lines_are_passed_over(tmp_path: Path) -> None:
    """Garbage, ancient and future calls spoil only themselves."""
    rows = "garbage\n\0,\0,\0\n" + line(at=5) + line(at=NOW + 10 * 86400 * SECOND) + line(at=NOW)
    write(tmp_path / "cdr" / "a.csv", HEADER + rows)
    with open_node(settings(tmp_path)) as node:
        async with running(feed(node, tmp_path / "cdr")):
            await until(lambda: reports(node))
            await until(lambda: Positions(tmp_path, "feed").load())
        assert [row["received_at"] for row in reports(node)] == [NOW]


async def test_a_file_without_the_named_columns_stops_the_feed(tmp_path: Path) -> None:
    """It is said, and no line of it is passed over."""
    write(tmp_path / "cdr" / "a.csv", "from,to,when\n" + line(at=NOW))
    with open_node(settings(tmp_path)) as node:
        with pytest.raises(Misconfigured):
            await feed(node, tmp_path / "cdr").run()
        assert Positions(tmp_path, "feed").load() == {}


async def test_a_missing_folder_is_tried_again_by_the_frame(tmp_path: Path) -> None:
    """It may be mounted later."""
    with open_node(settings(tmp_path)) as node, pytest.raises(FileNotFoundError):
        await feed(node, tmp_path / "gone").run()


def test_damaged_positions_are_not_guessed(tmp_path: Path) -> None:
    """Reading everything again would be slow and silent; the operator is told."""
    positions = Positions(tmp_path, "feed")
    positions.save({"a": 1})
    next((tmp_path / "calls").iterdir()).write_text("{")
    with pytest.raises(Misconfigured):
        positions.load()


def test_ranges_of_traps_and_a_file_of_them(tmp_path: Path) -> None:
    """A range ends in a star; a file holds one a line, with comments."""
    file = write(tmp_path / "traps", "# spare numbers\n+4477009007*\n07700 900888\n")
    traps = Traps.read([], str(file), "GB")
    assert "+447700900788" in traps
    assert "+447700900888" in traps
    assert "+447700900999" not in traps


@pytest.mark.parametrize("listed", [[], ["+44*"], ["*"], ["sales"]])
def test_traps_that_would_take_everything_are_refused(listed: list[str]) -> None:
    """No traps, or a whole country, is a mistake."""
    with pytest.raises(Misconfigured):
        Traps.read(listed, "", "GB")
