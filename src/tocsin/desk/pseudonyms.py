"""Turning reporters into keyed pseudonyms before anything is stored.

HMAC-SHA256 (RFC 2104) over the canonical number or address, truncated to 16 bytes. A plain hash of a
phone number is reversed by counting through all numbers; without the key this one is not. The keys lie
in the data folder, not in the ledger, so that a copy of the ledger alone names nobody.
"""

import hmac
import os
import secrets
from pathlib import Path

from tocsin.errors import Misconfigured
from tocsin.records import Pseudonym
from tocsin.text.senders import canonical_address

_KEY_BYTES = 32


class Keyring:
    """The node's pseudonym keys, the newest in use.

    Args:
        keys: 32 bytes each; a key's place is its epoch.
    """

    def __init__(self, keys: list[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise Misconfigured("the pseudonym keys are missing or damaged")
        self._keys = keys

    @property
    def epoch(self) -> int:
        """Which key is in use."""
        return len(self._keys) - 1

    def pseudonym(self, address: str, country: str) -> Pseudonym | None:
        """Return the stand-in for a number or address; None for an empty one.

        Args:
            address: a phone number, e-mail address or handle as the door gave it.
            country: ISO 3166-1 alpha-2 by which a national number is read.
        """
        if not address:
            return None
        canonical = canonical_address(address, country).encode("utf-8", "surrogatepass")
        return Pseudonym(hmac.digest(self._keys[-1], canonical, "sha256")[:16])


def open_keyring(folder: Path) -> Keyring:
    """Read the data folder's keys, making the first one on a new node.

    Raises:
        Misconfigured: the file is there but damaged. It is never replaced: every reporter would change.
    """
    file = folder / "pseudonym.keys"
    if not file.exists():
        _write(file, [secrets.token_bytes(_KEY_BYTES)])
    try:
        return Keyring([bytes.fromhex(line) for line in file.read_text(encoding="ascii").split()])
    except ValueError as error:
        raise Misconfigured("the pseudonym keys are missing or damaged") from error


def rotate(folder: Path) -> int:
    """Add a new key and put it in use; returns its epoch. Older pseudonyms keep theirs."""
    file = folder / "pseudonym.keys"
    keys = [bytes.fromhex(line) for line in file.read_text(encoding="ascii").split()] if file.exists() else []
    _write(file, [*keys, secrets.token_bytes(_KEY_BYTES)])
    return len(keys)


def _write(file: Path, keys: list[bytes]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write("".join(f"{key.hex()}\n" for key in keys))
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
