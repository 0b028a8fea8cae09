"""Service accounts, and the tokens that belong to them. The tokens there are belong to none, until they are renewed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "service_account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("purpose", sa.String, nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("unit_id", sa.String),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("closed_at", sa.DateTime),
    )
    op.create_index("ix_service_account_key", "service_account", ["key"])
    # In one step, for SQLite adds no constraint afterwards.
    op.execute("alter table token add column service_account_id integer references service_account (id)")
    op.create_index("ix_token_service_account_id", "token", ["service_account_id"])
