"""Rules over events: match, correlate, explain."""
