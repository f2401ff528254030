"""Telling open pages that the ledger changed, at most once a second, to a bounded number of listeners."""

import asyncio
from collections.abc import AsyncIterator, Callable

from anyio import to_thread
from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import ServerSentEvent, ServerSentEventMessage

from tocsin.errors import Busy
from tocsin.web.shared import Shared

MOST_LISTENERS = 200
_PAUSE_S = 1.0
_KEEP_ALIVE_ROUNDS = 15
_FULL = Busy("too many open pages listen already", retry_after=30)


class Live:
    """Counts changes; any thread may announce one, and the ledger shows those of other processes."""

    def __init__(self) -> None:
        self.version = 0
        self.listeners = 0
        self.closing = False
        self._looked: tuple[str, int] | None = None

    def announce(self) -> None:
        """Say that something changed."""
        self.version += 1

    def look(self, number: str) -> int:
        """Return the version, given the ledger's change number.

        A number that moved while nobody announced anything was moved by another process.
        """
        if self._looked is not None and number != self._looked[0] and self.version == self._looked[1]:
            self.version += 1
        if self._looked is None or number != self._looked[0]:
            self._looked = number, self.version
        return self.version

    async def changes(
        self, ledger: Callable[[], str], pause_s: float = _PAUSE_S
    ) -> AsyncIterator[ServerSentEventMessage]:
        """Give an event for each round in which something changed, and a sign of life now and then.

        Args:
            ledger: gives the ledger's change number.
            pause_s: seconds of a round.

        Raises:
            Busy: too many listeners already.
        """
        if self.listeners >= MOST_LISTENERS:
            raise _FULL
        self.listeners += 1
        try:
            seen, quiet = self.look(await to_thread.run_sync(ledger)), 0
            yield ServerSentEventMessage(comment="listening")
            while not self.closing:
                await asyncio.sleep(pause_s)
                quiet += 1
                version = self.look(await to_thread.run_sync(ledger))
                if version != seen:
                    seen, quiet = version, 0
                    yield ServerSentEventMessage(data=str(seen), event="change")
                elif quiet >= _KEEP_ALIVE_ROUNDS:
                    quiet = 0
                    yield ServerSentEventMessage(comment="alive")
        finally:
            self.listeners -= 1


@get(
    "/api/v1/live",
    tags=["statistics"],
    summary="Server-sent events: `change` when figures changed",
    media_type="text/event-stream",
)
async def live_events(live: NamedDependency[Live], shared: NamedDependency[Shared]) -> ServerSentEvent:
    """Stream an event whenever the ledger changed, at most one a second."""
    if live.listeners >= MOST_LISTENERS:
        raise _FULL
    return ServerSentEvent(live.changes(shared.number))


def routes() -> list[BaseRouteHandler]:
    """Return the live route."""
    return [live_events]
