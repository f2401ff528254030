"""From one line of a call-record file to a `Call`: the operator's column names mapped to ours."""

import csv
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from tocsin.doors.calls.records import Call, number
from tocsin.errors import Misconfigured, Rejected
from tocsin.records import CallFacts, Instant, Route, RouteKind, instant

_LONGEST_CALL_S = 7 * 86400
_LONGEST_NETWORK = 64
_TRUE = frozenset({"1", "true", "yes", "y", "answered", "answer"})
_ROUTES = {kind.value: kind for kind in RouteKind}
_LATEST_S = 32_503_680_000
"""The year 3000: a larger number is milliseconds."""


class Columns(Struct, frozen=True, forbid_unknown_fields=True):
    """The file's names of the columns; only the first three must be there.

    Args:
        calling: the calling party's number.
        called: the called party's number.
        began: when the call was set up.
        duration: seconds from answer to release, such as `42` or `42.5`.
        answered: whether it was answered; without this column a duration above 0 says so.
        network: the originating network's name or MCC-MNC.
        route: how it entered the network, one of `RouteKind`'s values.
    """

    calling: str = "calling"
    called: str = "called"
    began: str = "began"
    duration: str = "duration"
    answered: str = "answered"
    network: str = "network"
    route: str = "route"


class Form(Struct, frozen=True, forbid_unknown_fields=True):
    """How a call-record file is written.

    Args:
        columns: the file's names of the columns.
        header: the names of all columns in order, for files that have no header line.
        delimiter: one character between values.
        time_format: as of `datetime.strptime`; empty for ISO 8601, or seconds since 1970.
        time_zone: IANA name of the zone of times without an offset.
    """

    columns: Columns = Columns()
    header: tuple[str, ...] = ()
    delimiter: str = ","
    time_format: str = ""
    time_zone: str = "UTC"


class Rows:
    """Reads the lines of one form.

    Args:
        form: how they are written.
        country: ISO 3166-1 alpha-2 by which national numbers are read.

    Raises:
        Misconfigured: the delimiter or the time zone can't be.
    """

    def __init__(self, form: Form, country: str) -> None:
        if len(form.delimiter) != 1 or form.delimiter in '"\r\n':
            raise Misconfigured("a delimiter is one character, neither a quote nor a line end")
        try:
            self._zone = UTC if form.time_zone == "UTC" else ZoneInfo(form.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise Misconfigured(f"no time zone is called {form.time_zone!r}") from error
        self._form = form
        self._country = country

    def split(self, text: str) -> list[str]:
        """Split a line into its values.

        Raises:
            Rejected: it isn't CSV.
        """
        try:
            return [value.strip() for value in next(csv.reader([text], delimiter=self._form.delimiter), [])]
        except csv.Error as error:
            raise Rejected("line.csv", "line", "not CSV") from error

    def missing(self, header: Sequence[str]) -> list[str]:
        """Return the columns that every call needs and a header lacks."""
        columns = self._form.columns
        return [name for name in (columns.calling, columns.called, columns.began) if name not in header]

    def call(self, header: Sequence[str], text: str) -> Call:
        """Read a line.

        Args:
            header: the names of its columns.
            text: the line.

        Raises:
            Rejected: it can't be read, or a column that a call needs is missing or empty.
        """
        values = dict(zip(header, self.split(text), strict=False))
        columns = self._form.columns
        called = number(_needed(values, columns.called), self._country)
        if not called:
            raise Rejected("field.invalid", columns.called, "not a number")
        duration = _duration(values.get(columns.duration, ""), columns.duration)
        said = values.get(columns.answered)
        answered = duration > 0 if said is None else said.lower() in _TRUE
        calling = values.get(columns.calling, "")
        return Call(
            calling=number(calling, self._country) or calling[:350],
            called=called,
            began=self._began(_needed(values, columns.began)),
            facts=CallFacts(duration_s=duration, answered=answered),
            route=Route(
                kind=_ROUTES.get(values.get(columns.route, "").lower(), RouteKind.UNKNOWN),
                network=values.get(columns.network, "")[:_LONGEST_NETWORK],
            ),
        )

    def _began(self, text: str) -> Instant:
        try:
            when = self._moment(text)
        except (ValueError, OverflowError, OSError) as error:
            raise Rejected("time.invalid", self._form.columns.began, "not a time") from error
        return instant(when if when.tzinfo else when.replace(tzinfo=self._zone))

    def _moment(self, text: str) -> datetime:
        if self._form.time_format:
            return datetime.strptime(text, self._form.time_format)  # noqa: DTZ007 - `_began` adds the zone
        if text.isascii() and text.replace(".", "", 1).isdigit():
            seconds = float(text)
            return datetime.fromtimestamp(seconds / 1000 if seconds > _LATEST_S else seconds, UTC)
        return datetime.fromisoformat(text)


def _needed(values: dict[str, str], column: str) -> str:
    value = values.get(column, "")
    if not value:
        raise Rejected("field.missing", column, "a call needs it")
    return value


def _duration(text: str, column: str) -> int:
    try:
        seconds = float(text or 0)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST_CALL_S:
        raise Rejected("call.duration_s.invalid", column, "seconds, up to a week")
    return int(seconds)
