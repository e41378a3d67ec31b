"""What the ledger keeps in tables, kept in memory for one enrollment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from accounts.consent import Reason, Rule, Scope, in_words
from orchestrator import sentences
from orchestrator.planner import apply
from orchestrator.planner.apply import covers
from orchestrator.planner.goals import running
from orchestrator.terms import (
    ACCOUNT,
    REACHES_PERSON,
    UNAGREED,
    Again,
    Decision,
    Effects,
    Event,
    Facts,
    Happening,
    Holder,
    Kind,
    Note,
    OpenTask,
    OpenTouch,
    OutcomeClass,
    Owed,
    Party,
    Person,
    Plan,
    Reached,
    Run,
    Scene,
    State,
    StopMark,
    StopOrder,
    TaskOrder,
)

# A touch's columns as the planner calls them.
_STAMPS = {"opened_at": "viewed_at"}


@dataclass(slots=True)
class Ledger:
    """One enrollment's rows. `names` says what people call each contact, `account` the company."""

    plan: Plan
    facts: Facts
    account: str = "the account"
    names: dict[str, str] = field(default_factory=dict)
    enrollment_id: int = 1
    status: str = "active"
    outcome: str = ""
    reason: str = ""
    next_due: datetime | None = None
    activated_at: datetime | None = None
    resumed_at: datetime | None = None
    tier: int | None = None  # the account's when the play began
    round: int = 1
    ended_at: datetime | None = None
    again: Again | None = None  # whether the account is to be enrolled once more
    goal_at: datetime | None = None
    goal: str = ""  # the kind of event that reached it
    moved_at: datetime | None = None
    owed: Owed = UNAGREED
    switched_off: bool = False  # its playbook is, which goes before a rest of the account
    log: list[Note] = field(default_factory=list)
    sent: list[tuple[datetime, str, str]] = field(default_factory=list)
    departed: list[int] = field(default_factory=list)  # the touches of `sent`, in the same order
    planned: dict[int, OpenTouch] = field(default_factory=dict)  # every touch there was
    touches: dict[int, OpenTouch] = field(default_factory=dict)  # those that may still leave
    tasks: dict[int, OpenTask] = field(default_factory=dict)  # every task there was
    shared: set[int] = field(default_factory=set)  # tasks that went back to the team's queue
    parties: dict[int, Party] = field(default_factory=dict)
    runs: dict[str, Run] = field(default_factory=dict)
    holders: dict[tuple[str, int], Holder] = field(default_factory=dict)
    stops: list[StopMark] = field(default_factory=list)
    drafts: dict[int, OpenTouch] = field(default_factory=dict)  # those that wait for a yes
    left: dict[int, str] = field(default_factory=dict)  # why people left
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def state(self) -> State:
        """The rows as the planner wants them."""
        return State(
            self.enrollment_id, self.facts.account.id, self.status, self.activated_at,
            dict(self.runs), tuple(self.parties.values()), tuple(self.holders.values()),
            tuple(self.stops), self.resumed_at, self.round, self.tier, self.moved_at,
        )  # fmt: skip

    def count_on(self, earlier: Ledger) -> None:
        """Number what comes after what an earlier play of the account has numbered."""
        self._ids = earlier._ids

    def open_tasks(self) -> dict[int, OpenTask]:
        """The tasks that lie in somebody's queue."""
        return {id_: one for id_, one in self.tasks.items() if self.parties[id_].status == "open"}

    def say(self, kind: str, step: str, who: str, text: str, at: datetime) -> None:
        """Write a line of the log."""
        self.log.append(Note(kind, step, who, text, at))

    # ------------------------------------------------------------ what the planner decided

    def write(self, decision: Decision, now: datetime) -> None:
        """One decision, as the engine's one transaction."""
        self.next_due, self.reason = decision.next_due, decision.reason
        self.runs |= {run.step: run for run in decision.runs}
        self.holders |= {(one.seat, one.contact_id): one for one in decision.holders}
        for touch in decision.touches:
            self._add_touch(touch)
        for task in decision.tasks:
            self._add_task(task, now)
        self._close(decision, now)
        self.log += decision.notes
        self.again = decision.again
        if decision.end:
            self.status, self.outcome, self.next_due = "ended", decision.end, None
            self.ended_at = now
            title = sentences.called(self.plan)
            self.say("ended", "", "", sentences.ended(title, decision.end, decision.reason), now)

    def _add_touch(self, touch: OpenTouch) -> None:
        id_ = next(self._ids)
        self.parties[id_] = Party(
            touch.step, touch.who, touch.occurrence, "touch", id_, touch.status, touch.outcome,
            touch.due_at, touch.ended_at, touch.due_at,
        )  # fmt: skip
        self.planned[id_] = touch
        if touch.status == "ready":
            self.touches[id_] = touch
        elif touch.status == "draft":
            self.drafts[id_] = touch

    def _add_task(self, task: OpenTask, now: datetime) -> None:
        id_ = next(self._ids)
        self.tasks[id_] = task
        self.parties[id_] = Party(
            task.step, task.who, task.occurrence, "task", id_, task.status, task.outcome,
            task.opened_at, task.ended_at, task.due_at, 0, task.purpose,
        )  # fmt: skip
        if task.status == "open":
            self.say("task.opened", task.step, task.who, task.title, now)

    def _close(self, decision: Decision, now: datetime) -> None:
        for close in decision.closes:
            party = self.parties[close.id]
            self.parties[close.id] = party._replace(
                status=close.status, outcome=close.outcome, ended_at=close.ended_at
            )
            self.touches.pop(close.id, None)
            self.drafts.pop(close.id, None)
            if close.status == "cancelled":
                text = sentences.cancelled(close.table, party.step, close.reason)
                self.say(f"{close.table}.cancelled", party.step, party.who, text, now)
        for move in decision.advances:
            party = self.parties[move.task_id]
            self.parties[move.task_id] = party._replace(overdue=move.overdue, due_at=move.due_at)
            if move.action == "reassign":
                self.shared.add(move.task_id)

    # ------------------------------------------------------------ what an event does

    def play(self, event: Event, now: datetime) -> Effects:
        """Apply one event; it wakes the play if it concerns it."""
        effects = apply(event, self._scene(event))
        for order in effects.stops:
            self._stop(order, now)
        self._change_people(effects, event)
        self._rest(effects)
        if effects.lost:
            account = self.facts.account._replace(lost_reason=effects.lost)
            self.facts = self.facts._replace(account=account)
        if effects.stamp:
            self._stamp(event, _STAMPS.get(effects.stamp, effects.stamp))
        for task in effects.tasks:
            self._order(task, now)
        if effects.wakes:
            self.wake(now)
        who = "" if event.contact_id is None else str(event.contact_id)
        if effects.goals:
            self.goal_at, self.goal = event.at, event.kind
            text = sentences.goal(sentences.called(self.plan), event.kind)
            self.say("goal", "", who, text, event.at)
        self.say(event.kind, event.step, who, effects.text, event.at)
        happening = Happening(event.kind, event.contact_id, event.at)
        self.facts = self.facts._replace(happenings=(*self.facts.happenings, happening))
        return effects

    def wake(self, at: datetime) -> None:
        """Decide at that instant; a play that rests keeps its date."""
        if self.status == "active":
            self.next_due = at

    def _scene(self, event: Event) -> Scene:
        person = self.person(event.contact_id)
        planned = Counter(
            party.who
            for party in self.parties.values()
            if party.ended_at is None and party.purpose == "step" and party.status != "sending"
        )
        own = (running(self.enrollment_id, self.plan, self.activated_at, self.goal_at),)
        ended = self.status == "ended"
        who = "" if event.contact_id is None else str(event.contact_id)
        return Scene(
            self.account,
            self.names.get(who, ""),
            "known" if person and "email" in person.addresses else "",
            () if ended else own,
            frozenset(self._beside()),
            planned[who or ACCOUNT],
            planned.total(),
            own if ended else (),
            self.tier or 0,
            self.owed,
        )

    def _beside(self) -> Iterator[tuple[str, int | None]]:
        for task in self.open_tasks().values():
            if task.kind == Kind.HAND_OFF:
                yield "hand_off", None
            elif task.step == "":
                yield task.purpose, contact_of(task.who)

    def person(self, contact_id: int | None) -> Person | None:
        """What is known of somebody."""
        return next((one for one in self.facts.people if one.id == contact_id), None)

    def _stop(self, order: StopOrder, now: datetime) -> None:
        if not any(covers(stop, order) for stop in self.stops):
            self.stops.append(
                StopMark(
                    order.contact_id, order.enrollment_id, order.reason, order.keep, now,
                    order.until,
                )
            )  # fmt: skip

    def _change_people(self, effects: Effects, event: Event) -> None:
        for person in self.facts.people:
            mine = person.id == event.contact_id
            refused = person.refused
            if effects.suppress_account:
                refused = refused or _forbidden(Scope.ACCOUNT, effects.suppress_account)
            if mine and effects.refuses:
                refused = sentences.REFUSED
            elif mine and effects.suppress:
                refused = refused or _forbidden(Scope.ADDRESS, effects.suppress)
            left_at = person.left_at or (event.at if mine and effects.leaves else None)
            if left_at and not person.left_at:
                self.left[person.id] = effects.leaves
            self.learn(person._replace(refused=refused, left_at=left_at))

    def why_left(self, person: Person) -> str:
        """Why they are no longer at the account, "" while they are."""
        return self.left.get(person.id, sentences.GONE) if person.left_at else ""

    def learn(self, *people: Person) -> None:
        """Add people, or put them in the place of what was known of them."""
        known = {one.id: one for one in (*self.facts.people, *people)}
        self.facts = self.facts._replace(people=tuple(known.values()))

    def _rest(self, effects: Effects) -> None:
        until, reason = effects.pause_until, effects.pause_reason
        if until is None:
            return
        account = self.facts.account
        if account.paused_until is None or account.paused_until < until:
            account = account._replace(paused_until=until, pause_reason=reason)
            self.facts = self.facts._replace(account=account)
        if self.status == "active" or (
            self.status == "paused" and not self.switched_off and (self.next_due or until) < until
        ):
            self.status, self.reason, self.next_due = "paused", reason, until

    def switch_off(self, reason: str, until: datetime | None) -> None:
        """Hold a live play until a date or until somebody resumes it; tasks stay workable."""
        self.status, self.reason, self.next_due = "paused", reason, until
        self.switched_off = True

    def hold_back(self, reason: str) -> None:
        """Wait until another play, which drives the account, has ended."""
        self.status, self.reason, self.next_due = "waiting", reason, None

    def stop_for(self, reason: str, now: datetime) -> None:
        """Forbid whatever the play still wants to send, and let it end."""
        self.stops.append(StopMark(None, self.enrollment_id, reason, frozenset(), now))
        self.status, self.next_due = "active", now

    def missed_at(self, now: datetime) -> datetime | None:
        """When the first of what fell due by now was due, if anything did."""
        runs = (one.due_at for one in self.runs.values() if one.status in ("waiting", "held"))
        planned = (self.planned[id_].due_at for id_ in self.touches)
        return min((at for at in (*runs, *planned) if at and at <= now), default=None)

    def take_turn(self, at: datetime, reason: str) -> None:
        """Go on by itself at that instant."""
        self.next_due, self.reason = at, reason

    def resume(self, now: datetime, because: str = sentences.OVER) -> None:
        """Decide, unless the account still rests."""
        self.switched_off, account = False, self.facts.account
        if account.paused_until and account.paused_until > now:
            self.reason, self.next_due = account.pause_reason, account.paused_until
            return
        self.go_on(now)
        account = account._replace(paused_until=None, pause_reason="")
        self.facts = self.facts._replace(account=account)
        self.say("resumed", "", "", sentences.goes_on(sentences.called(self.plan), because), now)

    def go_on(self, now: datetime) -> None:
        """Decide again, and make due what the pause kept in the house."""
        self.status, self.reason, self.next_due, self.resumed_at = "active", "", now, now
        for id_, touch in self.touches.items():
            if self.planned[id_].due_at <= now < touch.due_at:
                self.touches[id_] = touch._replace(due_at=now)
                self.parties[id_] = self.parties[id_]._replace(due_at=now)

    def _stamp(self, event: Event, name: str) -> None:
        """Events come late and twice: the earliest instant stays."""
        for id_, party in self.parties.items():
            mine = (party.step, party.who) == (event.step, str(event.contact_id))
            if mine and party.table == "touch":
                known = getattr(party, name)
                stamps: dict[str, Any] = {name: min(known or event.at, event.at)}
                self.parties[id_] = party._replace(**stamps)

    def _order(self, order: TaskOrder, now: datetime) -> None:
        """Open a task that an answer asks for; with `joins`, one is open and hears of it."""
        if order.joins:
            return
        who = ACCOUNT if order.contact_id is None else str(order.contact_id)
        kind = Kind.HAND_OFF if order.purpose == "hand_off" else Kind.TODO
        alike = (order.purpose, "", who)
        before = [
            task for task in self.tasks.values() if (task.purpose, task.step, task.who) == alike
        ]
        self._add_task(
            OpenTask(
                "", who, 1 + len(before), order.purpose, kind, order.team, "", order.title, "", "",
                now, order.due_at,
            ),
            now,
        )  # fmt: skip

    # ------------------------------------------------------------ what reached somebody

    def reach(self, who: str, outcome: str, now: datetime) -> None:
        """Count to caps what reached somebody (18)."""
        contact_id = contact_of(who)
        if contact_id is not None and outcome in (OutcomeClass.REACHED, OutcomeClass.REFUSED):
            reached = (*self.facts.reached, Reached(contact_id, now))
            self.facts = self.facts._replace(reached=reached)


def reaches(kind: str, purpose: str) -> bool:
    """Whether a party can count to caps: a step's own that goes to a person."""
    return purpose == "step" and kind in REACHES_PERSON


def contact_of(who: str) -> int | None:
    """The contact of a party key; None for the account and for a seat."""
    return int(who) if who.isdecimal() else None


def _forbidden(scope: Scope, reason: str) -> str:
    return in_words(Rule(scope, "", Reason(reason)))
