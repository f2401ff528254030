"""What the reporting dialogue remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of the dialogue's sessions."""
    op.create_table(
        "dialogue_session",
        sa.Column(
            "key",
            sa.LargeBinary(length=16),
            nullable=False,
            comment="digest of the door's name and the reporter's pseudonym",
        ),
        sa.Column(
            "state", sa.LargeBinary(), nullable=False, comment="MessagePack of dialogue.records.Session"
        ),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dialogue_session")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dialogue_session_expires_at", "dialogue_session", ["expires_at"], unique=False)
