"""Servers that stand in for the world outside: demos, trials and tests run them.

Each is a process of its own, so that its log is a witness, and needs only the standard library.
"""
