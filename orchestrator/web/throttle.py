"""How often one may try: a token bucket for each key, in this process."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

KEYS = 10_000  # the buckets that are kept; the one unused for longest goes first


class Throttle:
    """`burst` tries at once, then one every `every` seconds, for each key."""

    def __init__(
        self, burst: int, every: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._every, self._clock = burst, every, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Take one try of the key; False when there is none left."""
        with self._lock:
            now = self._clock()
            left, at = self._buckets.pop(key, (float(self._burst), now))
            left = min(self._burst, left + (now - at) / self._every)
            allowed = left >= 1
            self._buckets[key] = (left - allowed, now)
            if len(self._buckets) > KEYS:
                self._buckets.popitem(last=False)
            return allowed
