"""What every room's tables are made of: one metadata, and the column types they share.

Ids are 16 bytes (UUID in network order), instants are integers (microseconds, UTC): the same bytes
mean the same on SQLite and PostgreSQL, and neither driver spends time on converting them.
"""

from sqlalchemy import BigInteger, LargeBinary, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = LargeBinary(16)
At = BigInteger
