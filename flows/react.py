"""React: from an event to the task it calls for, within a second."""

from prefect import flow

from flows.shared import FLOW, run


@flow(name="react", **FLOW)
def react() -> dict[str, int]:
    """One tick: new events are read, and whoever they woke is decided on at once.

    It claims woken enrollments only, so that 100,000 due ones never stand before an event, and
    leaves letters to `deliver`, because a mail server may take its time and the next event may not.
    Returns the counts of `ingest` and `advance`.
    """
    return run("react")


if __name__ == "__main__":
    react()
