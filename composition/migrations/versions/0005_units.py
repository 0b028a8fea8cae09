"""Facts of the units; accounts and tokens of one unit."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("alter table unit rename column id to unit_id")
    op.create_table(
        "unit_fact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("parent_id", sa.String),
        sa.Column("successor_id", sa.String),
        sa.Column("decision", sa.String, nullable=False),
        sa.Column("decided_on", sa.Date),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("unit_fact.id"), unique=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("unit_fact_of", "unit_fact", ["unit_id"])
    op.add_column("account", sa.Column("unit_id", sa.String))
    op.add_column("token", sa.Column("unit_id", sa.String))
