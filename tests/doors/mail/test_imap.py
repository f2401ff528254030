"""Picking reports up from a mailbox, from a real Dovecot."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.doors.mail.dovecot import PASSWORD, USER, counts, deliver, dovecot
from tests.doors.mail.houses import Fickle, node, reports
from tests.doors.mail.mails import SPAM, forward, plain
from tocsin.doors.door import House, configured
from tocsin.doors.mail.imap import KIND, ImapDoor, return_path
from tocsin.doors.mail.mailbox import Box
from tocsin.errors import Misconfigured

NOT_IT = "another-test-only"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A Dovecot's port."""
    with dovecot() as given:
        yield given


def table(port: int, **changes: Any) -> dict[str, Any]:
    """Make a door's table; each test has folders of its own."""
    return {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "user": USER,
        "password": PASSWORD,
        "addresses": ["spam@example.org"],
        "mailbox": {"jurisdiction": "FR"},
        "timeout_s": 20,
        "every_s": 0.05,
    } | changes


def pick_up(house: House, config: dict[str, Any], enough: Callable[[], bool]) -> None:
    """Run a door until something is so."""

    async def run() -> None:
        door = ImapDoor("in", configured(KIND, "in", config), house)
        running = asyncio.create_task(door.run())
        while not await asyncio.to_thread(enough):
            door.looked.clear()
            look = asyncio.create_task(door.looked.wait())
            await asyncio.wait({running, look}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            look.cancel()
            assert not running.done(), running
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.interop
def test_mails_are_filed_when_they_are_durable(tmp_path: Path, port: int) -> None:
    """Good ones to the done folder, bad and too large ones to the other; the inbox is empty."""
    large = plain("x" * 20_000, number=9)
    deliver(
        port,
        forward(SPAM),
        forward(SPAM + "!", number=2),
        plain("", number=3).replace(b"Fwd: You won", b""),
        large,
    )
    with node(tmp_path) as (opened, house):
        pick_up(house, table(port, size=10_000), lambda: counts(port, "INBOX") == [0])
        assert counts(port, "Taken", "Rejected") == [2, 2]
        assert [report["jurisdiction"] for report in reports(opened)] == ["FR", "FR"]


@pytest.mark.interop
def test_a_link_lost_between_commit_and_filing_counts_once(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is fetched again, known again, and filed."""
    deliver(port, forward(SPAM))
    file = Box.file

    def lost(*_: object) -> None:
        raise ConnectionResetError

    config = table(port, done="Done2", rejected="Rejected2")
    with node(tmp_path) as (opened, house):
        monkeypatch.setattr(Box, "file", lost)
        with pytest.raises(ConnectionResetError):
            asyncio.run(ImapDoor("in", configured(KIND, "in", config), house).run())
        assert len(reports(opened)) == 1
        monkeypatch.setattr(Box, "file", file)
        pick_up(house, config, lambda: counts(port, "INBOX") == [0])
        assert len(reports(opened)) == 1
        assert counts(port, "Done2", "Rejected2") == [1, 0]


@pytest.mark.interop
def test_a_full_desk_leaves_the_mail_where_it_is(tmp_path: Path, port: int) -> None:
    """It waits in the inbox, neither taken nor refused."""
    deliver(port, forward(SPAM))
    config = table(port, done="Done3", rejected="Rejected3")
    with node(tmp_path) as (opened, house):
        full = Fickle(house.intake, -1)
        pick_up(replace(house, intake=full), config, lambda: full.times < -1)
        assert counts(port, "INBOX", "Done3", "Rejected3") == [1, 0, 0]
        assert reports(opened) == []
        pick_up(house, config, lambda: counts(port, "INBOX") == [0])


@pytest.mark.interop
def test_a_wrong_password_is_tried_again_later(tmp_path: Path, port: int) -> None:
    """The frame opens the door again; the error names no secret."""
    with node(tmp_path) as (_, house):
        door = ImapDoor("in", configured(KIND, "in", table(port, password=NOT_IT)), house)
        with pytest.raises(ConnectionError) as error:
            asyncio.run(door.run())
        assert NOT_IT not in str(error.value)


def test_three_folders_must_differ(tmp_path: Path) -> None:
    """A mail that is filed where it came from would be taken for ever."""
    with node(tmp_path) as (_, house), pytest.raises(Misconfigured):
        ImapDoor("in", configured(KIND, "in", table(1, done="INBOX")), house)


def test_the_envelopes_sender_is_what_the_server_wrote() -> None:
    """The first Return-Path counts, and only above the body."""
    assert (
        return_path(b"Return-Path: <A@example.com>\r\nReturn-Path: <b@example.com>\r\n\r\n")
        == "a@example.com"
    )
    assert return_path(b"From: a@example.com\r\n\r\nReturn-Path: <b@example.com>") == ""
