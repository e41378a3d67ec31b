"""Until nothing more happens at this instant: the loop around whatever the dry run moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

_ROUNDS = 1_000  # what moves more often at one instant never comes to rest


def come_to_rest(
    name: str, now: datetime, next_at: Callable[[], datetime | None], once: Callable[[], None]
) -> None:
    """Do `once` as long as something is due at `now`; RuntimeError if that never ends."""
    for _ in range(_ROUNDS):
        due = next_at()
        if due is None or due > now:
            return
        once()
    raise RuntimeError(f"{name} does not come to rest at {now}")
