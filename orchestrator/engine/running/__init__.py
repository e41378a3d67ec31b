"""The cycle of plays: start, decide, write, deliver, sweep."""
