"""One body for every error: RFC 9457 problem details for programs, a page for people."""

from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, PermissionDeniedException, ValidationException
from msgspec import Struct
from msgspec.structs import replace

from tocsin.errors import STATUS, Busy, Rejected, TocsinError
from tocsin.web.i18n import known, translate
from tocsin.web.layout import language_of, render
from tocsin.web.request_id import request_id

_log = structlog.get_logger(__name__)
_OUR_FAULT = 500
_MEDIA = "application/problem+json"
FAILED = "The node failed to do this; it has been noted."
UNFIT = "The request does not fit."
# The framework's own words, as people should read them.
_WORDS = {
    403: "This is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take that.",
    413: "This is too long to be taken.",
}


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
        instance: names this one refusal, `urn:tocsin:request:` and its number.
        request_id: the number alone; it stands in the log and in the header `X-Request-ID` too.
        errors: the fields at fault.
    """

    title: str
    status: int
    detail: str
    type: str = "about:blank"
    instance: str = ""
    request_id: str = ""
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
    detail = UNFIT if isinstance(error, ValidationException) else _detail(error)
    return _answer(
        request, Problem("http", error.status_code, detail, errors=fields), dict(error.headers or {})
    )


def _detail(error: HTTPException) -> str:
    """Return our own words where the framework speaks of itself."""
    if isinstance(error, PermissionDeniedException):
        return error.detail
    return _WORDS.get(error.status_code, error.detail)


def unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Say that we failed, without saying how; the log knows."""
    # The address may hold a ticket: its form is enough.
    place = request.scope.get("path_template", "")
    _log.error("request.failed", request_id=request_id(request.scope), place=place, exc_info=error)
    return _answer(request, Problem("error", _OUR_FAULT, FAILED), {})


def _answer(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> Response[Any]:
    number = request_id(request.scope)
    problem = replace(problem, instance=f"urn:tocsin:request:{number}", request_id=number)
    if problem.status < _OUR_FAULT:
        codes = [one.code for one in problem.errors]
        _log.info("request.refused", request_id=number, status=problem.status, codes=codes)
    if _is_api(request):
        return Response(problem, status_code=problem.status, media_type=_MEDIA, headers=headers)
    language = language_of(request)
    problem = replace(problem, detail=translate(language, problem.detail))
    headers |= {"Content-Language": language, "Vary": "Accept, Accept-Language"}
    if "text/html" not in request.headers.get("accept", ""):
        return Response(problem, status_code=problem.status, media_type=_MEDIA, headers=headers)
    page = render(request, "error.html", problem=problem, translated=problem.detail in known(language))
    return Response(page.content, status_code=problem.status, media_type="text/html", headers=headers)


def _is_api(request: Request[Any, Any, Any]) -> bool:
    return request.url.path.startswith("/api/")
