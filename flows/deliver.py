"""Deliver: let what is due leave the house, at most once."""

from prefect import flow

from flows.shared import FLOW, run


@flow(name="deliver", **FLOW)
def deliver() -> dict[str, int]:
    """One tick: due touches in batches, each with its intent stored before its point of no return.

    A message that the other side asks to try later is due again in our tables; Prefect retries
    nothing, because a repeated task would be a repeated mail.
    Returns how many were sent, held, suppressed, failed, unknown …
    """
    return run("deliver")


if __name__ == "__main__":
    deliver()
