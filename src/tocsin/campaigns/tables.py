"""The campaigns' tables. A campaign's id is the id of the report that opened it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from tocsin.records import SMALLEST_COUNT
from tocsin.storage.tables import At, Id, metadata

PUBLIC = text(f"reports >= {SMALLEST_COUNT}")
"""Which campaigns may be shown with their counts. Written out: a bound value would not find the index."""

campaign = Table(
    "campaign",
    metadata,
    Column("id", Id, primary_key=True),
    Column("first_seen", At, nullable=False),
    Column("last_seen", At, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("channel", String(16), nullable=False, comment="of the first report"),
    Column("language", String(16), nullable=False),
    Column("category", String(64), nullable=False),
    Column("p_unwanted", Float, nullable=False, comment="sum over its reports"),
    Column("sender", String(350), nullable=False, comment="of the first report"),
    Column("jurisdiction", String(2), nullable=False),
    Column("example", Text, nullable=False, comment="redacted"),
    Column("signature", LargeBinary, nullable=True, comment="64 little-endian uint32"),
    Column("simulated", Boolean, nullable=False),
    Index("ix_campaign_last_seen", "last_seen", "id"),
    Index("ix_campaign_reports", "reports", "id"),
    Index(
        "ix_campaign_public",
        "channel",
        "last_seen",
        "id",
        "simulated",
        "reports",
        sqlite_where=PUBLIC,
        postgresql_where=PUBLIC,
    ),
    sqlite_with_rowid=False,
)

campaign_key = Table(
    "campaign_key",
    metadata,
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("campaign_id", Id, nullable=False),
    sqlite_with_rowid=False,
)
