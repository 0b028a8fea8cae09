"""Where bytes rest: the spool, the events, the relational database."""
