"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables of the spine."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("first_seen", sa.BigInteger(), nullable=False),
        sa.Column("last_seen", sa.BigInteger(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False, comment="of the first report"),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("p_unwanted", sa.Float(), nullable=False, comment="sum over its reports"),
        sa.Column("sender", sa.String(length=350), nullable=False, comment="of the first report"),
        sa.Column("jurisdiction", sa.String(length=2), nullable=False),
        sa.Column("example", sa.Text(), nullable=False, comment="redacted"),
        sa.Column("signature", sa.LargeBinary(), nullable=True, comment="64 little-endian uint32"),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaign_last_seen", "campaign", ["last_seen", "id"], unique=False)
    op.create_index("ix_campaign_reports", "campaign", ["reports", "id"], unique=False)
    op.create_table(
        "campaign_key",
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_campaign_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cell",
        sa.Column("grain", sa.String(length=4), nullable=False, comment="hour or day"),
        sa.Column(
            "bucket",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="start of the hour or day, UTC",
        ),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=2), nullable=False),
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("destination", sa.String(length=2), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False, comment="reports"),
        sa.Column(
            "spam", sa.BigInteger(), nullable=False, comment="of them unwanted, at probability one half"
        ),
        sa.Column("reporters", sa.LargeBinary(), nullable=False, comment="Theta sketch of pseudonyms"),
        sa.PrimaryKeyConstraint(
            "grain",
            "bucket",
            "source",
            "channel",
            "category",
            "origin",
            "route",
            "destination",
            "member",
            name=op.f("pk_cell"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_cell_source_bucket", "cell", ["grain", "source", "bucket"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True, comment="null: parked"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_due_at", "job", ["due_at"], unique=False)
    op.create_table(
        "method",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False, comment="digest of the three versions"),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("vocabulary", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_method")),
    )
    op.create_table(
        "report",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ticket", sa.String(length=11), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.String(length=64), nullable=False),
        sa.Column("member", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("reporter", sa.LargeBinary(length=16), nullable=True, comment="pseudonym"),
        sa.Column("key_epoch", sa.SmallInteger(), nullable=False, comment="which key made the pseudonyms"),
        sa.Column("jurisdiction", sa.String(length=2), nullable=False),
        sa.Column("claimed_category", sa.String(length=64), nullable=False),
        sa.Column("consent_to_share", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("sender_kind", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=350), nullable=False),
        sa.Column("sender_raw", sa.String(length=350), nullable=False),
        sa.Column("sender_country", sa.String(length=2), nullable=False),
        sa.Column("recipient", sa.LargeBinary(length=16), nullable=True, comment="pseudonym"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("route_kind", sa.String(length=16), nullable=False),
        sa.Column("route_origin", sa.String(length=2), nullable=False),
        sa.Column("route_network", sa.String(length=64), nullable=False),
        sa.Column("call_duration_s", sa.Integer(), nullable=True),
        sa.Column("call_answered", sa.Boolean(), nullable=True),
        sa.Column("call_recorded", sa.Boolean(), nullable=True),
        sa.Column("campaign_id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_campaign_id", "report", ["campaign_id", "id"], unique=False)
    op.create_index("ix_report_ticket", "report", ["ticket"], unique=True)
    op.create_table(
        "report_key",
        sa.Column(
            "key", sa.LargeBinary(length=16), nullable=False, comment="digest of what may not count twice"
        ),
        sa.Column("report_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("ticket", sa.String(length=11), nullable=False),
        sa.Column(
            "expires_at", sa.BigInteger(), nullable=True, comment="null: never; a door's own message id"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_report_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_key_expires_at", "report_key", ["expires_at"], unique=False)
    op.create_table(
        "verdict",
        sa.Column("report_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("p_fraud", sa.Float(), nullable=False),
        sa.Column("p_malware", sa.Float(), nullable=False),
        sa.Column("p_commercial", sa.Float(), nullable=False),
        sa.Column("p_nuisance", sa.Float(), nullable=False),
        sa.Column("p_wanted", sa.Float(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("method_id", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(["method_id"], ["method.id"], name=op.f("fk_verdict_method_id_method")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["report.id"], name=op.f("fk_verdict_report_id_report"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_verdict")),
        sqlite_with_rowid=False,
    )
