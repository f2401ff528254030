"""Where an interrupted import goes on, and the file of what it refused."""

import json
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec
from msgspec import Struct

from tocsin.doors.files.formats import Row
from tocsin.errors import Rejected


class Place(Struct, frozen=True):
    """How far an import came.

    Args:
        file: the place of its file among the files, from 0.
        rows: rows of that file that are done.
        rejects: bytes of the rejects file that belong to what is done.
    """

    file: int = 0
    rows: int = 0
    rejects: int = 0


class Places:
    """The places of one import, left in a folder after each batch.

    Args:
        folder: where; None remembers nothing.
        files: what is imported, by path, size and time of change.
        order: what else must be the same for an import to be the same.
    """

    def __init__(self, folder: Path | None, files: Sequence[Path], order: Sequence[object]) -> None:
        seen = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        name = blake2b(repr((seen, tuple(order))).encode("utf-8", "replace"), digest_size=16).hexdigest()
        self._file = folder / f"{name}.json" if folder else None

    def last(self) -> Place:
        """Return where the import was interrupted; the beginning when it never was."""
        if self._file is None or not self._file.exists():
            return Place()
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Place)
        except (ValueError, OSError):
            return Place()  # a damaged place costs time, not truth: what is known already counts once

    def leave(self, place: Place) -> None:
        """Remember a place; a crash while writing leaves the one before."""
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(place))
        new.replace(self._file)

    def forget(self) -> None:
        """Forget it: the import is done."""
        if self._file is not None:
            self._file.unlink(missing_ok=True)


class Rejects:
    """A file of refusals, a JSON object a line: file, line, code, field, detail.

    Args:
        path: where; None writes nothing.
        keep: bytes of an earlier run to keep; what follows them is written anew.
    """

    def __init__(self, path: Path | None, keep: int) -> None:
        self._path = path
        self._keep = keep
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open the file, keeping what an earlier run had done."""
        if self._path is not None:
            self._file = self._path.open("r+b" if self._keep and self._path.exists() else "wb")
            self._file.truncate(self._keep)
            self._file.seek(0, 2)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def write(self, file: Path, row: Row, why: Rejected) -> None:
        """Write why a row was refused; never what it held."""
        if self._file is not None:
            refusal = {"file": file.name, "line": row.line, "code": why.code, "field": why.field}
            self._file.write(json.dumps(refusal | {"detail": why.detail}).encode() + b"\n")

    def sync(self) -> int:
        """Hand what was written to the system; return the file's length, bytes."""
        if self._file is None:
            return 0
        self._file.flush()
        return self._file.tell()
