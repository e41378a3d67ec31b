"""When: Prefect flows that schedule, retry and limit; the work is in `orchestrator.engine`.

A flow run is one tick of one concern, a task run is one batch of it. Prefect keeps no state of a
play: lose its database and no customer is lost.
"""
