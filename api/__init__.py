"""The HTTP interface for machines: routes by resource, problem+json errors, OpenAPI."""
