"""Scenarios: what happens to an account and its people, and what a play makes of it in a dry run.

`telling` is a scenario as a value, `running` lets it happen, `dry_run` is the world in which it
happens without a database or anything that leaves the house.
"""
