"""Advance: move every due enrollment on by one decision, a batch at a time.

Claim, load, decide, write. The write is one transaction that first drops whatever was woken or
taken meanwhile, so that a crash repeats a batch but never an effect. No network here.
"""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import uuid4

from orchestrator import sentences
from orchestrator.calendar import Hours
from orchestrator.engine.assigning import assign, holder_of
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.pacing import window
from orchestrator.planner import decide
from orchestrator.planner.hours import working_hours
from orchestrator.store import advancing as store
from orchestrator.store import enrolling, facts, log
from orchestrator.store.advancing import Claimed, Writes
from orchestrator.store.database import lease_now
from orchestrator.store.facts import Batch
from orchestrator.store.rosters import Colleague, Teammate, roster
from orchestrator.terms import (
    ACCOUNT,
    REACHES_PERSON,
    SENT_BY_ENGINE,
    Decision,
    Facts,
    OpenTask,
    OpenTouch,
    Plan,
    Reached,
    Run,
    State,
    Step,
    message_key,
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
    with _uncollected():
        return _advance(ctx, woken, batch, lease)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile.

    A batch is a hundred thousand frozen values without a cycle among them, which go as soon as
    nobody holds them; looking through them again and again takes a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _advance(ctx: Context, woken: bool, batch: int, lease: timedelta) -> Advanced:
    now, done, owner = ctx.clock.now(), Advanced(), uuid4().hex
    started = perf_counter()
    claimed = _claim(ctx, now, owner, batch, woken, lease)
    ctx.probe("after_claim")
    done.seconds["claim"] = perf_counter() - started
    if not claimed:
        return done
    started = perf_counter()
    with ctx.db.reading() as session:
        plans = plans_of(ctx.db).of(session, {one.version_id for one in claimed})
        loaded = facts.load(
            session, {one.id: one.account_id for one in claimed}, now,
            kinds=_kinds(plans.values()), since=_since(plans, now),
        )  # fmt: skip
        colleagues = roster(session)
    done.seconds["facts"] = perf_counter() - started
    started = perf_counter()
    decisions = [(one, *_decide(ctx, plans[one.version_id], one, loaded, now)) for one in claimed]
    done.seconds["plan"] = perf_counter() - started
    ctx.probe("before_write")
    started = perf_counter()
    with ctx.db.writing() as session:
        ours = store.still_ours(session, claimed, owner)
        writes = Writes()
        for one, state, decision in decisions:
            if one.id in ours:
                plan = plans[one.version_id]
                team = loaded.teams.get(one.account_id, ())
                _Writer(ctx, writes, plan, one, state, team, colleagues, now).add(decision)
                _count(done, plan, decision)
        writes.flush(session)
        ended = [row["of_id"] for row in writes.enrollments if row["status"] == "ended"]
        enrolling.free(session, ended, now)
        ctx.probe("in_write")
    done.seconds["write"] = perf_counter() - started
    done.decided, done.lost = len(ours), len(claimed) - len(ours)
    return done


def _claim(
    ctx: Context, now: datetime, owner: str, batch: int, woken: bool, lease: timedelta
) -> list[Claimed]:
    with ctx.db.writing() as session:
        real = lease_now(session, ctx.clock)
        return store.claim(
            session, now,
            lease_now=real, lease_until=real + lease, owner=owner, limit=batch, woken=woken,
        )  # fmt: skip


def _kinds(plans: Any) -> frozenset[str]:
    return frozenset().union(*(plan.needs.kinds for plan in plans))


def _since(plans: dict[int, Plan], now: datetime) -> datetime | None:
    """Where caps begin to count: only tasks ask them here, mail does when it leaves."""
    asking = (plan for plan in plans.values() if any(map(_is_capped_task, plan.steps)))
    windows = [window(cap.window) for plan in asking for cap in plan.caps]
    return now - max(windows) if windows else None


def _is_capped_task(step: Step) -> bool:
    return step.kind in REACHES_PERSON and step.kind not in SENT_BY_ENGINE


# ---------------------------------------------------------------- decide


def _decide(
    ctx: Context, plan: Plan, one: Claimed, loaded: Batch, now: datetime
) -> tuple[State, Decision]:
    state = State(
        one.id, one.account_id, "active", one.activated_at,
        loaded.runs.get(one.id, {}), tuple(loaded.parties.get(one.id, ())),
        tuple(loaded.holders.get(one.id, ())), tuple(loaded.stops.get(one.account_id, ())),
        one.resumed_at,
    )  # fmt: skip
    try:
        return state, decide(plan, state, _facts(ctx, plan, one.account_id, loaded), now)
    except Exception:
        # One bad row must not stop the batch: it moves forward, with its reason, and is logged.
        logger.exception("enrollment %s cannot be decided", one.id)
        return state, Decision(next_due=now + POISONED, reason="could not be planned: see the log")


def _facts(ctx: Context, plan: Plan, account_id: int, loaded: Batch) -> Facts:
    workspace = ctx.settings.workspace
    return Facts(
        loaded.accounts[account_id],
        tuple(loaded.people.get(account_id, ())),
        tuple(loaded.happenings.get(account_id, ())),
        tuple(loaded.reached.get(account_id, _NOBODY).values()),
        workspace.zone,
        workspace.country,
        _assignee_hours(plan, loaded.teams.get(account_id, ())),
    )


def _assignee_hours(plan: Plan, team: Sequence[Teammate]) -> dict[str, Hours]:
    hours: dict[str, Hours] = {}
    for mate in team:
        theirs = working_hours(plan.calendar, mate.zone, mate.country)
        hours[mate.role] = theirs
        hours.setdefault(mate.team, theirs)
    return hours


# ---------------------------------------------------------------- write


class _Writer:
    """Turns one decision into rows."""

    def __init__(
        self, ctx: Context, writes: Writes, plan: Plan, one: Claimed, state: State,
        team: Sequence[Teammate], roster: Sequence[Colleague], now: datetime,
    ) -> None:  # fmt: skip
        self.run_id, self.writes, self.plan, self.one = ctx.flow_run_id, writes, plan, one
        self.state, self.team, self.roster, self.now = state, team, roster, now

    def add(self, decision: Decision) -> None:
        for run in decision.runs:
            self._run(run)
        for touch in decision.touches:
            self._touch(touch)
        for task in decision.tasks:
            self._task(task)
        self._closes(decision)
        self._holders(decision)
        for note in decision.notes:
            self._log(note.kind, note.text, step=note.step, who=note.who)
        self._enrollment(decision)

    def _run(self, run: Run) -> None:
        row = run._asdict()
        step = row.pop("step")
        if step in self.state.runs:
            row |= {"of_enrollment": self.one.id, "of_step": step}
            self.writes.runs.append(row)
        else:
            self.writes.new_runs.append(row | {"enrollment_id": self.one.id, "step": step})

    def _touch(self, touch: OpenTouch) -> None:
        one = self.one
        self.writes.touches.append(
            {
                "enrollment_id": one.id, "account_id": one.account_id,
                "contact_id": contact_id(touch.who), "step": touch.step, "party_key": touch.who,
                "occurrence": touch.occurrence, "resend": 0,
                "key": message_key(one.id, touch.step, touch.who, touch.occurrence),
                "channel": touch.channel, "template": touch.template, "variant": touch.variant,
                "sender_id": holder_of(touch.sender, self.team) if touch.sender else None,
                "planned_at": touch.due_at, "late_at": touch.late_at, "due_at": touch.due_at,
                "status": touch.status, "outcome": touch.outcome, "reason": touch.reason,
                "ended_at": touch.ended_at, "fence": 0, "owner": "", "attempt": 0, "reply": "",
                "flow_run_id": self.run_id,
            }
        )  # fmt: skip

    def _task(self, task: OpenTask) -> None:
        one = self.one
        user = assign(one.account_id, task.by, task.team, self.team, self.roster)
        self.writes.tasks.append(
            {
                "enrollment_id": one.id, "account_id": one.account_id,
                "contact_id": contact_id(task.who), "step": task.step, "party_key": task.who,
                "occurrence": task.occurrence, "purpose": task.purpose, "kind": task.kind,
                "team": task.team, "assignee_id": user, "title": task.title, "body": "",
                "template": task.template, "variant": task.variant, "status": task.status,
                "reason": task.reason, "disposition": "", "outcome": task.outcome, "note": "",
                "opened_at": task.opened_at, "due_at": task.due_at, "ended_at": task.ended_at,
                "done_token": "", "overdue": 0, "flow_run_id": self.run_id,
            }
        )  # fmt: skip
        if task.status == "open":
            self._log(
                "task.opened", task.title,
                step=task.step, who=task.who, team=task.team, purpose=task.purpose,
            )  # fmt: skip

    def _closes(self, decision: Decision) -> None:
        writes = self.writes
        parties = {(p.table, p.id): p for p in self.state.parties} if decision.closes else {}
        for close in decision.closes:
            row = {
                "of_id": close.id, "status": close.status, "outcome": close.outcome,
                "reason": close.reason, "ended_at": close.ended_at,
            }  # fmt: skip
            if close.table == "touch":
                writes.touch_closes.append(row)
            elif close.keep_open:
                del row["status"]
                writes.passed.append(row)
            else:
                writes.task_closes.append(row)
            if close.status == "cancelled":
                party = parties[close.table, close.id]
                self._log(
                    f"{close.table}.cancelled",
                    sentences.cancelled(close.table, party.step, close.reason),
                    step=party.step, who=party.who, closed=close.id,
                )  # fmt: skip
        for move in decision.advances:
            writes.task_moves.append(
                {"of_id": move.task_id, "overdue": move.overdue, "due_at": move.due_at}
            )
            if move.action == "reassign":  # whoever of the team is free may take it
                writes.shared.append({"of_id": move.task_id})

    def _holders(self, decision: Decision) -> None:
        for holder in decision.holders:
            if holder.left_at is None:
                self.writes.holders.append(
                    {
                        "enrollment_id": self.one.id, "seat": holder.seat,
                        "contact_id": holder.contact_id, "bound_at": holder.bound_at,
                        "left_reason": "",
                    }
                )  # fmt: skip
            else:
                self.writes.left.append(
                    {
                        "of_enrollment": self.one.id, "of_seat": holder.seat,
                        "of_contact": holder.contact_id, "left_at": holder.left_at,
                        "left_reason": holder.left_reason,
                    }
                )  # fmt: skip

    def _enrollment(self, decision: Decision) -> None:
        ended = bool(decision.end)
        self.writes.enrollments.append(
            {
                "of_id": self.one.id, "status": "ended" if ended else "active",
                "outcome": decision.end, "reason": decision.reason,
                "next_due_at": None if ended else decision.next_due,
                "ended_at": self.now if ended else None, "flow_run_id": self.run_id,
            }
        )  # fmt: skip
        if ended:
            title = sentences.called(self.plan)
            self._log("ended", sentences.ended(title, decision.end, decision.reason))

    def _log(
        self, kind: str, text: str, *, step: str = "", who: str = "", team: str = "engine",
        **data: Any,
    ) -> None:  # fmt: skip
        self.writes.activities.append(
            log.entry(
                kind, at=self.now, account_id=self.one.account_id, contact_id=contact_id(who),
                enrollment_id=self.one.id, step=step, team=team, text=text,
                flow_run_id=self.run_id, **data,
            )
        )  # fmt: skip


def contact_id(who: str) -> int | None:
    """The contact of a party key; None for the account and for a seat."""
    return int(who) if who.isdecimal() and who != ACCOUNT else None


def _count(done: Advanced, plan: Plan, decision: Decision) -> None:
    counts = done.by_playbook.setdefault(plan.name, Counter())
    for name, number in (
        ("touches", sum(touch.status == "ready" for touch in decision.touches)),
        ("tasks", sum(task.status == "open" for task in decision.tasks)),
        ("skipped", sum(bool(touch.ended_at) for touch in decision.touches)),
        ("held", sum(note.kind == "step.held" for note in decision.notes)),
        ("ended", int(bool(decision.end))),
    ):
        if number:
            counts[name] += number
            done.counts[name] += number
