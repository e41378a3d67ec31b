"""Use cases: each opens its transaction, orders the work, and hands values between the floors.

Rooms, from the top: `pages` reads, `plays` is playbooks and who runs them, `tasks` a rep's work,
`review` what a person decides about records, `events` what comes in, `companies` whom a record is
about, `running` the cycle from start to delivery, `staff` our own people.
"""
