"""Durable queues between processes."""
