"""What `canh up` runs: one file per process, each with `run(settings) -> int`."""
