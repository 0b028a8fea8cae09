"""The one query language: text -> syntax tree (`grammar`), tree -> each store's own form (in the stores)."""
