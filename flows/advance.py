"""Advance: start whoever may start, then decide on every enrollment that is due."""

from prefect import flow

from flows.shared import FLOW, run


@flow(name="advance", **FLOW)
def advance() -> dict[str, int]:
    """One tick: enrollments that their playbook's pace lets in, then batches of due ones.

    No network: what it decides stands in our tables as touches to deliver and tasks to do.
    Returns how many were decided, touches planned, tasks opened, steps held …
    """
    return run("advance")


if __name__ == "__main__":
    advance()
