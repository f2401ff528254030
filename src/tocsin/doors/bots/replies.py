"""Sending answers by a chat service's own interface: a port, bounded, and never in a webhook's way."""

import asyncio
from typing import Any, NamedTuple, Protocol

import httpx
import structlog

from tocsin.errors import Misconfigured

_WAITING = 10_000
_SENDERS = 4
_TIMEOUT_S = 10.0
_LAST_S = 5.0
_log = structlog.get_logger(__name__)


class Letter(NamedTuple):
    """An answer: the person's id at the service, and the words."""

    to: str
    text: str


class Sender(Protocol):
    """Sends one answer; `HttpSender` is the real one."""

    async def send(self, letter: Letter) -> None:
        """Send it.

        Raises:
            OSError: it can't be sent now.
        """
        ...

    async def close(self) -> None:
        """Let go of the link."""
        ...


class KeptSender:
    """Keeps answers instead of sending them, for tests and trials."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        """Keep it."""
        self.sent.append(letter)

    async def close(self) -> None:
        """Do nothing."""


class HttpSender:
    """Posts answers as JSON.

    Args:
        url: where to.
        headers: such as the authorisation.
        transport: speaks HTTP; None for the network.
    """

    def __init__(
        self, url: str, headers: dict[str, str], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        try:
            self._url = httpx.URL(url)
            self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT_S, transport=transport)
        except (httpx.InvalidURL, ValueError) as error:
            raise Misconfigured("the chat service's address or token can't be used") from error
        if self._url.scheme not in {"http", "https"} or not self._url.host:
            raise Misconfigured("the chat service's address is no HTTP address")

    def body(self, letter: Letter) -> dict[str, Any]:
        """Write an answer in the service's own shape."""
        raise NotImplementedError(letter)

    async def send(self, letter: Letter) -> None:
        """Post it once."""
        try:
            answer = await self._client.post(self._url, json=self.body(letter))
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise ConnectionError(f"the service answered {error.response.status_code}") from None
        except httpx.HTTPError as error:
            # The library's own words may hold the address, and a bot's address holds its token.
            raise ConnectionError(type(error).__name__) from None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


class Postbox:
    """Answers that wait to be sent, at most 10,000; what does not fit is given up, for the report is safe.

    Args:
        door: the door's name, for the log.
        sender: sends them.
    """

    def __init__(self, door: str, sender: Sender) -> None:
        self._door = door
        self._sender = sender
        self._waiting: asyncio.Queue[Letter] = asyncio.Queue(_WAITING)

    def put(self, letter: Letter) -> None:
        """Let an answer be sent soon."""
        try:
            self._waiting.put_nowait(letter)
        except asyncio.QueueFull:
            _log.warning("bot.reply_given_up", door=self._door, why="too many wait")

    async def empty(self) -> None:
        """Send what comes until cancelled; then send what waits, for a few seconds, and close."""
        try:
            async with asyncio.TaskGroup() as senders:
                for _ in range(_SENDERS):
                    senders.create_task(self._send_all())
        except asyncio.CancelledError:
            await self._finish()
            raise

    async def _send_all(self) -> None:
        while True:
            await self._send(await self._waiting.get())

    async def _send(self, letter: Letter) -> None:
        try:
            await self._sender.send(letter)
        except OSError as error:
            _log.warning("bot.reply_given_up", door=self._door, why=str(error))

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(_LAST_S):
                while not self._waiting.empty():
                    await self._send(self._waiting.get_nowait())
        except TimeoutError:
            _log.warning("bot.reply_given_up", door=self._door, why="closing")
        await self._sender.close()
