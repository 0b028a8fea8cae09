"""Second factors, half log-ins, invitations, and when an account was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "authenticator",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("used_step", sa.Integer, nullable=False),
        sa.Column("enrolled_at", sa.DateTime, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("wrong_since", sa.DateTime),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"])
    op.create_table(
        "half_log_in",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("begun_at", sa.DateTime, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
    )
    op.create_index("ix_half_log_in_account_id", "half_log_in", ["account_id"])
    op.create_table(
        "invitation",
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )
    op.add_column("account", sa.Column("active_at", sa.DateTime, nullable=False, server_default="1970-01-01 00:00:00"))
    # From the upgrade on, so that nobody is kept out who was not warned.
    op.execute("update account set active_at = current_timestamp")
