"""The steps of the schema, oldest first in `versions`. `composition.migrate` runs them."""
