"""The access review asks for the last log-ins: not by reading the whole audit."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_index("audit_action", "audit", ["action", "resource", "sequence"])
