"""A play knows when it last went on after a pause, so that what it missed is spread out."""

import sqlalchemy as sa
from alembic import op

from accounts.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enrollment") as table:
        table.add_column(sa.Column("resumed_at", Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enrollment") as table:
        table.drop_column("resumed_at")
