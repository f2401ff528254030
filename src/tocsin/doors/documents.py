"""Reading the documents that doors are handed: JSON into typed records, refused by the field's name.

Every reader of `tocsin.doors` raises `Malformed` for what is not its format at all, and `Rejected` for what
is but can't be taken.
"""

import re
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID, uuid5

import msgspec

from tocsin.errors import Malformed, Rejected
from tocsin.records import Submission

T = TypeVar("T")
_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_NAMESPACE = UUID("6c1f2c5e-4f0c-5d2b-9d7e-9e0c1b7a4b11")
_NAMED = re.compile(r"field `([^`]{1,64})")


def read_json(document: bytes, kind: type[T]) -> T:
    """Read JSON into a record.

    Raises:
        Malformed: not UTF-8, or not JSON.
        Rejected: a field is missing or of the wrong type.
    """
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.ValidationError as error:
        raise refusal(error) from error
    except UnicodeDecodeError as error:
        raise Malformed("body.utf8", "body", "not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise Malformed("body.json", "body", "not JSON") from error


def refusal(error: msgspec.ValidationError) -> Rejected:
    """Say in our words which field a document was refused for; never quotes the document."""
    text = str(error)
    path = _PATH.search(text)
    parent = path.group(1) if path else ""
    named = _NAMED.search(text)
    if named is None:
        return Rejected("field.type", parent[:64] or "body", "a value of the wrong type or size")
    code = "field.missing" if "missing" in text else "field.unknown"
    field = ".".join(filter(None, (parent, named.group(1))))
    return Rejected(code, field, code.replace(".", " is "))


def require(value: str, field: str) -> str:
    """Return a value that a format can't do without.

    Raises:
        Rejected: it is empty.
    """
    if not value:
        raise Rejected(f"{field}.missing", field, "this format can't do without it")
    return value


def read_moment(text: str, field: str) -> datetime:
    """Read an instant written by RFC 3339, with its offset.

    Raises:
        Rejected: it is none.
    """
    try:
        at = msgspec.convert(text, datetime)
    except msgspec.ValidationError as error:
        raise Rejected("time.invalid", field, "a time is written by RFC 3339") from error
    if at.tzinfo is None:
        raise Rejected("time.invalid", field, "a time needs its offset from UTC")
    return at


def write_moment(at: datetime | None, field: str = "sent_at", *, whole_seconds: bool = False) -> str:
    """Write an instant by RFC 3339, in UTC, for a format that can't do without.

    Raises:
        Rejected: it is unknown, has no offset, or lies before the year 1 in UTC.
    """
    if at is None or at.tzinfo is None:
        raise Rejected(f"{field}.missing", field, "this format can't do without a time and its offset")
    try:
        moment = at.astimezone(UTC)
    except OverflowError as error:
        raise Rejected("time.invalid", field, "not a year of UTC") from error
    if whole_seconds:
        moment = moment.replace(microsecond=0)
    return moment.isoformat().replace("+00:00", "Z")


def report_uuid(submission: Submission) -> UUID:
    """Return a report's UUID: its message id if that is one, else one made of the facts, people left out.

    The same report gets the same UUID wherever it is written. Reporter and recipient do not enter it: from a
    digest without a key they could be found by counting.
    """
    try:
        return UUID(submission.message_id)
    except ValueError:
        facts = msgspec.structs.replace(submission, reporter="", recipient="")
        return uuid5(_NAMESPACE, msgspec.json.encode(facts).decode())
