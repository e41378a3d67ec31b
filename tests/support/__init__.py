"""What the tests stand on: a real PostgreSQL, real sinks and a real Prefect server.

Each is a process of its own, dies with the test session, and keeps its own books: a sink's accept
log is the witness of what left the house, never a table of ours.
"""
