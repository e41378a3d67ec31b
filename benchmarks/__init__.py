"""Speed beside the bare driver and beside peers: runnable scripts that print ratios of one run."""
