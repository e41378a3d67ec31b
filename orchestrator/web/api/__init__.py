"""The API: what the pages do, for programs. Handlers call the use cases that the pages call, and
guards ask the table that the pages' guards ask."""
