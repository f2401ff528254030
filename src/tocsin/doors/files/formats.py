"""What every file format shares: lines in constant memory, and options of a reading."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import msgspec

from tocsin.errors import Rejected
from tocsin.records import Envelope, Submission

LONGEST_LINE = 4_000_000
"""Bytes of one line; what is longer is refused and skipped without being held."""
LONGEST_DOCUMENT = 50_000_000
"""Bytes of a file that is read as one document, unpacked."""


class Row(NamedTuple):
    """One line of a file: its number from 1, and what it holds or why it can't be taken."""

    line: int
    answer: tuple[Submission, Envelope] | Rejected


@dataclass(slots=True)
class Reading:
    """How to read a file, and which of its columns were of no use.

    Args:
        door: the envelope's door.
        channel: taken by lines that name none.
        jurisdiction: taken by lines that name none.
        renames: the file's name of a column to ours.
        unused: columns that were ignored; filled while reading.
    """

    door: str
    channel: str = ""
    jurisdiction: str = ""
    renames: dict[str, str] = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)

    def completed(self, submission: Submission) -> Submission:
        """Give a submission the channel and the country that its file does not name."""
        return msgspec.structs.replace(
            submission,
            channel=submission.channel or self.channel,
            jurisdiction=submission.jurisdiction or self.jurisdiction,
        )


def lines(path: Path) -> Iterator[tuple[int, str | Rejected]]:
    """Read a file line by line, also one packed by gzip.

    Yields:
        the line's number from 1, and its text or why it isn't text; nothing after a damaged place.
    """
    with opened(path) as file:
        number = 0
        while raw := read_line(file):
            number += 1
            if isinstance(raw, Rejected):
                yield number, raw
                if isinstance(raw, Damaged):
                    return
                continue
            try:
                yield number, raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                yield number, Rejected("line.utf8", "line", "not UTF-8")


def whole(path: Path) -> bytes:
    """Read a file that is one document, also one packed by gzip.

    Raises:
        Rejected: longer than 50 MB, or it can't be read to its end.
    """
    try:
        with opened(path) as file:
            document = file.read(LONGEST_DOCUMENT + 1)
    except _UNREADABLE as error:
        raise Damaged from error
    if len(document) > LONGEST_DOCUMENT:
        raise Rejected("file.too_large", "file", f"at most {LONGEST_DOCUMENT} bytes in a document")
    return document


_UNREADABLE = (OSError, EOFError, zlib.error)


class Damaged(Rejected):
    """A place in a file from which nothing more can be read."""

    def __init__(self) -> None:
        super().__init__("file.damaged", "file", "cut off, or not packed as its name says")


def read_line(file: BinaryIO) -> bytes | Rejected:
    """Read the next line; one that is too long is passed over without being held."""
    try:
        raw = file.readline(LONGEST_LINE + 1)
        if len(raw) <= LONGEST_LINE:
            return raw
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LONGEST_LINE)
    except _UNREADABLE:
        return Damaged()
    return Rejected("line.too_long", "line", f"at most {LONGEST_LINE} bytes in a line")


def opened(path: Path) -> BinaryIO:
    """Open a file, also one packed by gzip."""
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
