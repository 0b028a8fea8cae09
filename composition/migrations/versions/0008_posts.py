"""Facts of persons and posts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "post_fact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("post_fact.id"), unique=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("post_fact_of", "post_fact", ["unit_id"])
