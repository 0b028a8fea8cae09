"""Grafana dashboards as code. `python -m dashboards` writes the JSON of `generated/`, which is committed."""
