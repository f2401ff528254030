"""Answers that a program may already have, and the form in which it wants them."""

import csv
import io
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from litestar import Request, Response

from tocsin.errors import Rejected
from tocsin.web.weights import weighted

CSV = "text/csv; charset=utf-8; header=present"
_FORMATS = ("json", "csv")
_TYPES = {
    "text/csv": "csv",
    "text/*": "csv",
    "application/json": "json",
    "application/*": "json",
    "*/*": "json",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def wanted_format(request: Request[Any, Any, Any], asked: str) -> str:
    """Return `json` or `csv`: what the address asks for, or else what `Accept` prefers.

    RFC 9110, section 12.5.1. Where `Accept` names neither, JSON comes all the same.

    Raises:
        Rejected: the address asks for something else.
    """
    if asked:
        if asked not in _FORMATS:
            raise Rejected("format.unknown", "format", f"one of {', '.join(_FORMATS)}")
        return asked
    for name, weight in weighted(request.headers.get("accept", "")):
        if weight and name in _TYPES:
            return _TYPES[name]
    return "json"


def conditional(
    request: Request[Any, Any, Any], body: bytes, media_type: str, vary: str = "Accept"
) -> Response[bytes]:
    """Answer with a body and its tag, or with 304 when the reader has it already.

    RFC 9110, sections 8.8.3 and 13.1.2. A reader asks each time: figures move.
    """
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": vary}
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in known or "*" in known:
        return Response(b"", status_code=304, headers=headers, media_type=media_type)
    return Response(body, headers=headers, media_type=media_type)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV (RFC 4180) with a header line; None is an empty field.

    A text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(columns)
    writer.writerows([[_harmless(value) for value in row] for row in rows])
    return stream.getvalue().encode()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
