"""Facts of persons and posts; shifts and hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


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
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("starts_at", sa.DateTime, nullable=False),
        sa.Column("ends_at", sa.DateTime, nullable=False),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("shift.id"), unique=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sa.Column("recorded_by", sa.String, nullable=False),
    )
    op.create_index("shift_of", "shift", ["unit_id", "starts_at"])
    op.create_index("ix_shift_starts_at", "shift", ["starts_at"])
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("given_by", sa.String, nullable=False),
        sa.Column("taken_by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )
    op.create_index("hand_over_of", "hand_over", ["unit_id", "at"])
