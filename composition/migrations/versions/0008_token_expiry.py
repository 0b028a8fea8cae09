"""Tokens end by themselves; those there were before do not."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("token", sa.Column("expires_at", sa.DateTime))
