"""The desk's tables. Facts (`report`) are kept apart from judgements (`verdict`)."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from tocsin.storage.tables import At, Id, metadata

_UNKNOWN_ORIGIN = text("sender_country = '' AND route_origin = ''")

report = Table(
    "report",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket", String(11), nullable=False),
    Column("received_at", At, nullable=False),
    Column("door", String(64), nullable=False),
    Column("member", String(64), nullable=False),
    Column("source", String(16), nullable=False),
    Column("message_id", String(255), nullable=False),
    Column("reporter", Id, nullable=True, comment="pseudonym"),
    Column("key_epoch", SmallInteger, nullable=False, comment="which key made the pseudonyms"),
    Column("jurisdiction", String(2), nullable=False),
    Column("claimed_category", String(64), nullable=False),
    Column("consent_to_share", Boolean, nullable=False),
    Column("comment", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("sent_at", At, nullable=True),
    Column("sender_kind", String(16), nullable=False),
    Column("sender", String(350), nullable=False),
    Column("sender_raw", String(350), nullable=False),
    Column("sender_country", String(2), nullable=False),
    Column("recipient", Id, nullable=True, comment="pseudonym"),
    Column("subject", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("route_kind", String(16), nullable=False),
    Column("route_origin", String(2), nullable=False),
    Column("route_network", String(64), nullable=False),
    Column("call_duration_s", Integer, nullable=True),
    Column("call_answered", Boolean, nullable=True),
    Column("call_recorded", Boolean, nullable=True),
    Column("campaign_id", Id, nullable=False),
    Index("ix_report_ticket", "ticket", unique=True),
    Index("ix_report_campaign_id", "campaign_id", "id"),
    Index(
        "ix_report_unknown_origin",
        "reporter",
        "received_at",
        sqlite_where=_UNKNOWN_ORIGIN,
        postgresql_where=_UNKNOWN_ORIGIN,
    ),
    sqlite_with_rowid=False,
)

verdict = Table(
    "verdict",
    metadata,
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True),
    Column("p_fraud", Float, nullable=False),
    Column("p_malware", Float, nullable=False),
    Column("p_commercial", Float, nullable=False),
    Column("p_nuisance", Float, nullable=False),
    Column("p_wanted", Float, nullable=False),
    Column("category", String(64), nullable=False),
    Column("language", String(16), nullable=False),
    Column("method_id", Id, ForeignKey("method.id"), nullable=False),
    sqlite_with_rowid=False,
)

method = Table(
    "method",
    metadata,
    Column("id", Id, primary_key=True, comment="digest of the three versions"),
    Column("model", String(64), nullable=False),
    Column("rules", String(64), nullable=False),
    Column("vocabulary", String(64), nullable=False),
)

report_key = Table(
    "report_key",
    metadata,
    Column("key", Id, primary_key=True, comment="digest of what may not count twice"),
    Column("report_id", Id, nullable=False),
    Column("ticket", String(11), nullable=False),
    Column("expires_at", At, nullable=True, comment="null: never; a door's own message id"),
    Index("ix_report_key_expires_at", "expires_at"),
    sqlite_with_rowid=False,
)
