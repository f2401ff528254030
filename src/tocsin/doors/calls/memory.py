"""Call records held in memory: for tests and simulations."""

import asyncio
from collections.abc import Iterable

from tocsin.doors.calls.records import Call, Window


class MemoryCalls:
    """Answers from the calls it was given.

    Args:
        calls: in any order.
    """

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self.calls = list(calls)

    async def last_to(self, called: str, window: Window) -> Call | None:
        """Return the newest call to a number that began within a window."""
        within = [c for c in self.calls if c.called == called and window.since <= c.began <= window.until]
        return max(within, key=lambda call: call.began, default=None)

    async def follow(self) -> None:
        """Wait until cancelled: nothing new comes by itself."""
        await asyncio.Event().wait()
