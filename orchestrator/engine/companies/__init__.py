"""Whom a record is about: imports, matching, and what becomes known of an account."""
