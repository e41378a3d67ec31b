"""Ticks: one pass of one concern, batch by batch; the same with Prefect around it or without.

What fails is kept on the concern's Tick row and logged; it never stops the other concerns.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.events.ingesting import ingest, waiting
from orchestrator.engine.events.reopening import reopen
from orchestrator.engine.plays.holding import wake
from orchestrator.engine.plays.inviting import enroll_invited
from orchestrator.engine.running.advancing import BATCH, Advanced, advance
from orchestrator.engine.running.approvals import freeze_drafts
from orchestrator.engine.running.covering import hand_on
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.fading import fade, stale
from orchestrator.engine.running.starting import start_batch
from orchestrator.engine.running.sweeping import sweep
from orchestrator.records import Tick
from orchestrator.store.database import lease_now
from orchestrator.store.running import ticks as store
from orchestrator.store.running.ticks import Happened
from orchestrator.veil import mask

# A batch is a second or two of work: next to that the 30 ms of a Prefect task do not show.
ADVANCES = 5
LETTERS = 500

# What a pass says that did its work although Prefect could not be asked.
ALONE = "ran without Prefect"

# A house that has not come to rest by then never will.
ROUNDS = 1_000

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Work:
    """What a batch did, and whether the next one may find something, too."""

    counts: Counter[str] = field(default_factory=Counter)
    more: bool = False


Batch = Callable[[Context], Work]


def _resume(ctx: Context) -> Work:
    resumed, more = wake(ctx, ctx.clock.now())
    return Work(Counter(resumed=resumed), more=more)


def _enroll(ctx: Context) -> Work:
    enrolled, more = enroll_invited(ctx, ctx.clock.now())
    return Work(Counter(enrolled=enrolled), more=more)


def _cover(ctx: Context) -> Work:
    return Work(Counter(covered=hand_on(ctx)))


def _activate(ctx: Context) -> Work:
    done = start_batch(ctx, ctx.clock.now())
    return Work(Counter(activated=done.started), more=done.more)


def _advance(ctx: Context, *, woken: bool = False) -> Work:
    done = Advanced()
    for _ in range(ADVANCES):
        one = advance(ctx, woken=woken)
        done += one
        if one.decided + one.lost < BATCH:
            return Work(_advanced(done))
    return Work(_advanced(done), more=True)


def _woken(ctx: Context) -> Work:
    return _advance(ctx, woken=True)


def _advanced(done: Advanced) -> Counter[str]:
    return Counter(decided=done.decided, lost=done.lost) + done.counts


def _deliver(ctx: Context) -> Work:
    done = deliver(ctx, limit=LETTERS, width=ctx.settings.mail.connections)
    return Work(done.counts, more=done.claimed == LETTERS)


def _freeze(ctx: Context) -> Work:
    frozen = freeze_drafts(ctx, limit=LETTERS)
    return Work(Counter(frozen=frozen), more=frozen == LETTERS)


def _ingest(ctx: Context) -> Work:
    reopened = Counter(reopened=reopen(ctx))
    return Work(+reopened + ingest(ctx))


def _fade(ctx: Context) -> Work:
    done = fade(ctx)
    return Work(done.counts, more=done.more)


def _sweep(ctx: Context) -> Work:
    return Work(sweep(ctx).counts)


BATCHES: Mapping[str, Batch] = {
    "ingest": _ingest,
    "fade": _fade,
    "resume": _resume,
    "cover": _cover,
    "enroll": _enroll,
    "activate": _activate,
    "advance": _advance,
    "woken": _woken,
    "freeze": _freeze,
    "deliver": _deliver,
    "sweep": _sweep,
}
# In the order in which one `tick --once` takes them. `react` is for what cannot wait: it leaves
# letters to `deliver`, because a mail server may take its time and the next event may not.
CONCERNS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("ingest",),
    "advance": ("resume", "cover", "fade", "enroll", "activate", "advance", "freeze"),
    "deliver": ("deliver",),
    "sweep": ("sweep",),
    "react": ("ingest", "woken"),
}
PASSES = ("sweep", "ingest", "advance", "deliver")


def due(ctx: Context) -> frozenset[str]:
    """The names of the batches that have something to do now; asked four times a second."""
    with ctx.db.reading() as session:
        now = ctx.clock.now()
        names = set(store.due(session, now, lease_now(session, ctx.clock)))
        names |= {"fade"} if stale(session, now) else set()
    return frozenset(names | {"ingest"} if waiting(ctx) else names)


def next_due(ctx: Context) -> datetime | None:
    """When something is due next; None while only an event can move it."""
    with ctx.db.reading() as session:
        return store.next_due(session)


def busy(ctx: Context, concern: str) -> bool:
    """Whether a tick of the concern would find anything."""
    return not due(ctx).isdisjoint(CONCERNS[concern])


def tick(
    ctx: Context,
    concern: str,
    *,
    run: Callable[[str], Work] | None = None,
    stopping: Callable[[], bool] = lambda: False,
    note: str = "",
) -> Tick:
    """One pass of a concern: its due batches until nothing is left, or until `stopping()`.

    `run` runs a batch by its name. Never raises for what a batch does: that is the returned
    row's `error`; `note` stands there when nothing went wrong.
    """
    done = Tick(
        concern=concern, started_at=ctx.clock.now(), flow_run_id=ctx.flow_run_id, error=note
    )
    counts: Counter[str] = Counter()
    try:
        for name in CONCERNS[concern]:
            more = name in due(ctx)  # asked again: what was read just now may have woken somebody
            while more and not stopping():
                work = run(name) if run else BATCHES[name](ctx)
                counts += work.counts
                more = work.more
    except Exception as error:
        logger.exception("%s failed", concern)
        done.error = told(error)
    done.counts = dict(counts)
    _record(ctx, [done])
    return done


def pulse(ctx: Context, *concerns: str) -> list[Tick]:
    """Say that the concerns looked and found nothing."""
    now = ctx.clock.now()
    found_nothing = [Tick(concern=concern, started_at=now) for concern in concerns]
    _record(ctx, found_nothing)
    return found_nothing


def told(error: BaseException) -> str:
    """One line about an error, under the veil: it is shown and stored. A database's further lines
    would show its parameters."""
    first = mask((str(error).splitlines() or [""])[0][:500])
    return first if isinstance(error, AbmError) else f"{type(error).__name__}: {first}"


def left_behind(ctx: Context, done: Tick) -> Sequence[Happened]:
    """What the flow run of this tick wrote to the log, counted by playbook, kind and reason."""
    if not done.flow_run_id:
        return ()
    with ctx.db.reading() as session:
        return store.happened(session, done.flow_run_id, done.started_at)


def _record(ctx: Context, passes: Sequence[Tick]) -> None:
    now = ctx.clock.now()
    try:
        with ctx.db.writing() as session:
            for done in passes:
                done.ended_at = now
            store.record(session, passes)
    except Exception:
        logger.exception("the pulse of %s cannot be stored", [done.concern for done in passes])


def tick_once(ctx: Context) -> list[Tick]:
    """One pass of every concern, in order; each row tells its counts and its error."""
    worked = {concern: tick(ctx, concern) for concern in PASSES if busy(ctx, concern)}
    rested = pulse(ctx, *(concern for concern in PASSES if concern not in worked))
    found = worked | {one.concern: one for one in rested}
    return [found[concern] for concern in PASSES]


def settle(ctx: Context, run: Callable[[str], Mapping[str, int]] | None = None) -> Counter[str]:
    """Pass after pass until nothing moves at this business time; what they did in all.

    `run` makes one pass of a concern and returns its counts. Raises AbmError when a pass fails or
    the house does not come to rest.
    """
    total: Counter[str] = Counter()
    for _ in range(ROUNDS):
        moved: Counter[str] = Counter()
        for concern in PASSES:
            if busy(ctx, concern):
                moved.update(run(concern) if run else _pass(ctx, concern))
        if not moved:
            return total
        total += moved
    raise AbmError("the engine does not come to rest", f"it still does {dict(moved)}")


def _pass(ctx: Context, concern: str) -> Mapping[str, int]:
    done = tick(ctx, concern)
    if done.error:
        raise AbmError(f"{concern} failed: {done.error}")
    return done.counts
