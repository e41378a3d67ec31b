"""The cycle of plays: claim, read, decide, write, hand out, settle."""
