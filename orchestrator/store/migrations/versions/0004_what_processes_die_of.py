"""How many processes have died with a message in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    column = sa.Column("swept", sa.Integer(), nullable=False, server_default=sa.text("0"))
    op.add_column("touch", column)
