"""Which numbers are traps: single ones, and ranges by their first digits."""

from collections.abc import Iterable
from pathlib import Path

from tocsin.doors.calls.records import number
from tocsin.errors import Misconfigured

_SHORTEST_RANGE = 5


class Traps:
    """A set of numbers.

    Args:
        numbers: each in the form of `number`.
        ranges: what all numbers of a range begin with.
    """

    def __init__(self, numbers: Iterable[str], ranges: Iterable[str]) -> None:
        self._numbers = frozenset(numbers)
        self._ranges = tuple(ranges)

    def __contains__(self, called: str) -> bool:
        return called in self._numbers or called.startswith(self._ranges)

    @classmethod
    def read(cls, listed: Iterable[str], file: str, country: str) -> "Traps":
        """Read them from a table and from a file, one a line.

        Args:
            listed: the table's own.
            file: the file's path; empty for none.
            country: ISO 3166-1 alpha-2 by which national numbers are read.

        Raises:
            Misconfigured: the file can't be read, an entry is no number or too wide, or there is none.
        """
        try:
            lines = Path(file).read_text(encoding="utf-8").splitlines() if file else []
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured("the file of trap numbers can't be read") from error
        entries = [entry for each in (*listed, *lines) if (entry := each.strip()) and entry[0] != "#"]
        ranges = {_range(entry) for entry in entries if entry.endswith("*")}
        numbers = {number(entry, country) for entry in entries if not entry.endswith("*")}
        if not entries or "" in numbers:
            raise Misconfigured("a call-record feed needs trap numbers, each a number")
        return cls(numbers, ranges)


def _range(entry: str) -> str:
    first = entry.removesuffix("*")
    digits = first.removeprefix("+")
    if not (first.startswith("+") and digits.isdecimal() and len(digits) >= _SHORTEST_RANGE):
        raise Misconfigured(f"a range of traps is + and at least {_SHORTEST_RANGE} digits before its *")
    return first
