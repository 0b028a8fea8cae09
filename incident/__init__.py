"""From alerts to the queue an analyst works on."""
