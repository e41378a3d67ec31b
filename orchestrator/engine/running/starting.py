"""Start what waits: at the playbook's pace, and one play for each account at a time.

What cannot start says why in words, and is not asked again before that may have changed; see
`store.enrolling`. Who may, `planner.starting` knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.running.once import open_once
from orchestrator.pacing import window
from orchestrator.planner.starting import Turn, Walk, turn
from orchestrator.store.companies import log
from orchestrator.store.plays import enrolling as store
from orchestrator.store.plays import holding, plays
from orchestrator.store.plays.enrolling import Book
from orchestrator.terms import Plan

BATCH = 500  # enrollments looked at in one transaction


@dataclass(frozen=True, slots=True)
class Started:
    """What a batch did: plays that started, and whether the next batch may start more."""

    started: int
    more: bool


def activate(ctx: Context, now: datetime) -> int:
    """Start all that may start at `now`; how many did."""
    total, more = 0, True
    while more:
        done = start_batch(ctx, now)
        total, more = total + done.started, done.more
    return total


def start_batch(ctx: Context, now: datetime, batch: int = BATCH) -> Started:
    """Look at the next `batch` enrollments in turn, over all playbooks: by priority, waiting since
    and account. A playbook without a place stands aside."""
    with ctx.db.writing() as session:
        store.lock(session)
        books = store.books_due(session, now)
        plans = plans_of(ctx.db).of(session, {book.version_id for book in books})
        turns = {
            book.name: _turn(session, book, plans[book.version_id], now, batch) for book in books
        }
        titles = store.titles(session) if turns else {}
        walk = Walk(turns, titles, now, batch, ZoneInfo(ctx.settings.workspace.zone))
        _write(ctx, session, walk, now)
        current = {book.name: plans[book.version_id] for book in books}
        open_once(ctx, session, walk.started, current, now)
        for one in turns.values():
            rested_at = store.rests_until(session, one.playbook, now)
            store.ask_at(session, one.playbook, one.asked_at(now, rested_at))
    return Started(len(walk.started), any(one.more for one in turns.values()))


def _turn(session: Session, book: Book, plan: Plan, now: datetime, batch: int) -> Turn:
    waiting, pace, started = store.in_turn(session, book.name, now, batch), plan.pace, []
    if pace:
        started = store.started_since(session, book.name, now - window(pace.window))
    return turn(book.name, pace, waiting, started, unseen=len(waiting) == batch)


def _write(ctx: Context, session: Session, walk: Walk, now: datetime) -> None:
    """Write what was found, each line of it on the log."""
    run = ctx.flow_run_id
    plays.lock(session, walk.moved)
    store.displace(session, [(one.id, because) for one, because, _ in walk.displaced], run)
    store.start(session, [one.id for one in walk.started], now, run)
    holding.ask_again(session, [one.id for one in walk.started if one.activated_at], now)
    holding.rested(session, [one.account_id for one in walk.started], now)
    store.stop(session, [(one.id, one.stop_reason) for one in walk.stopped], now, run)
    rows = [
        {"of_id": one.id, "because": because, "ask_at": ask_at}
        for one, because, ask_at in walk.held
    ]
    store.wait(session, rows, run)
    lines = [
        log.entry(
            kind, at=now, account_id=one.account_id, enrollment_id=one.id, team="engine",
            text=text, flow_run_id=run,
        )
        for kind, one, text in walk.lines()
    ]  # fmt: skip
    log.write(session, lines)
