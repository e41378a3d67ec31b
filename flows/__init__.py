"""When: Prefect flows that schedule, retry and limit; the work is in `orchestrator.engine`."""
