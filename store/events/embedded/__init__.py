"""The embedded event store on tantivy."""
