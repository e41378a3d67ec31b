"""Every select() of the house. Functions take the session of the use case that called them.

What everything stands on:

    database     SQLite or PostgreSQL, its two kinds of transaction; sqlite: that one's settings
    migrations/  the schema's history
    tables       the tables, by the names that statements use
    statements   parts that statements are made of, where the two databases differ
    bulk         statements for thousands of rows, past SQLAlchemy's work on each

and above it rooms, named as those of the engine, from the top:

    pages        what people and programs read, a page at a time
    tasks        the desk: whose task is next, who closed it first, and the way back
    events       the inbox, and what an event or a closed task changes
    running      the cycle: claim, read, decide, write, hand out, settle
    plays        playbooks and versions; who may start, who is held, who moves
    companies    accounts, people, scores, merges, and the one activity log
    staff        us: who is let in, who is away, and the audit log of who did what

One statement runs in one of three ways. Records, one or a handful, come and go by the session
(`exec`, `scalars`, `get`, `add`). Columns, counts and changes are Core statements and run on
`session.connection()`, which flushes nothing and makes no objects. What runs for every batch of
`advance` and of `deliver` is a `bulk.Query` or `bulk.Bulk`. A statement that runs often is built
once, as a constant beside the function that runs it: building costs ten times as much as running.
"""
