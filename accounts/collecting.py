"""The garbage collector, kept out of the way of work in bulk."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, acyclic: bool = False) -> Iterator[None]:
    """No garbage collection meanwhile.

    A batch is a hundred thousand values without a cycle among them, which go as soon as nobody
    holds them; looking through them again and again takes up to a fifth of the time. Once is enough
    afterwards, and where it is sure that the work is `acyclic`, not even that is needed.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            # Else the next value would have all there is looked through, for so many are new.
            if acyclic and not gc.get_freeze_count():
                _take_for_old()
            else:
                gc.collect(0)
            gc.enable()


def _take_for_old() -> None:
    """Put everything among the old, unlooked at: freezing and unfreezing does so at one stroke."""
    gc.freeze()
    gc.unfreeze()
