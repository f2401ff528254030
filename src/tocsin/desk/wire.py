"""Reading the JSON body of `POST /api/v1/reports`: all at once when it is good, item by item when not."""

import json
import re
from typing import Any, NamedTuple

import msgspec

from tocsin.errors import Malformed, Rejected
from tocsin.records import Submission

MOST = 1000
"""Most reports in one request."""

_STRUCTURE = 200
"""Strings, commas and brackets for one report: four times what all its fields together need."""
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)

_many = msgspec.json.Decoder(list[Submission])
_one = msgspec.json.Decoder(Submission)
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `([^`]{1,64})")
_MISSING = re.compile(r"missing required field `([^`]{1,64})`")


class Body(NamedTuple):
    """A body's items in order, each a submission or why it isn't one; and whether it was a single object."""

    items: list[Submission | Rejected]
    single: bool


def read_body(body: bytes) -> Body:
    """Decode one object or an array of up to 1,000.

    Raises:
        Malformed: the body as a whole can't be read, so that no item could be kept.
        Rejected: too many items, or none.
    """
    _check_structure(body)
    single = not body.lstrip(b" \t\r\n").startswith(b"[")
    items = [_read_one(body)] if single else _read_many(body)
    if not items:
        raise Rejected("body.empty", "body", "at least one report")
    return Body(items, single)


def _check_structure(body: bytes) -> None:
    """Refuse what would be too many things in memory, before any of them is made.

    A short body of many parts (`[0,0,0…`) costs a hundred times its length once it is decoded.
    """
    if body.count(b",") < MOST:
        return
    depth, items = 0, 1
    for count, token in enumerate(_TOKEN.finditer(body)):
        mark = body[token.start()]
        if mark in b"[{":
            depth += 1
        elif mark in b"]}":
            depth -= 1
        elif mark == ord(",") and depth == 1:
            items += 1
        if items > MOST or count > MOST * _STRUCTURE:
            raise Rejected("body.too_many", "body", f"at most {MOST} reports in one request")


def _read_many(body: bytes) -> list[Submission | Rejected]:
    try:
        return list(_many.decode(body))
    except (ValueError, RecursionError):
        pass  # something in it is wrong; find out which item
    try:
        return [_read_one(raw) for raw in _raws.decode(body)]
    except (ValueError, RecursionError):
        return [_convert(item) for item in _lenient(body, list)]


def _read_one(raw: bytes | msgspec.Raw) -> Submission | Rejected:
    try:
        return _one.decode(raw)
    except msgspec.ValidationError as error:
        return _why(error)
    except UnicodeDecodeError:
        return Rejected("body.utf8", "body", "not UTF-8")
    except (ValueError, RecursionError):
        return _convert(_lenient(bytes(raw), dict))


def _lenient(body: bytes, kind: type) -> Any:
    """Read what the strict decoder refuses as a whole for one lone surrogate, to keep the other items."""
    try:
        value = json.loads(body)
    except UnicodeDecodeError as error:
        raise Malformed("body.utf8", "body", "not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("body.json", "body", "not JSON") from error
    if not isinstance(value, kind):
        raise Malformed("body.shape", "body", "one report, or an array of reports")
    return value


def _convert(item: object) -> Submission | Rejected:
    try:
        return msgspec.convert(item, Submission)
    except msgspec.ValidationError as error:
        return _why(error)


def _why(error: msgspec.ValidationError) -> Rejected:
    text = str(error)
    path = _PATH.search(text)
    parent = path.group(1) if path else ""
    for pattern, code in ((_UNKNOWN, "field.unknown"), (_MISSING, "field.missing")):
        if named := pattern.search(text):
            return Rejected(code, ".".join(filter(None, (parent, named.group(1)))), code.replace(".", " is "))
    return Rejected("field.type", parent or "body", _PATH.sub("", text)[:200])
