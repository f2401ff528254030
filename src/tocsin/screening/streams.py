"""Lines of a file or of standard input, bounded, and how far along they are.

A line is read up to a bound and no further: one that never ends is refused by name and passed over in
pieces, so that memory does not depend on what stands in the file. Data packed by gzip is known by its
first two bytes (RFC 1952, section 2.3.1), whatever the file is called.
"""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from tocsin.errors import Rejected

LONGEST_LINE = 2_000_000
"""Bytes of one line, its end included: a message of 100,000 characters fits however JSON escapes it."""
_PIECE = 1 << 16
_GZIP = b"\x1f\x8b"


class Stream(NamedTuple):
    """An open source of lines.

    Args:
        lines: gives bytes, unpacked.
        file: what is read from the outside, packed or not.
        size: bytes of `file`; 0 when nobody knows.
    """

    lines: BinaryIO
    file: BinaryIO
    size: int


@contextmanager
def opened(file: str) -> Iterator[Stream]:
    """Open a file, or standard input for `-`; either may be packed by gzip.

    Raises:
        Rejected: it can't be opened.
    """
    try:
        outside = _standard_input() if file == "-" else Path(file).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Rejected("file.unreadable", "file", f"{file}: {error.strerror}") from error
    try:
        packed = outside.peek(len(_GZIP))[: len(_GZIP)] == _GZIP
        lines = cast("BinaryIO", gzip.GzipFile(fileobj=outside)) if packed else outside
        yield Stream(lines, outside, 0 if file == "-" else _size(outside))
    finally:
        if file != "-":
            outside.close()


def _standard_input() -> io.BufferedReader:
    stream = sys.stdin.buffer
    # What stands in for standard input need not be able to look ahead.
    return (
        stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", stream))
    )


def _size(file: io.BufferedReader) -> int:
    status = os.fstat(file.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def read_lines(stream: BinaryIO) -> Iterator[bytes | Rejected]:
    """Read lines with their ends; a line that can't be read is given as its refusal, in its place.

    Damage ends the reading: what follows it can't be trusted to be lines.
    """
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            if len(line) <= LONGEST_LINE:
                yield line
                continue
            _pass_over(stream, line)
            yield Rejected("line.too_long", "line", f"at most {LONGEST_LINE} bytes in a line")
    except (OSError, EOFError, zlib.error):
        yield Rejected("file.damaged", "file", "it can't be read any further")


def _pass_over(stream: BinaryIO, piece: bytes) -> None:
    while piece and not piece.endswith(b"\n"):
        piece = stream.readline(_PIECE)


@contextmanager
def progress(stream: Stream) -> Iterator[Callable[[int], None]]:
    """Show on standard error how far the reading is: bytes of a file, lines of anything else.

    Nothing is shown unless standard error is a terminal, nor when the answers themselves scroll over one.

    Yields:
        what to call with the number of lines that were just done.
    """
    console = Console(stderr=True)
    shown = console.is_terminal and not sys.stdout.isatty()
    by_bytes = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    by_lines = (TextColumn("{task.completed:,.0f} lines"), TimeElapsedColumn())
    columns = by_bytes if stream.size else by_lines
    # Redirection would carry the answers from standard output over to the bar's terminal.
    with Progress(
        *columns, console=console, disable=not shown, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task("", total=stream.size or None)

        def advance(lines: int) -> None:
            if not shown:
                return
            if stream.size:
                bar.update(task, completed=stream.file.tell())
            else:
                bar.advance(task, lines)

        yield advance
