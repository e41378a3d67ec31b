"""Advance: move every due enrollment on by one decision, a batch at a time.

Claim, load, decide, write. The write is one transaction that first drops whatever was woken or
taken meanwhile, so that a crash repeats a batch but never an effect. No network here.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from uuid import uuid4

from accounts.collecting import uncollected
from orchestrator.calendar import Hours
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.running.decisions import Decided, Ours, rows_of
from orchestrator.engine.running.purses import Purses, purses, too_late
from orchestrator.engine.staff.leave import leave
from orchestrator.pacing import window
from orchestrator.planner import decide
from orchestrator.planner.hours import working_hours
from orchestrator.store.database import lease_now
from orchestrator.store.plays import enrolling, plays
from orchestrator.store.running import advancing as store
from orchestrator.store.running import facts
from orchestrator.store.running.advancing import Claimed
from orchestrator.store.running.facts import Batch
from orchestrator.store.staff.rosters import Teammate, roster
from orchestrator.terms import (
    REACHES_PERSON,
    SENT_BY_ENGINE,
    Decision,
    Facts,
    Plan,
    Purse,
    Reached,
    State,
    Step,
)

LEASE = timedelta(minutes=2)
BATCH = 2_000
POISONED = timedelta(hours=1)  # what cannot be decided is tried again, but never in the way

_NOBODY: Mapping[int, Reached] = {}

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Advanced:
    """What a pass did: enrollments decided, lost to an event meanwhile, and what they wrote.

    `seconds` are the shares of claim, facts, plan and write.
    """

    decided: int = 0
    lost: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    by_playbook: dict[str, Counter[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, plan: Plan, decision: Decision) -> None:
        """Count one decision that was written."""
        self.decided += 1
        counts = self.by_playbook.setdefault(plan.name, Counter())
        for name, found in (
            ("touches", [touch.status == "ready" for touch in decision.touches]),
            ("tasks", [task.status == "open" for task in decision.tasks]),
            ("skipped", [bool(touch.ended_at) for touch in decision.touches]),
            ("held", [note.kind == "step.held" for note in decision.notes]),
            ("ended", [bool(decision.end)]),
        ):
            if number := found.count(True):
                counts[name] += number
                self.counts[name] += number

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Keep how long a stage takes."""
        started = perf_counter()
        yield
        self.seconds[stage] = perf_counter() - started

    def __iadd__(self, other: Advanced) -> Advanced:
        self.decided += other.decided
        self.lost += other.lost
        self.counts += other.counts
        for name, spent in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
        for name, counts in other.by_playbook.items():
            self.by_playbook.setdefault(name, Counter()).update(counts)
        return self


def advance_all(ctx: Context, *, woken: bool = False, batch: int = BATCH) -> Advanced:
    """Batches until nothing is due any more."""
    total = Advanced()
    while True:
        one = advance(ctx, woken=woken, batch=batch)
        total += one
        if one.decided + one.lost < batch:
            return total


def advance(
    ctx: Context, *, woken: bool = False, batch: int = BATCH, lease: timedelta = LEASE
) -> Advanced:
    """One batch of at most `batch` due enrollments; `woken` takes only those that an event woke."""
    with uncollected():
        return _advance(ctx, woken, batch, lease)


def _advance(ctx: Context, woken: bool, batch: int, lease: timedelta) -> Advanced:
    now, done, owner = ctx.clock.now(), Advanced(), uuid4().hex
    with done.timed("claim"):
        claimed = _claim(ctx, now, owner, batch, woken, lease)
    ctx.probe("after_claim")
    if not claimed:
        return done
    with done.timed("facts"):
        plans, loaded, ours, money = _load(ctx, claimed, now)
    if money:  # the dry run's order, too: whoever comes first spends first
        claimed.sort(key=lambda one: one.account_id)
    with done.timed("plan"):
        decided = [
            _decide(ctx, plans[one.version_id], one, loaded, ours, money, now) for one in claimed
        ]
    ctx.probe("before_write")
    with done.timed("write"):
        written = _write(ctx, claimed, decided, owner, now, money)
    done.lost = len(claimed) - len(written)
    for one in written:
        done.count(one.plan, one.decision)
    return done


def _load(
    ctx: Context, claimed: Sequence[Claimed], now: datetime
) -> tuple[dict[int, Plan], Batch, Ours, Purses]:
    with ctx.db.reading() as session:
        plans = plans_of(ctx.db).of(session, {one.version_id for one in claimed})
        loaded = facts.load(
            session, {one.id: one.account_id for one in claimed}, now,
            kinds=_kinds(plans.values()), since=_since(plans, now), roles=_roles(plans.values()),
        )  # fmt: skip
        ours = Ours(roster(session), leave(session, now), agreement.owed(ctx, session))
        return plans, loaded, ours, purses(ctx, session, plans.values())


def _write(
    ctx: Context, claimed: Sequence[Claimed], decided: Sequence[Decided], owner: str,
    now: datetime, money: Purses,
) -> Sequence[Decided]:  # fmt: skip
    """Store the decisions on all that nobody woke or took meanwhile; those decisions.

    The rows are made before the transaction, as if all were still ours: nearly always they are,
    and the lock on the database lasts half as long.
    """
    dialect = ctx.db.engine.dialect
    rows = rows_of(decided, at=now, run=ctx.flow_run_id)
    ready = rows.ready(dialect)
    with ctx.db.writing() as session:
        late = too_late(session, money, decided) if money else set()
        enrolling.expect(session, rows.ended, [one.id for one in claimed])
        ours = store.still_ours(session, claimed, owner) - late
        if len(ours) < len(claimed):
            decided = [one for one in decided if one.state.enrollment_id in ours]
            rows = rows_of(decided, at=now, run=ctx.flow_run_id)
            ready = rows.ready(dialect)
        for statement in ready:
            statement.run(session)
        enrolling.free(session, rows.ended, now)
        if late:
            plays.wake(session, sorted(late), now, urgent=False)
        ctx.probe("in_write")
    return decided


def _claim(
    ctx: Context, now: datetime, owner: str, batch: int, woken: bool, lease: timedelta
) -> list[Claimed]:
    with ctx.db.writing() as session:
        real = lease_now(session, ctx.clock)
        return store.claim(
            session, now,
            lease_now=real, lease_until=real + lease, owner=owner, limit=batch, woken=woken,
        )  # fmt: skip


def _kinds(plans: Collection[Plan]) -> frozenset[str]:
    return frozenset[str]().union(*(plan.needs.kinds for plan in plans))


def _roles(plans: Collection[Plan]) -> list[str] | None:
    """The roles that seats want; None where one takes anybody."""
    roles = {seat.role for plan in plans for seat in plan.seats.values()}
    return None if "" in roles else sorted(roles)


def _since(plans: dict[int, Plan], now: datetime) -> datetime | None:
    """Where caps begin to count: only tasks ask them here, mail does when it leaves."""
    asking = (plan for plan in plans.values() if any(map(_is_capped_task, plan.steps)))
    windows = [window(cap.window) for plan in asking for cap in plan.caps]
    return now - max(windows) if windows else None


def _is_capped_task(step: Step) -> bool:
    return step.kind in REACHES_PERSON and step.kind not in SENT_BY_ENGINE


# ---------------------------------------------------------------- decide


def _decide(
    ctx: Context, plan: Plan, one: Claimed, loaded: Batch, ours: Ours, money: Purses,
    now: datetime,
) -> Decided:  # fmt: skip
    state = State(
        one.id, one.account_id, "active", one.activated_at,
        loaded.runs.get(one.id, {}), tuple(loaded.parties.get(one.id, ())),
        tuple(loaded.holders.get(one.id, ())), tuple(loaded.stops.get(one.account_id, ())),
        one.resumed_at, one.round, one.tier, one.moved_at,
    )  # fmt: skip
    team = loaded.teams.get(one.account_id, ())
    try:
        known = _facts(ctx, plan, one.account_id, loaded, ours, money.of(plan.name))
        decision = decide(plan, state, known, now)
        money.spend(plan, decision)
    except Exception:
        # One bad row must not stop the batch: it moves forward, with its reason, and is logged.
        logger.exception("enrollment %s cannot be decided", one.id)
        decision = Decision(next_due=now + POISONED, reason="could not be planned: see the log")
    return Decided(plan, state, decision, team, ours)


def _facts(
    ctx: Context, plan: Plan, account_id: int, loaded: Batch, ours: Ours, purse: Purse | None
) -> Facts:
    workspace, team = ctx.settings.workspace, loaded.teams.get(account_id, ())
    return Facts(
        loaded.accounts[account_id],
        tuple(loaded.people.get(account_id, ())),
        tuple(loaded.happenings.get(account_id, ())),
        tuple(loaded.reached.get(account_id, _NOBODY).values()),
        workspace.zone,
        workspace.country,
        assignee_hours(plan, team),
        ours.leave.away(plan.calendar, team),
        purse,
        workspace.quiet,
        ours.owed,
    )


def assignee_hours(plan: Plan, team: Sequence[Teammate]) -> dict[str, Hours]:
    """The working time of an account's team, by role and by team."""
    hours: dict[str, Hours] = {}
    for mate in team:
        theirs = working_hours(plan.calendar, mate.zone, mate.country)
        hours[mate.role] = theirs
        hours.setdefault(mate.team, theirs)
    return hours
