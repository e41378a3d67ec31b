"""The end of a process that runs flows: soon, whatever Prefect's server does.

Work at hand is finished, because a mail that is cut off from its record would be unknown. All else
only talks to Prefect: our lanes, and Prefect's own threads, which hold an interpreter that wants to
end until their server has answered. That is given up after a while. Nothing is lost by it: what a
tick did stands in our tables. Nothing here imports Prefect, so signals count from the first moment.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flows.children import stop_signals

GRACE = 10.0  # seconds for all that is no work, since the signal or the last work at hand
LIMIT = 50.0  # seconds for the work at hand; `abm up` kills a runner after 60
LOOK = 0.05  # seconds between two looks

# Set when this process was asked to end: ticks stop between two batches.
stopping = threading.Event()

logger = logging.getLogger(__name__)


# ---------------------------------------------------------------- work at hand


class Hands:
    """What this process has at hand, counted over all its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = 0
        self._emptied = time.monotonic()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Work that a stop must not cut off."""
        with self._lock:
            self._held += 1
        try:
            yield
        finally:
            with self._lock:
                self._held -= 1
                self._emptied = time.monotonic()

    def empty_since(self) -> float | None:
        """The monotonic second at which the last work was done; None while there is some."""
        with self._lock:
            return None if self._held else self._emptied


hands = Hands()


# ---------------------------------------------------------------- signals


def heed(then: Callable[[], object]) -> Callable[[], None]:
    """Call `then` in a thread of its own when somebody asks us to end: once, for all signals.

    What it gives returns the signals to whoever had them. The interpreter itself tells the thread,
    from wherever the signal strikes. A handler of ours would run in the main thread alone: one that
    sleeps may not be woken for it, and one that holds a lock would keep a handler waiting for ever.
    """
    heard, tell = os.pipe()
    os.set_blocking(tell, False)  # whoever asks a thousand times has been heard
    asking = stop_signals()

    def listen() -> None:
        called = False
        while told := os.read(heard, 1):  # nothing, once the signals were given back
            if not called and told[0] in asking:  # others that are handled come this way, too
                called = True
                then()
        os.close(heard)

    threading.Thread(target=listen, name="signals", daemon=True).start()
    woken = signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
    before = {signum: signal.signal(signum, lambda *_: None) for signum in asking}

    def give_back() -> None:
        for signum, earlier in before.items():
            signal.signal(signum, earlier)
        signal.set_wakeup_fd(woken)
        os.close(tell)

    return give_back


def end_when_asked() -> None:
    """Let a stop signal set `stopping`, and end this process soon after, at the latest by force."""
    heed(_end)


def _end() -> None:
    """Returns never: the process ends by itself meanwhile, or here; with 0, for it was asked to."""
    asked = time.monotonic()
    stopping.set()
    while not (why := _given_up(asked)):
        time.sleep(LOOK)
    try:
        _tell(why)
    finally:
        os._exit(0)


def _given_up(asked: float) -> str:
    """Why there is nothing to wait for any more; empty while there is."""
    now, idle = time.monotonic(), hands.empty_since()
    if now - asked > LIMIT:
        return f"work at hand did not end within {LIMIT:.0f} s; the next sweep takes it back"
    if idle is not None and now - max(asked, idle) > GRACE:
        return f"Prefect did not let go within {GRACE:.0f} s; no work was at hand"
    return ""


def _tell(why: str) -> None:
    """Log it; whoever should read the log may be as mute as the server."""
    teller = threading.Thread(target=logger.warning, args=("ends now: %s", why), daemon=True)
    teller.start()
    teller.join(1)
