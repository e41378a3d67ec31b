"""Ingest: read the events that lie in the drop folder."""

from prefect import flow

from flows.shared import FLOW, run


@flow(name="ingest", **FLOW)
def ingest() -> dict[str, int]:
    """One tick: each event is stored once, stops what it must stop, and wakes its enrollment.

    Returns how many events became what.
    """
    return run("ingest")


if __name__ == "__main__":
    ingest()
