"""Sweep: take back what died or frozen processes left behind."""

from prefect import flow

from flows.shared import FLOW, run


@flow(name="sweep", **FLOW)
def sweep() -> dict[str, int]:
    """One tick: touches whose lease ran out go back to the queue, or become `unknown`.

    This, and never a Prefect state, is how the engine recovers from a killed process.
    Returns how many went where.
    """
    return run("sweep")


if __name__ == "__main__":
    sweep()
