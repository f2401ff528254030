"""Call records behind HTTP: a real server on loopback, good and bad."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.doors.calls.makers import NOON, call
from tocsin.doors.calls.http_service import LONGEST_ANSWER, ServiceCalls, ServiceConfig
from tocsin.doors.calls.records import Window
from tocsin.errors import Busy, Misconfigured

pytestmark = pytest.mark.anyio

WINDOW = Window(NOON - 900_000_000, NOON)
GOOD = b'{"calling": "07700900123", "began": "2026-01-01T12:00:00Z", "answered": true, "duration_s": 9}'


@asynccontextmanager
async def service(status: str, body: bytes = b"", heard: list[bytes] | None = None) -> AsyncIterator[str]:
    """Serve one answer to every request."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if heard is not None:
            heard.append(request)
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/last"


async def ask(url: str, **changes: object) -> object:
    """Ask for the last call to the subscriber."""
    config = ServiceConfig(url, **changes)  # type: ignore[arg-type]
    return await ServiceCalls(config, "GB").last_to("+447700900999", WINDOW)


async def test_a_call_is_read_and_the_question_is_plain() -> None:
    """The number is escaped, the window is RFC 3339, the token is a bearer's."""
    heard: list[bytes] = []
    async with service("200 OK", GOOD, heard) as url:
        assert await ask(url, token="quay") == call()  # noqa: S106 - a test's word
    line, *headers = heard[0].decode().split("\r\n")
    assert "called=%2B447700900999&since=2026-01-01T11%3A45%3A00Z" in line
    assert "Authorization: Bearer quay" in headers


@pytest.mark.parametrize("status", ["404 Not Found", "204 No Content"])
async def test_no_call_is_no_call(status: str) -> None:
    """Both words for nothing are understood."""
    async with service(status) as url:
        assert await ask(url) is None


async def test_a_call_outside_the_window_is_not_believed() -> None:
    """A service that ignores the window does not make yesterday's caller a spammer."""
    async with service("200 OK", GOOD.replace(b"2026", b"2025")) as url:
        assert await ask(url) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Error", b""),
        ("200 OK", b"not json"),
        ("200 OK", b'{"began": "2026-01-01T12:00:00"}'),
        ("200 OK", b"[" * 10_000),
        ("200 OK", b" " * (LONGEST_ANSWER + 1)),
    ],
)
async def test_a_failing_service_means_later(status: str, body: bytes) -> None:
    """It is never taken for 'there was no call'."""
    async with service(status, body) as url:
        with pytest.raises(Busy):
            await ask(url)


async def test_a_service_that_is_gone_means_later() -> None:
    """The same when nothing listens."""
    async with service("200 OK") as url:
        pass
    with pytest.raises(Busy):
        await ask(url)


@pytest.mark.parametrize("url", ["", "ftp://records.example/", "http://[::1/"])
def test_an_address_that_cannot_be_is_named(url: str) -> None:
    """When the door is opened, not when someone reports."""
    with pytest.raises(Misconfigured):
        ServiceCalls(ServiceConfig(url), "GB")


async def test_following_keeps_one_client() -> None:
    """While the door is open its questions share connections; afterwards nothing is left open."""
    async with service("200 OK", GOOD) as url:
        calls = ServiceCalls(ServiceConfig(url), "GB")
        following = asyncio.create_task(calls.follow())
        await asyncio.sleep(0)
        assert await calls.last_to("+447700900999", WINDOW) == call()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert await calls.last_to("+447700900999", WINDOW) == call()
