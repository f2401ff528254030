"""Remembering how far each call-record file was read, across restarts."""

import os
from hashlib import blake2b
from pathlib import Path

import msgspec

from tocsin.errors import Misconfigured


class Positions:
    """A door's positions in a file of the node's data folder.

    The file is written after the reports are durable: what a crash lets be read twice counts once, by its
    message id.

    Args:
        folder: the node's data folder.
        door: the door's name.
    """

    def __init__(self, folder: Path, door: str) -> None:
        # A door's name may hold anything; a file's may not.
        name = blake2b(door.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        self._file = folder / "calls" / f"{name}.json"

    def load(self) -> dict[str, int]:
        """Return each file's position by its id; nothing for a new door.

        Raises:
            Misconfigured: they can't be read. They are never guessed.
        """
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise Misconfigured(f"the positions in {self._file.name} are damaged") from error

    def save(self, positions: dict[str, int]) -> None:
        """Replace the file, durably.

        Raises:
            OSError: it can't be written now.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".new")
        with draft.open("wb") as stream:
            stream.write(msgspec.json.encode(positions))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self._file)
