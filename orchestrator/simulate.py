"""One enrollment under a virtual clock: the same rules as the engine, no side effects.

The simulator keeps in memory what the ledger keeps in tables, and asks the very functions that the
engine asks: `decide` for what happens next, `may_send` for whether it may leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from orchestrator.pacing import Guard, Sending, may_send
from orchestrator.planner import decide
from orchestrator.planner.hours import working_hours
from orchestrator.terms import (
    ACCOUNT,
    Decision,
    Facts,
    Holder,
    Kind,
    Later,
    Never,
    Note,
    OpenTask,
    OpenTouch,
    OutcomeClass,
    Party,
    Plan,
    Reached,
    Run,
    State,
    StopMark,
)

UNDO = timedelta(seconds=10)  # a closed task wakes its play only then

Answer = tuple[str, timedelta]  # outcome class, and how long after opening


@dataclass(slots=True)
class Simulated:
    """One account's play in memory. `answer` says how a task ends, None for never."""

    plan: Plan
    facts: Facts
    now: datetime
    answer: Callable[[OpenTask], Answer | None] = lambda _task: (
        OutcomeClass.REACHED,
        timedelta(hours=1),
    )
    enrollment_id: int = 1
    status: str = "active"
    outcome: str = ""
    log: list[Note] = field(default_factory=list)
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)
    touches: dict[int, OpenTouch] = field(default_factory=dict)
    tasks: dict[int, OpenTask] = field(default_factory=dict)
    _parties: dict[int, Party] = field(default_factory=dict)
    _runs: dict[str, Run] = field(default_factory=dict)
    _holders: dict[tuple[str, int], Holder] = field(default_factory=dict)
    _stops: list[StopMark] = field(default_factory=list)
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _ids: Iterable[int] = field(default_factory=lambda: count(1))
    _next_due: datetime | None = None
    _started: datetime | None = None

    # ------------------------------------------------------------ events from outside

    def at(self, when: datetime, happening: Callable[[], None]) -> None:
        """Let something happen at an instant."""
        self._agenda.append((when, self._id(), happening))

    def stop(self, mark: StopMark) -> None:
        """Store a stop, and wake the play."""
        self._stops.append(mark)
        self._next_due = self.now

    def learn(self, facts: Facts) -> None:
        """People or scores changed: wake the play."""
        self.facts = facts
        self._next_due = self.now

    def stamp(self, step: str, who: str, name: str) -> None:
        """A click, reply … on a touch: `name` is a Party field such as clicked_at."""
        for id_, party in self._parties.items():
            if (party.step, party.who) == (step, who):
                stamps: dict[str, Any] = {name: self.now}
                self._parties[id_] = party._replace(**stamps)
        self._next_due = self.now

    def close(self, task_id: int, outcome: str) -> None:
        """End an open task; the play hears of it ten seconds later."""
        party = self._parties[task_id]
        if party.status == "open":
            ended = party.ended_at or self.now
            kept = party.outcome if party.ended_at else outcome
            self._parties[task_id] = party._replace(status="done", outcome=kept, ended_at=ended)
            if outcome in (OutcomeClass.REACHED, OutcomeClass.REFUSED):
                self._reach(party.who)
            self.at(self.now + UNDO, self._wake)

    def _wake(self) -> None:
        self._next_due = self.now

    # ------------------------------------------------------------ the clock

    def run(self, until: datetime) -> Simulated:
        """Let time pass to `until`, from one due instant to the next."""
        if self._started is None:
            self._started = self._next_due = self.now
        while self.status == "active" and (due := self._next()) is not None and due <= until:
            self.now = max(self.now, due)
            self._pass()
        self.now = max(self.now, until)
        return self

    def _next(self) -> datetime | None:
        dues = [when for when, *_ in self._agenda]
        dues += [touch.due_at for touch in self.touches.values()]
        if self._next_due:
            dues.append(self._next_due)
        return min(dues, default=None)

    def _pass(self) -> None:
        due = sorted(entry for entry in self._agenda if entry[0] <= self.now)
        self._agenda = [entry for entry in self._agenda if entry[0] > self.now]
        for _, _, happening in due:
            happening()
        if self._next_due and self._next_due <= self.now:
            self._write(decide(self.plan, self._state(), self.facts, self.now))
        for id_, touch in list(self.touches.items()):
            if touch.due_at <= self.now:
                self._deliver(id_, touch)

    def _state(self) -> State:
        parties = tuple(self._parties.values())
        holders = tuple(self._holders.values())
        return State(
            self.enrollment_id, self.facts.account.id, self.status, self._started,
            dict(self._runs), parties, holders, tuple(self._stops),
        )  # fmt: skip

    # ------------------------------------------------------------ what the ledger would do

    def _write(self, decision: Decision) -> None:
        self._next_due = decision.next_due
        self._runs.update({run.step: run for run in decision.runs})
        self._holders.update({(h.seat, h.contact_id): h for h in decision.holders})
        self.log += decision.notes
        for touch in decision.touches:
            self._open_touch(touch)
        for task in decision.tasks:
            self._open_task(task)
        for close in decision.closes:
            party = self._parties[close.id]
            self._parties[close.id] = party._replace(
                status=close.status, outcome=close.outcome, ended_at=close.ended_at
            )
            self.touches.pop(close.id, None)
        for move in decision.advances:
            party = self._parties[move.task_id]
            self._parties[move.task_id] = party._replace(overdue=move.overdue, due_at=move.due_at)
        if decision.end:
            self.status, self.outcome = "ended", decision.end

    def _open_touch(self, touch: OpenTouch) -> None:
        id_ = self._id()
        self._parties[id_] = Party(
            touch.step, touch.who, touch.occurrence, "touch", id_, touch.status, touch.outcome,
            touch.due_at, touch.ended_at, touch.due_at,
        )  # fmt: skip
        if touch.status == "ready":
            self.touches[id_] = touch

    def _open_task(self, task: OpenTask) -> None:
        id_ = self._id()
        self.tasks[id_] = task
        self._parties[id_] = Party(
            task.step, task.who, task.occurrence, "task", id_, task.status, task.outcome,
            task.opened_at, task.ended_at, task.due_at, 0, task.purpose,
        )  # fmt: skip
        answer = self.answer(task) if task.status == "open" else None
        if answer:
            outcome, after = answer
            self.at(max(self.now, task.opened_at + after), lambda: self.close(id_, outcome))

    def _deliver(self, id_: int, touch: OpenTouch) -> None:
        ruling = may_send(self._sending(touch), self._guard(touch.who), self.now)
        if isinstance(ruling, Later):
            self.touches[id_] = touch._replace(due_at=ruling.at, reason=ruling.reason)
            if ruling.reason != touch.reason:
                self.log.append(Note("touch.held", touch.step, touch.who, ruling.reason, self.now))
            return
        del self.touches[id_]
        party = self._parties[id_]
        if isinstance(ruling, Never):
            ended = party._replace(
                status=ruling.status, outcome=OutcomeClass.NOT_DONE, ended_at=self.now
            )
            kind = f"touch.{ruling.status}"
            self.log.append(Note(kind, touch.step, touch.who, ruling.reason, self.now))
        else:
            ended = party._replace(status="sent", outcome=OutcomeClass.REACHED, ended_at=self.now)
            self.sent.append((self.now, touch.step, touch.who))
            self._reach(touch.who)
        self._parties[id_] = ended
        self._next_due = self.now

    def _sending(self, touch: OpenTouch) -> Sending:
        step = next(step for step in self.plan.steps if step.id == touch.step)
        contact_id = None if touch.who == ACCOUNT else int(touch.who)
        return Sending(
            Kind(touch.channel), touch.step, self.enrollment_id, contact_id, touch.late_at,
            step.answer, step.always,
        )  # fmt: skip

    def _guard(self, who: str) -> Guard:
        facts = self.facts
        person = next((p for p in facts.people if str(p.id) == who), None)
        account = facts.account
        zone = (person and person.zone) or account.zone or facts.workspace_zone
        country = (person and person.country) or account.country or facts.workspace_country
        return Guard(
            working_hours(self.plan.calendar, zone, country),
            stops=tuple(self._stops),
            suppressed=person.refused if person else "",
            left="no longer at the account" if person and person.left_at else "",
            reached=facts.reached,
            caps=self.plan.caps,
        )

    def _reach(self, who: str) -> None:
        if who != ACCOUNT and who.isdecimal():
            reached = (*self.facts.reached, Reached(int(who), self.now))
            self.facts = replace(self.facts, reached=reached)

    def _id(self) -> int:
        return next(iter(self._ids))
