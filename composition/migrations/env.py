"""What Alembic runs: the steps on the connection it was handed, inside that connection's transaction."""

from alembic import context

# As batch: SQLite changes a table by copying it.
context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
context.run_migrations()
