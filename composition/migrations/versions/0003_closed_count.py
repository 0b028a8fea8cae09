"""How many events a group had when it was closed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("alert_group", sa.Column("closed_count", sa.BigInteger))
