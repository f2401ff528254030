"""Keeping conversations, on both engines."""

from msgspec.msgpack import encode
from sqlalchemy import insert, select

from tocsin.doors.dialogue.records import Question, Session
from tocsin.doors.dialogue.store import PURGE_EVERY, Sessions, session_key
from tocsin.doors.dialogue.tables import dialogue_session
from tocsin.records import Pseudonym
from tocsin.storage.engine import Storage

A, B = session_key("door", Pseudonym(b"a" * 16)), session_key("door", Pseudonym(b"b" * 16))
TOLD = Session(language="ar", open=(Question(b"12345678", "TTTTT-00001", asked=True),), told=("TTTTT-00001",))


def test_what_is_saved_is_loaded(storage: Storage) -> None:
    """Many in one transaction; unknown ones are new."""
    sessions = Sessions(storage)
    sessions.save({A: (TOLD, 100)}, 1)
    assert sessions.load([A, B], 1) == {A: TOLD, B: Session()}


def test_saving_again_replaces(storage: Storage) -> None:
    """One row a conversation."""
    sessions = Sessions(storage)
    sessions.save({A: (Session(), 100)}, 1)
    sessions.save({A: (TOLD, 100), B: (TOLD, 100)}, 2)
    assert sessions.load([A], 2) == {A: TOLD}


def test_an_expired_session_is_not_loaded(storage: Storage) -> None:
    """Purged or not."""
    sessions = Sessions(storage)
    sessions.save({A: (TOLD, 100)}, 1)
    assert sessions.load([A], 100) == {A: Session()}


def test_expired_sessions_are_purged_now_and_then(storage: Storage) -> None:
    """While others are written."""
    sessions = Sessions(storage)
    sessions.save({A: (TOLD, 100)}, 1)
    sessions.save({B: (TOLD, 10 * PURGE_EVERY)}, 1 + PURGE_EVERY)
    with storage.reading() as connection:
        assert connection.execute(select(dialogue_session.c.key)).scalars().all() == [B]


def test_a_session_of_a_later_version_or_a_damaged_one_is_read_or_new(storage: Storage) -> None:
    """Fields are added at the end; nothing stops the dialogue."""
    later = [*("", False, [], 0, "", 0, "", [], ["TTTTT-00001"], 0, 0, 0, False), "added later"]
    with storage.writing() as connection:
        connection.execute(
            insert(dialogue_session),
            [
                {"key": A, "state": encode(later), "expires_at": 100},
                {"key": B, "state": b"\xc1", "expires_at": 100},
            ],
        )
    assert Sessions(storage).load([A, B], 1) == {A: Session(told=("TTTTT-00001",)), B: Session()}


def test_doors_keep_their_conversations_apart() -> None:
    """The same person at another door is another conversation."""
    person = Pseudonym(b"a" * 16)
    assert session_key("one", person) != session_key("two", person)
