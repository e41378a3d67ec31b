"""What comes in, kept once, and what it changes."""
