"""The dialogue's one table: what is remembered of each conversation, for a day or so."""

from sqlalchemy import Column, Index, LargeBinary, Table

from tocsin.storage.tables import At, Id, metadata

# A session is read and written as a whole and asked for by nothing but its key: so it is one value.
dialogue_session = Table(
    "dialogue_session",
    metadata,
    Column("key", Id, primary_key=True, comment="digest of the door's name and the reporter's pseudonym"),
    Column("state", LargeBinary, nullable=False, comment="MessagePack of dialogue.records.Session"),
    Column("expires_at", At, nullable=False),
    Index("ix_dialogue_session_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)
