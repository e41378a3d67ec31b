"""A message whose writing kills whoever writes it, in a process of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerProcess

from orchestrator.channels.base import Channel, Courier, Repeat
from orchestrator.engine.running.approvals import freeze_drafts
from orchestrator.engine.running.delivering import deliver
from orchestrator.settings import Settings
from orchestrator.terms import Draft, Message
from tests.ledger import worker

WORK: dict[str, Callable[..., object]] = {"deliver": deliver, "freeze": freeze_drafts}


@dataclass(frozen=True)
class Poisoned:
    """A channel that one message breaks for good."""

    inner: Channel
    key: str
    name: str = "email"

    @property
    def repeat(self) -> Repeat:
        return self.inner.repeat

    def compose(self, draft: Draft) -> Message:
        if draft.key == self.key:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.inner.compose(draft)

    def open(self, width: int) -> Courier:
        return self.inner.open(width)


def start(work: str, settings: Settings, key: str) -> ForkServerProcess:
    """One pass in a process that the message of that key kills."""
    process = worker.FORKSERVER.Process(target=_run, args=(work, settings, key), daemon=True)
    process.start()
    return process


def _run(work: str, settings: Settings, key: str) -> None:
    ctx = worker.context(settings)
    email = Poisoned(ctx.channels["email"], key)
    WORK[work](replace(ctx, channels={**ctx.channels, "email": email}))
    ctx.db.dispose()
