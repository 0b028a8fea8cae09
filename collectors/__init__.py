"""Sources: one file each reads bytes and frames them into records."""
