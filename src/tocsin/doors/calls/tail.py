"""Following a folder of growing, rotated line files without losing or repeating a line.

A file is known by a digest of its header and first record, not by its name or inode: it stays the same file
when rotation renames, copies or compresses it, and becomes another when it is truncated and written anew.
"""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import structlog

from tocsin.errors import Rejected
from tocsin.ports import Clock
from tocsin.records import SECOND

LONGEST_LINE = 65_536
MOST_POSITIONS = 10_000
_FINISHED = 60 * SECOND
"""A last line without an end counts when its file has not changed for so long."""
_log = structlog.get_logger(__name__)


class Line(NamedTuple):
    """One record line: its file's id, where it ends, what it says or why it can't be read, its columns."""

    file: str
    end: int
    text: str | Rejected
    header: str

    @property
    def id(self) -> str:
        """The same for the same line of the same file, wherever that file has moved."""
        text = self.text if isinstance(self.text, str) else self.text.code
        return f"{self.file}:{blake2b(text.encode(), digest_size=12).hexdigest()}"


class _Head(NamedTuple):
    id: str
    header: str
    start: int


class Tail:
    """Reads what is new in a folder.

    Args:
        folder: where the files are.
        pattern: which of its files, as of `fnmatch`; `.gz` files are read unpacked.
        has_header: whether each file's first line names its columns.
        clock: says whether a file is still being written.
        positions: how far each file was read, by its id; changed by `advance`.
    """

    def __init__(
        self, folder: Path, pattern: str, has_header: bool, clock: Clock, positions: dict[str, int]
    ) -> None:
        self._folder = folder
        self._pattern = pattern
        self._has_header = has_header
        self._clock = clock
        self.positions = positions
        self._read: dict[str, tuple[int, int, int]] = {}

    def read(self, most: int) -> list[Line]:
        """Return up to so many new lines, oldest file first; the same again until `advance`.

        Raises:
            OSError: the folder can't be read.
        """
        found: list[Line] = []
        for path, signature in self._changed():
            try:
                lines = list(islice(self._lines(path, signature[2]), most - len(found)))
            except (OSError, EOFError, zlib.error) as error:
                # A file that vanished or is half packed: its turn comes when it changes.
                _log.warning("calls.file_unreadable", file=path.name, error=type(error).__name__)
                self._read[path.name] = signature
                continue
            found += lines
            if len(found) >= most:
                break
            if not lines and not self._growing(signature[2]):
                self._read[path.name] = signature
        return found

    def advance(self, lines: Sequence[Line]) -> None:
        """Remember that these lines, in the order of `read`, are dealt with."""
        for line in lines:
            self.positions.pop(line.file, None)  # to the end of the order: the least used give way
            self.positions[line.file] = line.end
        while len(self.positions) > MOST_POSITIONS:
            del self.positions[next(iter(self.positions))]

    def _changed(self) -> list[tuple[Path, tuple[int, int, int]]]:
        files = {}
        for path in self._folder.iterdir():
            if fnmatch(path.name, self._pattern) and path.is_file():
                try:
                    state = path.stat()
                except OSError:
                    continue
                files[path] = (state.st_ino, state.st_size, state.st_mtime_ns)
        read = {path.name: files[path] for path in files if self._read.get(path.name) == files[path]}
        self._read = read
        changed = [(path, signature) for path, signature in files.items() if path.name not in read]
        return sorted(changed, key=lambda each: (each[1][2], each[0].name))

    def _growing(self, changed_ns: int) -> bool:
        return self._clock.now() - changed_ns // 1000 < _FINISHED

    def _lines(self, path: Path, changed_ns: int) -> Iterator[Line]:
        growing = self._growing(changed_ns)
        with _open(path) as file:
            head = self._head(file, growing)
            if head is None:
                return
            file.seek(self.positions.get(head.id, head.start))
            while raw := file.readline(LONGEST_LINE + 1):
                text = _text(file, raw)
                if isinstance(text, str) and not raw.endswith(b"\n") and growing:
                    return
                if isinstance(text, Rejected) or text.strip():
                    yield Line(head.id, file.tell(), text, head.header)

    def _head(self, file: BinaryIO, growing: bool) -> _Head | None:
        """Read what a file is known by; None while its first record is not complete."""
        header = file.readline(LONGEST_LINE) if self._has_header else b""
        start = file.tell()
        first = file.readline(LONGEST_LINE)
        if not first or (growing and len(first) < LONGEST_LINE and not first.endswith(b"\n")):
            return None
        digest = blake2b(header + first.rstrip(b"\r\n"), digest_size=12).hexdigest()
        return _Head(digest, header.decode("utf-8-sig", "replace").rstrip("\r\n"), start)


def _text(file: BinaryIO, raw: bytes) -> str | Rejected:
    if len(raw) > LONGEST_LINE:
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(LONGEST_LINE)
        return Rejected("line.too_long", "line", f"at most {LONGEST_LINE} bytes in a line")
    try:
        return raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return Rejected("line.utf8", "line", "not UTF-8")


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")
