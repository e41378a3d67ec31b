"""How far long work has come, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # called with (done, of how many)


def unwatched(_done: int, _of: int) -> None:
    """Nobody watches."""
