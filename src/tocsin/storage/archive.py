"""The file a backup is kept in: framed, bounded, and proven whole by a digest at its end.

A gzip stream of frames: 4 bytes of length, then MessagePack. First the header, then chunks of rows, then a
frame of length zero and the SHA-256 digest of all frames before it. Nothing in it is trusted: lengths are
bounded before memory is taken, and every value is checked against the shape it should have.
"""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
from msgspec import Struct

from tocsin.errors import Rejected

FORMAT = "tocsin-ledger-2"
LARGEST_FRAME = 64_000_000
_DIGEST_BYTES = 32
_GZIP = b"\x1f\x8b"
_LENGTH_BYTES = 4
_encoder = msgspec.msgpack.Encoder()


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive says of itself.

    Args:
        format: always `FORMAT`.
        schema: the revision of the ledger it was made of.
        keys: a fingerprint of each pseudonym key in use then, oldest first; empty when unknown.
        tables: each table's columns, in the order of its rows' values; parents before children.
    """

    format: str
    schema: str
    keys: list[str]
    tables: dict[str, list[str]]


class Chunk(Struct, frozen=True, array_like=True):
    """Some rows of one table."""

    table: str
    rows: list[list[Any]]


_header = msgspec.msgpack.Decoder(Header)
_chunk = msgspec.msgpack.Decoder(Chunk)


class Writer:
    """Writes frames and digests them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = sha256()

    def write(self, value: Header | Chunk) -> None:
        """Write one frame."""
        payload = _encoder.encode(value)
        frame = len(payload).to_bytes(_LENGTH_BYTES, "big") + payload
        self._digest.update(frame)
        self._stream.write(frame)

    def finish(self) -> None:
        """Say that nothing follows, and prove it."""
        self._stream.write(bytes(_LENGTH_BYTES) + self._digest.digest())


@contextmanager
def written(file: Path) -> Iterator[Writer]:
    """Write an archive that appears under its name, whole and on the disk, or not at all.

    Only its owner can read it: it holds what people reported.

    Raises:
        Rejected: it can't be written there, or another kind of file bears its name.
    """
    _check_place(file)
    draft = None
    try:
        handle, name = tempfile.mkstemp(prefix=f"{file.name}.", suffix=".new", dir=file.parent)
        draft = Path(name)
        with os.fdopen(handle, "wb") as outside:
            with gzip.GzipFile(filename="", fileobj=outside, mode="wb", compresslevel=3) as stream:
                writer = Writer(cast("BinaryIO", stream))
                yield writer
                writer.finish()
            outside.flush()
            os.fsync(outside.fileno())
        draft.replace(file)
    except OSError as error:
        raise Rejected(
            "archive.unwritable", "archive", f"it can't be written there: {error.strerror}"
        ) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _check_place(file: Path) -> None:
    try:
        with file.open("rb") as there:
            start = there.read(len(_GZIP))
    except FileNotFoundError:
        return
    except OSError as error:
        raise Rejected(
            "archive.unwritable", "archive", f"it can't be written there: {error.strerror}"
        ) from error
    if start not in {b"", _GZIP}:
        raise Rejected("archive.exists", "archive", "another kind of file has this name; it is left alone")


class Reader:
    """Reads an archive's frames in order.

    Args:
        stream: the frames, unpacked.

    Raises:
        Rejected: it is damaged, cut short or of another format.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = sha256()
        try:
            self.header = _header.decode(self._frame() or b"")
        except (msgspec.DecodeError, ValueError) as error:
            raise Rejected("archive.format", "archive", "not an archive of this version's format") from error
        if self.header.format != FORMAT:
            raise Rejected("archive.format", "archive", "not an archive of this version's format")

    def chunks(self) -> Iterator[Chunk]:
        """Give the rows; the last one is given only when the digest proves the whole.

        Raises:
            Rejected: it is damaged or cut short; what was given before must be undone.
        """
        while (payload := self._frame()) is not None:
            yield _chunk.decode(payload)
        if self._stream.read(_DIGEST_BYTES + 1) != self._digest.digest():
            raise Rejected("archive.damaged", "archive", "the archive's digest does not match")

    def _frame(self) -> bytes | None:
        head = self._stream.read(_LENGTH_BYTES)
        length = int.from_bytes(head, "big")
        if len(head) < _LENGTH_BYTES or length > LARGEST_FRAME:
            raise EOFError
        if not length:
            return None
        payload = self._stream.read(length)
        if len(payload) < length:
            raise EOFError
        self._digest.update(head + payload)
        return payload


@contextmanager
def opened(file: Path) -> Iterator[Reader]:
    """Open an archive.

    Raises:
        Rejected: it can't be read, is damaged, cut short or of another format.
    """
    try:
        outside = file.open("rb")
    except OSError as error:
        raise Rejected("archive.unreadable", "archive", f"it can't be read: {error.strerror}") from error
    try:
        with outside, gzip.GzipFile(fileobj=outside) as stream:
            yield Reader(cast("BinaryIO", stream))
    except gzip.BadGzipFile as error:
        raise Rejected("archive.damaged", "archive", "not an archive, or a damaged one") from error
    except (EOFError, OSError, zlib.error, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise Rejected("archive.damaged", "archive", "the archive is damaged or cut short") from error
