"""Decisions as rows: what `advance` writes of what the planner decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from orchestrator import sentences
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import Leave
from orchestrator.planner.costs import expenses
from orchestrator.store.companies import log
from orchestrator.store.running.advancing import Writes
from orchestrator.store.running.spending import HUNDREDTH
from orchestrator.store.staff.rosters import Colleague, Teammate
from orchestrator.terms import (
    ACCOUNT,
    Advance,
    Again,
    Close,
    Decision,
    Holder,
    OpenTask,
    OpenTouch,
    Owed,
    Plan,
    Run,
    State,
    message_key,
)


class Ours(NamedTuple):
    """All of us, who is away, and how soon both teams owe what."""

    roster: Sequence[Colleague]
    leave: Leave
    owed: Owed


class Decided(NamedTuple):
    """What was decided on one enrollment, and by whom its tasks may be done."""

    plan: Plan
    state: State
    decision: Decision
    team: Sequence[Teammate]
    ours: Ours


def rows_of(decided: Iterable[Decided], *, at: datetime, run: str) -> Writes:
    """All rows of these decisions, written at the business time `at` by the flow run `run`."""
    writes = Writes()
    for one in decided:
        _Writer(writes, one, at, run).add(one.decision)
    return writes


class _Writer:
    """Turns one decision into rows."""

    def __init__(self, writes: Writes, one: Decided, now: datetime, run: str) -> None:
        self.writes, self.now, self.run_id = writes, now, run
        self.plan, self.state, self.team, self.ours = one.plan, one.state, one.team, one.ours
        self.enrollment_id, self.account_id = one.state.enrollment_id, one.state.account_id

    def add(self, decision: Decision) -> None:
        for run in decision.runs:
            self._run(run)
        for touch in decision.touches:
            self._touch(touch)
        for task in decision.tasks:
            self._task(task)
        for party, cost in expenses(self.plan, decision):
            self._expense(party, cost)
        for close in decision.closes:
            self._close(close)
        for move in decision.advances:
            self._advance(move)
        for holder in decision.holders:
            self._holder(holder)
        for note in decision.notes:
            self._log(note.kind, note.text, step=note.step, who=note.who)
        self._enrollment(decision)

    def _run(self, run: Run) -> None:
        row = run._asdict()
        step = row.pop("step")
        if step in self.state.runs:
            row |= {"of_enrollment": self.enrollment_id, "of_step": step}
            self.writes.runs.append(row)
        else:
            self.writes.new_runs.append(row | {"enrollment_id": self.enrollment_id, "step": step})

    def _touch(self, touch: OpenTouch) -> None:
        root = self.plan.by_id[touch.step].root
        self.writes.touches.append(
            {
                "enrollment_id": self.enrollment_id, "account_id": self.account_id,
                "contact_id": contact_id(touch.who), "step": touch.step, "party_key": touch.who,
                "occurrence": touch.occurrence, "resend": 0,
                "key": message_key(self.enrollment_id, root, touch.who, touch.occurrence),
                "channel": touch.channel, "template": touch.template, "variant": touch.variant,
                "sender_id": self._sender(touch),
                "planned_at": touch.due_at, "late_at": touch.late_at, "due_at": touch.due_at,
                "status": touch.status, "outcome": touch.outcome, "reason": touch.reason,
                "ended_at": touch.ended_at, "fence": 0, "owner": "", "attempt": 0, "reply": "",
                "flow_run_id": self.run_id,
            }
        )  # fmt: skip

    def _sender(self, touch: OpenTouch) -> int | None:
        leave, step = self.ours.leave, self.plan.by_id[touch.step]
        return leave.signer(self.team, step, self.now) if touch.sender else None

    def _task(self, task: OpenTask) -> None:
        user = self._assignee(task)
        self.writes.tasks.append(
            {
                "enrollment_id": self.enrollment_id, "account_id": self.account_id,
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

    def _expense(self, one: OpenTouch | OpenTask, cost: Decimal) -> None:
        self.writes.expenses.append(
            {
                "enrollment_id": self.enrollment_id, "step": one.step, "party_key": one.who,
                "occurrence": one.occurrence, "amount": int(cost / HUNDREDTH),
            }
        )  # fmt: skip

    def _assignee(self, task: OpenTask) -> int | None:
        """Whoever does it, or stands in, unless the step keeps it for them (13, 15)."""
        team, roster, now = self.team, self.ours.roster, self.now
        if self.ours.leave:
            roster = self.ours.leave.roster(roster, now)
            if task.purpose != "step" or self.plan.by_id[task.step].away == "cover":
                team = self.ours.leave.team(team, now)
        return assign(self.account_id, task.by, task.team, team, roster)

    def _close(self, close: Close) -> None:
        row = {
            "of_id": close.id, "status": close.status, "outcome": close.outcome,
            "reason": close.reason, "ended_at": close.ended_at,
        }  # fmt: skip
        if close.table == "touch":
            self.writes.touch_closes.append(row)
        elif close.keep_open:
            del row["status"]
            self.writes.passed.append(row)
        else:
            self.writes.task_closes.append(row)
        if close.status == "cancelled":
            self._cancelled(close)

    def _cancelled(self, close: Close) -> None:
        party = next(p for p in self.state.parties if (p.table, p.id) == (close.table, close.id))
        self._log(
            f"{close.table}.cancelled", sentences.cancelled(close.table, party.step, close.reason),
            step=party.step, who=party.who, closed=close.id,
        )  # fmt: skip

    def _advance(self, move: Advance) -> None:
        self.writes.task_moves.append(
            {"of_id": move.task_id, "overdue": move.overdue, "due_at": move.due_at}
        )
        if move.action == "reassign":  # whoever of the team is free may take it
            self.writes.shared.append({"of_id": move.task_id})

    def _holder(self, holder: Holder) -> None:
        if holder.left_at is None:
            self.writes.holders.append(
                {
                    "enrollment_id": self.enrollment_id, "seat": holder.seat,
                    "contact_id": holder.contact_id, "bound_at": holder.bound_at,
                    "left_reason": "",
                }
            )  # fmt: skip
        else:
            self.writes.left.append(
                {
                    "of_enrollment": self.enrollment_id, "of_seat": holder.seat,
                    "of_contact": holder.contact_id, "left_at": holder.left_at,
                    "left_reason": holder.left_reason,
                }
            )  # fmt: skip

    def _enrollment(self, decision: Decision) -> None:
        row = {
            "of_id": self.enrollment_id, "reason": decision.reason,
            "next_due_at": decision.next_due, "flow_run_id": self.run_id,
        }  # fmt: skip
        if not decision.end:
            self.writes.going_on.append(row)
            return
        ended = {"next_due_at": None, "outcome": decision.end, "ended_at": self.now}
        self.writes.ends.append(row | ended)
        title = sentences.called(self.plan)
        self._log("ended", sentences.ended(title, decision.end, decision.reason))
        if decision.again:
            self._invite(decision.again)

    def _invite(self, again: Again) -> None:
        """The account begins the playbook again then."""
        self.writes.invited.append(
            {
                "account_id": self.account_id, "playbook": self.plan.name, "due_at": again.at,
                "because": again.because, "round": again.round,
            }
        )  # fmt: skip

    def _log(
        self, kind: str, text: str, *, step: str = "", who: str = "", team: str = "engine",
        **data: Any,
    ) -> None:  # fmt: skip
        self.writes.activities.append(
            log.entry(
                kind, at=self.now, account_id=self.account_id, contact_id=contact_id(who),
                enrollment_id=self.enrollment_id, step=step, team=team, text=text,
                flow_run_id=self.run_id, **data,
            )
        )  # fmt: skip


def contact_id(who: str) -> int | None:
    """The contact of a party key; None for the account and for a seat."""
    return int(who) if who.isdecimal() and who != ACCOUNT else None
