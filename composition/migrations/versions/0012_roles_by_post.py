"""Roles by post: people who only read are leaders; a reader is a machine's token."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("update account set role = 'leader' where role = 'reader'")
