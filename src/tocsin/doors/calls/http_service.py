"""Call records behind an operator's HTTP service.

GET {url}?called=%2B447700900999&since=2026-01-31T11:45:00Z&until=2026-01-31T12:00:00Z
200 {"calling": "+447700900123", "began": "2026-01-31T11:58:03Z", "answered": true, "duration_s": 12}
204 or 404: there is no such call
"""

import asyncio
from datetime import datetime
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from tocsin.doors.calls.records import Call, Window, number
from tocsin.doors.door import secret
from tocsin.errors import Busy, Misconfigured
from tocsin.records import CallFacts, Route, instant, moment

LONGEST_ANSWER = 16_384
_NO_CALL = frozenset({204, 404})


class ServiceConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """An HTTP service that knows the calls.

    Args:
        url: asked by GET with `called`, `since` and `until`.
        token: sent as `Authorization: Bearer`; may be `env:NAME` or `file:PATH`.
        timeout_s: seconds for an answer.
        most: questions under way at once.
    """

    url: str
    token: str = ""
    timeout_s: float = 3.0
    most: int = 20


class _Answer(Struct, frozen=True):
    began: datetime
    calling: str = ""
    answered: bool = False
    duration_s: int = 0
    network: str = ""


class ServiceCalls:
    """Asks the service.

    Args:
        config: where and how.
        country: ISO 3166-1 alpha-2 by which national numbers are read.

    Raises:
        Misconfigured: the address can't be.
    """

    def __init__(self, config: ServiceConfig, country: str) -> None:
        headers = {"Accept": "application/json"}
        if config.token:
            headers["Authorization"] = f"Bearer {secret(config.token)}"
        try:
            self._url = httpx.URL(config.url)
        except httpx.InvalidURL as error:
            raise Misconfigured("the call records' address is not a URL") from error
        if self._url.scheme not in {"http", "https"}:
            raise Misconfigured("the call records' address begins with http:// or https://")
        self._options: dict[str, Any] = {
            "headers": headers,
            "timeout": config.timeout_s,
            "limits": httpx.Limits(max_connections=config.most),
            "trust_env": False,
        }
        self._client: httpx.AsyncClient | None = None
        self._country = country

    async def last_to(self, called: str, window: Window) -> Call | None:
        """Return the newest call to a number that began within a window, as the service says."""
        asked = {"called": called, "since": _written(window.since), "until": _written(window.until)}
        client = self._client or httpx.AsyncClient(**self._options)
        try:
            status, body = await self._ask(client, asked)
        except httpx.HTTPError as error:
            raise Busy("the call records can't be asked") from error
        finally:
            if client is not self._client:
                await client.aclose()
        if status in _NO_CALL:
            return None
        call = self._call(status, body, called)
        return call if window.since <= call.began <= window.until else None

    async def follow(self) -> None:
        """Keep one client, and its connections, until cancelled."""
        async with httpx.AsyncClient(**self._options) as client:
            self._client = client
            try:
                await asyncio.Event().wait()
            finally:
                self._client = None

    async def _ask(self, client: httpx.AsyncClient, asked: dict[str, str]) -> tuple[int, bytes]:
        body = b""
        async with client.stream("GET", self._url, params=asked) as response:
            async for part in response.aiter_bytes():
                body += part
                if len(body) > LONGEST_ANSWER:
                    raise Busy("the call records' answer is too long")
        return response.status_code, body

    def _call(self, status: int, body: bytes, called: str) -> Call:
        if status != 200:  # noqa: PLR2004 - OK
            raise Busy("the call records' service failed")
        try:
            answer = msgspec.json.decode(body, type=_Answer)
            began = instant(answer.began)
        except (ValueError, RecursionError) as error:
            raise Busy("the call records' answer can't be read") from error
        return Call(
            calling=number(answer.calling, self._country) or answer.calling[:350],
            called=called,
            began=began,
            facts=CallFacts(duration_s=max(0, answer.duration_s), answered=answer.answered),
            route=Route(network=answer.network[:64]),
        )


def _written(at: int) -> str:
    return moment(at).isoformat().replace("+00:00", "Z")
