"""Finding a channel's campaigns, and counting the active ones, among those that may be shown."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the index, which holds only campaigns of five reports and more."""
    public = sa.text("reports >= 5")
    op.create_index(
        "ix_campaign_public",
        "campaign",
        ["channel", "last_seen", "id", "simulated", "reports"],
        unique=False,
        sqlite_where=public,
        postgresql_where=public,
    )
