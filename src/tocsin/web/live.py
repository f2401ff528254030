"""Telling open pages that something changed, at most twice a second, to a bounded number of listeners."""

import asyncio
from collections.abc import AsyncIterator

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import ServerSentEvent, ServerSentEventMessage

from tocsin.errors import Busy

MOST_LISTENERS = 200
_PAUSE_S = 0.5
_KEEP_ALIVE_ROUNDS = 30


class Live:
    """Counts changes; any thread may announce one."""

    def __init__(self) -> None:
        self.version = 0
        self.listeners = 0
        self.closing = False

    def announce(self) -> None:
        """Say that something changed."""
        self.version += 1

    async def changes(self) -> AsyncIterator[ServerSentEventMessage]:
        """Give an event for each round in which something changed, and a sign of life now and then.

        Raises:
            Busy: too many listeners already.
        """
        if self.listeners >= MOST_LISTENERS:
            raise Busy("too many open pages listen already", retry_after=30)
        self.listeners += 1
        try:
            seen, quiet = self.version, 0
            yield ServerSentEventMessage(comment="listening")
            while not self.closing:
                await asyncio.sleep(_PAUSE_S)
                quiet += 1
                if self.version != seen:
                    seen, quiet = self.version, 0
                    yield ServerSentEventMessage(data=str(seen), event="change")
                elif quiet >= _KEEP_ALIVE_ROUNDS:
                    quiet = 0
                    yield ServerSentEventMessage(comment="alive")
        finally:
            self.listeners -= 1


@get("/api/v1/live", tags=["statistics"], summary="Server-sent events: `change` when figures changed")
async def live_events(live: NamedDependency[Live]) -> ServerSentEvent:
    """Stream an event whenever the figures changed, at most two a second."""
    if live.listeners >= MOST_LISTENERS:
        raise Busy("too many open pages listen already", retry_after=30)
    return ServerSentEvent(live.changes())


def routes() -> list[BaseRouteHandler]:
    """Return the live route."""
    return [live_events]
