"""The vocabulary of the house: data in motion, scopes, queries, ports. No IO, no framework."""
