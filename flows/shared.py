"""What every flow shares: this process's context, the batch as a task, and the tick around it."""

from __future__ import annotations

import logging
import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from prefect import runtime, task
from prefect.cache_policies import NO_CACHE

from accounts.errors import AbmError
from flows import reporting
from flows.ending import hands, stopping
from orchestrator.engine.context import Context
from orchestrator.engine.ticking import BATCHES, Work, tick, told

# Ticks are idempotent and the next one is at most a tick away: nothing is retried or remembered.
FLOW: dict[str, Any] = {"persist_result": False, "validate_parameters": False}

_context: list[Context] = []
_building = threading.Lock()


logger = logging.getLogger(__name__)


class TickFailed(Exception):
    """A tick failed and its row says why; raised so that Prefect shows a failed flow run."""


class BatchFailed(AbmError):
    """A batch failed; says so in one line, because Prefect shows it to whoever may look."""


def provide(ctx: Context) -> None:
    """Let the flows of this process work on `ctx` instead of the project in ABM_PROJECT."""
    _context[:] = [ctx]


def context() -> Context:
    """This process's context, built on first use, with the id of the flow run that asks."""
    with _building:
        if not _context:
            provide(_built())
    return replace(_context[0], flow_run_id=str(runtime.flow_run.id or ""))


def _built() -> Context:
    from orchestrator.app import build
    from orchestrator.settings import FILE, load
    from orchestrator.veil import draw

    project = Path(os.environ.get("ABM_PROJECT", ".")).absolute()
    if not (project / FILE).is_file():
        raise AbmError(f"there is no {FILE} in {project}", "set ABM_PROJECT to the project")
    settings = load(project)
    draw(settings)
    ctx = build(settings).ctx
    ctx.db.check_schema()
    return ctx


@task(task_run_name="{name}", cache_policy=NO_CACHE, persist_result=False)
def batch(name: str) -> Work:
    """One leased batch: a second or two of work in short transactions.

    Raises `BatchFailed`; what exactly went wrong may name people, so it stays in our own log.
    """
    try:
        with hands.hold():
            return BATCHES[name](context())
    except Exception as error:
        logger.exception("%s failed", name)
        raise BatchFailed(told(error)) from None


def run(concern: str) -> dict[str, int]:
    """One tick: its batches as tasks, its row, its artifact. Raises `TickFailed`."""
    ctx = context()
    done = tick(ctx, concern, run=batch, stopping=stopping.is_set)
    reporting.publish(ctx, done)
    if done.error:
        raise TickFailed(f"{concern}: {done.error}")
    return done.counts
