"""Bodies with their dated roles."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "body_fact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("body_fact.id"), unique=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
