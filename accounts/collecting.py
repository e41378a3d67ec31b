"""The garbage collector, kept out of the way of work in bulk."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile.

    A batch is a hundred thousand values without a cycle among them, which go as soon as nobody
    holds them; looking through them again and again takes up to a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # Else the next value would have all there is looked through, for so many are new.
            gc.collect(0)
            gc.enable()
