"""Partitions that have ended leave a row instead of a folder."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "retired_partition",
        sa.Column("partition", sa.String, primary_key=True),
        sa.Column("producer", sa.String, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
        sa.Column("shelved", sa.BigInteger, nullable=False),
        sa.Column("damaged", sa.BigInteger, nullable=False),
        sa.Column("retired_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_retired_partition_producer", "retired_partition", ["producer"])
