"""The event store: one port, an adapter per engine."""
