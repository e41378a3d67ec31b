"""What has happened since somebody last looked: one look serves everybody who listens."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from orchestrator.engine.context import Context
from orchestrator.store.pages import news as store
from orchestrator.store.pages.news import Mark, Moment, NewTask

BACK = timedelta(hours=1)  # events are told that long after they were
MOST = 500  # of each sort in one look


class News(NamedTuple):
    """What is new, and where the next look begins."""

    tasks: list[NewTask]
    moments: list[Moment]
    mark: Mark


def begin(ctx: Context) -> Mark:
    """Where the news begins: with what happens from now on."""
    with ctx.db.reading() as session:
        return store.mark(session, ctx.clock.now() - BACK)


def since(ctx: Context, mark: Mark) -> News:
    """What is new since then."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        tasks = store.tasks(session, mark.task, MOST)
        moments = store.moments(session, mark.entry, now - BACK, now, MOST)
    task = tasks[-1].id if tasks else mark.task
    return News(tasks, moments, Mark(task, moments[-1].entry if moments else mark.entry))
