"""Keeping conversations in the ledger: many in one transaction, each for as long as it is needed."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b

import msgspec
from sqlalchemy import delete

from tocsin.doors.dialogue.records import Session
from tocsin.doors.dialogue.tables import dialogue_session
from tocsin.records import SECOND, Pseudonym
from tocsin.storage.bulk import find_rows
from tocsin.storage.engine import Storage

PURGE_EVERY = 600 * SECOND
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Session)


def session_key(door: str, reporter: Pseudonym) -> bytes:
    """Return the 16 bytes under which a reporter's conversation with a door is kept."""
    return blake2b(door.encode() + b"\0" + reporter, digest_size=16).digest()


class Sessions:
    """The conversations of one ledger.

    Args:
        storage: the ledger.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._purged_at = 0

    def load(self, keys: Iterable[bytes], now: int) -> dict[bytes, Session]:
        """Read conversations; one that is new, expired or unreadable is an empty `Session`."""
        sessions = dict.fromkeys(keys, Session())
        if not sessions:
            return sessions
        query = "SELECT key, state, expires_at FROM dialogue_session WHERE key IN"
        with self._storage.reading() as connection:
            rows = list(find_rows(connection, query, sorted(sessions)))
        for key, state, expires_at in rows:
            if expires_at > now:
                sessions[bytes(key)] = _read(bytes(state))
        return sessions

    def save(self, sessions: Mapping[bytes, tuple[Session, int]], now: int) -> None:
        """Write conversations with the instant each expires at, in one transaction; drop expired ones.

        Raises:
            Busy: the ledger can't be written now; nothing was.
        """
        if not sessions:
            return
        # In the order of their keys, so that two writers never wait for each other.
        rows = [
            (key, _encoder.encode(session), expires) for key, (session, expires) in sorted(sessions.items())
        ]
        with self._storage.writing() as connection:
            mark = "?" if self._storage.is_sqlite else "%s"
            connection.exec_driver_sql(
                f"INSERT INTO dialogue_session (key, state, expires_at) VALUES ({mark}, {mark}, {mark})"
                " ON CONFLICT (key) DO UPDATE SET state = excluded.state, expires_at = excluded.expires_at",
                rows,
            )
            if not self._purged_at <= now < self._purged_at + PURGE_EVERY:
                connection.execute(delete(dialogue_session).where(dialogue_session.c.expires_at <= now))
                self._purged_at = now


def _read(state: bytes) -> Session:
    try:
        return _decoder.decode(state)
    except msgspec.DecodeError:
        return Session()
