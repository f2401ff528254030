"""Live updates: one event for a change, whoever made it, and a bounded number of listeners."""

import asyncio

import pytest

from tocsin.errors import Busy
from tocsin.web.live import MOST_LISTENERS, Live


def test_a_change_by_another_process_is_one_more_version() -> None:
    """The ledger's number moved and nobody here announced anything."""
    live = Live()
    assert [live.look("1"), live.look("1"), live.look("2")] == [0, 0, 1]


def test_a_change_announced_here_is_not_counted_twice() -> None:
    """Its number moves after the announcement."""
    live = Live()
    live.look("1")
    live.announce()
    assert [live.look("1"), live.look("2"), live.look("2")] == [1, 1, 1]


def test_a_listener_hears_of_a_change() -> None:
    """As an event called `change`."""

    async def listen() -> str | None:
        live = Live()
        events = live.changes(lambda: "1", pause_s=0)
        await anext(events)
        live.announce()
        event = await anext(events)
        await events.aclose()  # type: ignore[attr-defined]
        assert live.listeners == 0
        return event.event

    assert asyncio.run(listen()) == "change"


def test_one_listener_too_many_is_told_to_come_later() -> None:
    """So that open pages cannot use the node up."""
    live = Live()
    live.listeners = MOST_LISTENERS

    async def listen() -> None:
        await anext(live.changes(lambda: "1"))

    with pytest.raises(Busy):
        asyncio.run(listen())
