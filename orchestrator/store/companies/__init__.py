"""Accounts, their people, what is known about both, and the one activity log."""
