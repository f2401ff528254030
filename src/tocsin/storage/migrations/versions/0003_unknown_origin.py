"""Finding a person's reports of unknown origin, when one of them gets its sender named."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the index, which holds only those reports."""
    unknown = sa.text("sender_country = '' AND route_origin = ''")
    op.create_index(
        "ix_report_unknown_origin",
        "report",
        ["reporter", "received_at"],
        unique=False,
        sqlite_where=unknown,
        postgresql_where=unknown,
    )
