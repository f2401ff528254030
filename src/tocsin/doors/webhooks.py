"""What the doors share that are spoken to by HTTP: who may, in which form, how much, and the answer."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Collection
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, post
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from msgspec import Meta, Struct

from tocsin.desk.intake import Answer
from tocsin.doors.door import Door, House
from tocsin.errors import Misconfigured, Rejected
from tocsin.records import Envelope, Receipt, Submission

Asked = Request[Any, Any, Any]
LONGEST = 1_000_000
"""Bytes of one body, unless a door's table says otherwise."""
_LONGEST_KEY = 255
_NAME = re.compile(r"[A-Za-z0-9._-]+")


class OpenTo(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The table of a door to which many may report.

    Args:
        token: a bearer token that every request must carry; empty lets anyone report.
        jurisdiction: ISO 3166-1 alpha-2 taken by reports that name none.
        longest: bytes of one report.
    """

    token: str = ""
    jurisdiction: str = ""
    longest: Annotated[int, Meta(ge=1000, le=20_000_000)] = LONGEST


class Taken(Struct, frozen=True):
    """A report that is durable: its ticket, its UUIDv7, and whether it had been reported before."""

    ticket: str
    id: UUID
    duplicate: bool


class WebhookDoor(Door):
    """A door whose link is the node's own HTTP server; it is open as long as the node is.

    Args:
        name: what its operator calls it.
        house: what it is given of the node.
        token: a bearer token that every request must carry; empty lets anyone in.
        longest: bytes of one body.

    Raises:
        Misconfigured: its name can't stand in an address.
    """

    def __init__(self, name: str, house: House, token: str = "", longest: int = LONGEST) -> None:
        super().__init__(name)
        if not _NAME.fullmatch(name):
            raise Misconfigured(f"door {name!r}: letters, digits, ., - and _ only: it stands in addresses")
        self.house = house
        self._token = token.encode()
        self._longest = longest

    async def run(self) -> None:
        """Wait until cancelled; the application serves the routes."""
        await asyncio.Event().wait()

    def route(self, path: str, serve: Callable[[Asked], Awaitable[Response[Any]]]) -> BaseRouteHandler:
        """Return a handler of POST under `/doors/NAME`."""

        async def handle(request: Asked) -> Response[Any]:
            return await serve(request)

        return post(
            f"/doors/{self.name}{path}",
            include_in_schema=False,
            request_max_body_size=self._longest,
            name=f"door {self.name} {path}",
        )(handle)

    def admit(self, request: Asked) -> None:
        """Let a request in by its bearer token (RFC 6750).

        Raises:
            NotAuthorizedException: it carries none, or a wrong one.
        """
        if self._token and not same(bearer(request), self._token):
            raise unauthorised("a bearer token is needed", "Bearer")

    def fingerprint(self, *parts: str | bytes) -> str:
        """Return a keyed digest, by which a message that is delivered twice counts once.

        It takes the node's key, because a plain hash of what holds a phone number is reversed by counting.
        """
        digest = blake2b(digest_size=32)
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(len(raw).to_bytes(8, "big") + raw)
        pseudonym = self.house.keyring.pseudonym(f"document {digest.hexdigest()}", "ZZ")
        return pseudonym.hex() if pseudonym else ""

    async def hand_in(self, submission: Submission) -> Receipt:
        """Hand in one report and wait until it is durable.

        Raises:
            Rejected: the desk refused it.
            Busy: nothing was taken.
        """
        answers: list[Answer] = await self.house.intake.submit([(submission, Envelope(door=self.name))])
        if isinstance(answers[0], Rejected):
            raise answers[0]
        return answers[0]


def bearer(request: Asked) -> bytes:
    """Return the bearer token a request carries; empty when none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip().encode() if scheme.lower() == "bearer" else b""


def same(one: bytes, other: bytes) -> bool:
    """Compare secrets in a time that does not tell how much of them agrees."""
    return hmac.compare_digest(one, other)


def unauthorised(detail: str, challenge: str) -> NotAuthorizedException:
    """Make the refusal of a request that does not prove who sends it (RFC 9110, section 15.5.2)."""
    return NotAuthorizedException(detail, headers={"WWW-Authenticate": challenge})


async def body_of(request: Asked, types: Collection[str]) -> bytes:
    """Read a request's body; the application stops one that is too long with 413.

    Raises:
        HTTPException: 415, it says it is of another media type, or that it is packed.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in types:
        raise HTTPException(status_code=415, detail=f"one of {', '.join(types)}")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(status_code=415, detail="a packed body is not read")
    return await request.body()


def repeat_key(request: Asked) -> str:
    """Return what a relay calls this delivery (`Idempotency-Key`), empty when it calls it nothing.

    Raises:
        Rejected: longer than 255 characters.
    """
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > _LONGEST_KEY:
        raise Rejected("Idempotency-Key.too_long", "Idempotency-Key", f"at most {_LONGEST_KEY} characters")
    return key


def taken(receipt: Receipt) -> Response[Taken]:
    """Answer with a ticket: 201, or 200 when it had been reported before."""
    answer = Taken(receipt.ticket, receipt.report_id, receipt.duplicate)
    return Response(answer, status_code=200 if receipt.duplicate else 201)


def with_defaults(submission: Submission, message_id: str, jurisdiction: str) -> Submission:
    """Name a submission, and give it the door's country if it has none."""
    return msgspec.structs.replace(
        submission, message_id=message_id, jurisdiction=submission.jurisdiction or jurisdiction
    )
