"""The door for Matrix: the shape of its three report endpoints, for a homeserver's relay.

    [doors.matrix]
    kind = "matrix"
    token = "env:MATRIX_TOKEN"

Source: Matrix Client-Server API 1.14, "Reporting content". The relay may add the reported `event`, and name
who reports by `?user_id=`, as application services do. Answers are Matrix's own, errors included.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from msgspec import Meta, Struct

from tocsin.doors.documents import read_json
from tocsin.doors.door import House, Kind, secret
from tocsin.doors.social.facts import subject_of
from tocsin.doors.webhooks import LONGEST, Asked, WebhookDoor, body_of
from tocsin.errors import Busy, Malformed, Misconfigured, Rejected
from tocsin.records import Channel, Submission

_LONGEST_ID = 255
_CLIENT = "/_matrix/client/v3"
_TOO_LARGE, _UNAUTHORISED, _WRONG_TYPE = 413, 401, 415
_ERRCODES = {_TOO_LARGE: "M_TOO_LARGE", _UNAUTHORISED: "M_UNKNOWN_TOKEN", _WRONG_TYPE: "M_NOT_JSON"}


class Config(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Matrix door's table.

    Args:
        token: the access token that the relay sends.
        jurisdiction: ISO 3166-1 alpha-2 of those who report here.
        longest: bytes of one report.
    """

    token: str
    jurisdiction: str = ""
    longest: Annotated[int, Meta(ge=1000, le=20_000_000)] = LONGEST


class _Content(Struct, frozen=True):
    body: str = ""


class _Event(Struct, frozen=True):
    sender: Annotated[str, Meta(max_length=_LONGEST_ID)] = ""
    origin_server_ts: Annotated[int, Meta(ge=0, le=4_102_444_800_000)] = 0
    content: _Content = _Content()


class _Body(Struct):
    reason: Annotated[str, Meta(max_length=2000)] | None = None
    score: Annotated[int, Meta(ge=-100, le=0)] | None = None
    event: _Event = _Event()


class MatrixDoor(WebhookDoor):
    """Serves the report endpoints under `/doors/NAME/_matrix/client/v3`."""

    def __init__(self, name: str, config: Config, house: House) -> None:
        token = secret(config.token)
        if not token:
            raise Misconfigured(f"door {name!r}: a Matrix door needs a token")
        super().__init__(name, house, token, config.longest)
        self._jurisdiction = config.jurisdiction

    def routes(self) -> Sequence[BaseRouteHandler]:
        """Return the endpoints of an event, a room and a user."""
        return [
            self.route(f"{_CLIENT}/rooms/{{room:str}}/report/{{event:path}}", self._serve),
            self.route(f"{_CLIENT}/rooms/{{room:str}}/report", self._serve),
            self.route(f"{_CLIENT}/users/{{user:str}}/report", self._serve),
        ]

    async def _serve(self, request: Asked) -> Response[Any]:
        try:
            self.admit(request)
            body = read_json(await body_of(request, ("application/json",)), _Body)
            await self.hand_in(self._submission(request, body))
        except Busy as error:
            return _busy(error)
        except Rejected as error:
            code = "M_NOT_JSON" if isinstance(error, Malformed) else "M_BAD_JSON"
            return _error(400, code, f"{error.field}: {error.detail}")
        except HTTPException as error:
            return _error(error.status_code, _ERRCODES.get(error.status_code, "M_UNKNOWN"), error.detail)
        return Response({}, status_code=200)

    def _submission(self, request: Asked, body: _Body) -> Submission:
        given = request.path_params
        names = {name: str(given.get(name, "")).lstrip("/") for name in ("room", "event", "user")}
        reporter = request.query_params.get("user_id", "")
        for name, value in {**names, "user_id": reporter}.items():
            if len(value) > _LONGEST_ID:
                raise Rejected(f"{name}.too_long", name, f"at most {_LONGEST_ID} characters")
        kind = "message" if names["event"] else "profile" if names["user"] else "room"
        sent = body.event.origin_server_ts
        facts: dict[str, str | int] = {
            "room": names["room"],
            "event": names["event"],
            "score": body.score or 0,
        }
        return Submission(
            channel=Channel.IM,
            content=body.event.content.body,
            sender=body.event.sender or names["user"],
            subject=subject_of(kind, facts),
            sent_at=datetime.fromtimestamp(sent / 1000, UTC) if sent else None,
            reporter=reporter,
            jurisdiction=self._jurisdiction,
            comment=body.reason or "",
            message_id=self.fingerprint(*names.values(), reporter, "" if reporter else body.reason or ""),
        )


def _error(status: int, code: str, detail: str) -> Response[Any]:
    return Response({"errcode": code, "error": detail}, status_code=status)


def _busy(error: Busy) -> Response[Any]:
    body = {
        "errcode": "M_LIMIT_EXCEEDED",
        "error": error.detail,
        "retry_after_ms": error.retry_after * 1000,
    }
    return Response(body, status_code=429, headers={"Retry-After": str(error.retry_after)})


def _open(name: str, config: Config, house: House) -> MatrixDoor:
    return MatrixDoor(name, config, house)


KIND = Kind(Config, _open)
