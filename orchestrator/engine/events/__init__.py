"""What comes in: files and messages are understood, kept once, and do at once what they do."""
