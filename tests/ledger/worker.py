"""The real engine in a process of its own, fit to be killed or frozen at a named point.

A server process that has imported everything forks a child for each job (standard library:
`multiprocessing`, method forkserver), so that a case costs milliseconds and inherits no connection.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess

from orchestrator.channels import build_channels
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.support.cast import NOW

WIDTH = 2

FORKSERVER = multiprocessing.get_context("forkserver")
FORKSERVER.set_forkserver_preload(["tests.ledger.worker"])


def nothing(_point: str) -> None:
    """No point is special."""


def context(
    settings: Settings, at: datetime = NOW, probe: Callable[[str], None] = nothing
) -> Context:
    """The house as its settings want it, at a business time that stands still."""
    db, channels = Database(settings.database_url), build_channels(settings)
    return Context(db, ManualClock(at), settings, channels, probe=probe)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of the engine's work, and where the process gets `signal` while it does it.

    `work` is deliver, sweep, advance, receive or run (sweep and deliver until it is killed).
    """

    work: str
    settings: Settings
    point: str = ""
    nth: int = 1
    signal: signal.Signals = signal.SIGKILL
    lease: timedelta = timedelta(minutes=5)
    width: int = WIDTH
    limit: int = 200
    at: datetime = NOW
    events: Sequence[RawEvent] = ()


class Fuse:
    """The probe: at the n-th pass of its point it signals its own process."""

    def __init__(self, job: Job) -> None:
        self._job, self._left = job, job.nth

    def __call__(self, point: str) -> None:
        if point == self._job.point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._job.signal)


def start(job: Job) -> ForkServerProcess:
    """The job in a child of its own; its `exitcode` is -9 if the fuse killed it."""
    process = FORKSERVER.Process(target=_run, args=(job,), daemon=True)
    process.start()
    return process


def _run(job: Job) -> None:
    ctx = context(job.settings, job.at, Fuse(job))
    WORK[job.work](ctx, job)
    ctx.db.dispose()


def _run_on(ctx: Context, job: Job) -> None:
    """Until somebody kills us; business time moves on while nothing is due."""
    assert isinstance(ctx.clock, ManualClock)
    while True:
        sweep(ctx)
        if not deliver(ctx, limit=job.limit, width=job.width, lease=job.lease).claimed:
            ctx.clock.advance(timedelta(minutes=5))
            time.sleep(0.02)


WORK: Mapping[str, Callable[[Context, Job], object]] = {
    "deliver": lambda ctx, job: deliver(ctx, limit=job.limit, width=job.width, lease=job.lease),
    "sweep": lambda ctx, _: sweep(ctx),
    "advance": lambda ctx, job: advance(ctx, lease=job.lease),
    "receive": lambda ctx, job: receive(ctx, job.events),
    "run": _run_on,
}
