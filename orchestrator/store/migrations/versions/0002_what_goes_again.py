"""What got no clear answer and goes again is found by the index of what may be claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

WAITING = "(status = 'ready' OR (status = 'sending' AND owner = ''))"


def upgrade() -> None:
    op.drop_index("touch_ready", "touch")
    op.create_index(
        "touch_ready",
        "touch",
        ["due_at", "account_id"],
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )
