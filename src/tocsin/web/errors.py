"""One body for every error: RFC 9457 problem details for programs, a page for people."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from tocsin.errors import STATUS, Busy, Rejected, TocsinError
from tocsin.web.layout import render

_log = structlog.get_logger(__name__)
_OUR_FAULT = 500


class FieldError(Struct, frozen=True):
    """What was wrong with one field: its path, a stable code, a sentence."""

    field: str
    code: str
    detail: str


class Problem(Struct, frozen=True):
    """Why a request was not done (RFC 9457).

    Args:
        title: the kind of error.
        status: the HTTP status.
        detail: one sentence; never quotes the input.
        type: always `about:blank`.
        errors: the fields at fault.
    """

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    errors: list[FieldError] = []


def tocsin_error(request: Request[Any, Any, Any], error: TocsinError) -> Response[Any]:
    """Say one of our own errors."""
    fields = [FieldError(error.field, error.code, error.detail)] if isinstance(error, Rejected) else []
    problem = Problem(error.kind, STATUS[error.kind].http, error.detail, errors=fields)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Busy) else {}
    return _answer(request, problem, headers)


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Say one of the framework's errors: not found, wrong method, wrong parameters."""
    if error.status_code >= _OUR_FAULT:
        return unexpected(request, error)
    fields: list[FieldError] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = [
            FieldError(str(one.get("key", "body")), "field.type", str(one.get("message", ""))[:200])
            for one in error.extra
            if isinstance(one, dict)
        ]
    detail = "the request does not fit" if isinstance(error, ValidationException) else error.detail
    return _answer(
        request, Problem("http", error.status_code, detail, errors=fields), dict(error.headers or {})
    )


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say that we failed, without saying how; the log knows."""
    _log.error("request.failed", path=request.url.path, exc_info=error)
    return _answer(request, Problem("error", 500, "the node failed to do this; it has been noted"), {})


def _answer(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> Response[Any]:
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
    if wants_page:
        page = render(request, "error.html", status=problem.status, detail=problem.detail)
        return Response(page.content, status_code=problem.status, media_type="text/html", headers=headers)
    return Response(
        problem, status_code=problem.status, media_type="application/problem+json", headers=headers
    )
