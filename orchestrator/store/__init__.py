"""Every select() of the house. Functions take the session of the use case that called them.

What everything stands on:

    database     SQLite or PostgreSQL, its two kinds of transaction; sqlite: that one's settings
    migrations/  the schema's history
    tables       the tables, by the names that statements use
    statements   parts that statements are made of, where the two databases differ
    bulk         statements for thousands of rows, past SQLAlchemy's work on each

and then in the order of the data's way:

    people       accounts, contacts and what is known about them
    reviews      imports, and the questions that they leave for a person
    merging      accounts that became one: every cell that this changed, and the way back
    targets      nominations, sign-offs, account teams
    plays        playbooks, versions and agreements; the waking of plays
    enrolling    which enrollments may start, and whose account is free
    holding      pause, release and stop of playbooks, accounts and plays
    advancing    claim due enrollments, write what was decided on them
    facts        what deciding reads; with guards and rosters
    approvals    drafts without words, and the tasks that ask for a yes
    outgoing     how a touch moves: claim, intent, record, sweep
    letters      what a message is made from
    guards       what an intent reads again: stops, suppressions, caps, switches
    unknowns     what a person decides about single touches
    inbox        events, kept once and found again by what they name
    effects      what an event or a closed task changes
    tasks        the desk: whose task is next, who closed it first
    taking_back  the way back from a closed task or a reply that was read wrongly
    users        us, by name and by number; rosters: as assigning sees us
    scoring      what happened at accounts, and what it is worth; fading: that it counts less later
    log          the activity log; audit: who did what to the house, in a chain
    tokens       who calls the API, and under which keys; listing: what it reads, by id
    ticks        what is due, what each concern did last
    reports      the status page and an account's history; tallies: the whole log, counted

One statement runs in one of three ways. Records, one or a handful, come and go by the session
(`exec`, `scalars`, `get`, `add`). Columns, counts and changes are Core statements and run on
`session.connection()`, which flushes nothing and makes no objects. What runs for every batch of
`advance` and of `deliver` is a `bulk.Query` or `bulk.Bulk`. A statement that runs often is built
once, as a constant beside the function that runs it: building costs ten times as much as running.
"""
