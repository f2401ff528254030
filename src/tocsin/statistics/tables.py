"""The cells: one row for each combination of dimensions in which something was counted."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table

from tocsin.storage.tables import At, metadata

cell = Table(
    "cell",
    metadata,
    Column("grain", String(4), primary_key=True, comment="hour or day"),
    Column("bucket", At, primary_key=True, autoincrement=False, comment="start of the hour or day, UTC"),
    Column("source", String(16), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("category", String(64), primary_key=True),
    Column("origin", String(2), primary_key=True),
    Column("route", String(16), primary_key=True),
    Column("destination", String(2), primary_key=True),
    Column("member", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False, comment="reports"),
    Column("spam", BigInteger, nullable=False, comment="of them unwanted, at probability one half"),
    Column("reporters", LargeBinary, nullable=False, comment="Theta sketch of pseudonyms"),
    Index("ix_cell_source_bucket", "grain", "source", "bucket"),
    sqlite_with_rowid=False,
)

DIMENSIONS = ("source", "channel", "category", "origin", "route", "destination", "member")
"""The dimensions beside time, in the key's order."""
