"""A guard against what does not end: no measurement, for machines are shared and noisy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ends(seconds: float = 30) -> Iterator[None]:
    """Fail where the block took far longer than any machine needs: a slow path takes for ever."""
    started = time.process_time()
    yield
    spent = time.process_time() - started
    assert spent < seconds, f"it worked for {spent:.0f} seconds"
