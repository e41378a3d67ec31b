"""Writes down what events do: the effects of `apply`, event after event, in one transaction.

The inbox and the desk share it, so that a call that ends in "not now" and a reply that says so
have the same effects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session

from orchestrator import sentences
from orchestrator.engine import agreement, scoring
from orchestrator.engine.companies.referrals import known_here
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.running.starters import invite_for
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import Leave, leave
from orchestrator.planner import apply
from orchestrator.planner.apply import covers
from orchestrator.planner.goals import running
from orchestrator.planner.scores import reads_scores
from orchestrator.store.companies import log
from orchestrator.store.companies.people import share_merges
from orchestrator.store.events import effects as store
from orchestrator.store.events.effects import Changes, Marks, SideTask, Standing, Written
from orchestrator.store.events.inbox import TouchMark
from orchestrator.store.plays import plays
from orchestrator.store.staff import rosters
from orchestrator.store.tasks import taking_back
from orchestrator.terms import (
    ACCOUNT,
    Effects,
    Event,
    OutcomeClass,
    Owed,
    Running,
    Scene,
    Step,
    StopOrder,
    TaskOrder,
)

BODY_LIMIT = 4_000  # characters of a reply that a task shows


class Stage:
    """Some accounts, locked, while their events are applied. Each event sees what went before.

    Gather with `play`, then write everything with `finish`.
    """

    def __init__(
        self,
        ctx: Context,
        session: Session,
        account_ids: Collection[int],
        people: Collection[int],
        now: datetime,
    ) -> None:
        self.ctx, self.session, self.now = ctx, session, now
        share_merges(session)
        self._there = store.scene(session, account_ids, people, now)
        plays_of = (self._there.running, self._there.over)
        running = [one for there in plays_of for ones in there.values() for one in ones]
        self._plans = plans_of(ctx.db).of(session, {one.version_id for one in running})
        self._changes, self._marks = Changes(), Marks()
        self._proven: dict[int, TouchMark] = {}
        self._lines: list[dict[str, Any]] = []
        self._wakes: set[int] = set()
        self._new_tasks: dict[Any, dict[str, Any]] = {}
        self._signals: list[tuple[int, Event]] = []

    @cached_property
    def _leave(self) -> Leave:
        return leave(self.session, self.now)

    @cached_property
    def _roster(self) -> Sequence[rosters.Colleague]:
        return self._leave.roster(rosters.roster(self.session), self.now)

    @cached_property
    def _teams(self) -> dict[int, list[rosters.Teammate]]:
        return rosters.teams(self.session, self._there.accounts.keys())

    @cached_property
    def owed(self) -> Owed:
        """How soon both teams agreed to answer."""
        return agreement.owed(self.ctx, self.session)

    # ------------------------------------------------------------ one event

    def play(
        self,
        event: Event,
        account_id: int | None,
        *,
        email_key: str = "",
        who: str = "",
        touch: TouchMark | None = None,
        body: str = "",
        actor_id: int | None = None,
        **data: Any,
    ) -> Effects:
        """Apply one event; without an account only what needs none is done.

        `who` names a person whom we do not know, `body` is what a task shows, `data` goes to the
        activity (ids only).
        """
        effects = apply(event, self._scene(event, account_id, email_key, who))
        self._stop(effects, account_id)
        self._suppress(effects, event, account_id, email_key)
        self._change(effects, event, account_id)
        if touch:
            self._touch(effects, event, touch)
            data["touch_id"] = touch.id
        for order in effects.tasks:
            self._task(order, account_id, touch, self._told(order, event, account_id, body))
        self._wakes |= effects.wakes
        if account_id is not None:
            self._reach_goals(effects, event, account_id)
            if not event.by:
                self._signals.append((account_id, event))
            self.say(
                event.kind, effects.text, account_id, event.contact_id, at=event.at,
                enrollment_id=touch.enrollment_id if touch else self._live(account_id),
                step=event.step, team="sales" if event.by else "contact", actor_id=actor_id, **data,
            )  # fmt: skip
        return effects

    def open(self, order: TaskOrder, account_id: int, body: str) -> None:
        """Open a task that no event asks for, or tell one of its sort that is open already."""
        open_ = (one for one in self._there.tasks[account_id] if one.status == "open")
        joins = any(_answers(one, order) for one in open_)
        self._task(order._replace(joins=joins), account_id, None, body)

    def due(self, purpose: str, account_id: int, at: datetime) -> datetime:
        """Until when what came up at `at` is owed to the account."""
        return self.owed.due(purpose, self._there.tiers[account_id], at)

    def closed(self, account_id: int | None, contact_id: int | None) -> None:
        """A planned step of the person has just ended: it is no longer one that will not go out."""
        if account_id is not None:
            self._there.planned[account_id][contact_id] -= 1

    def wake(self, enrollment_id: int | None) -> None:
        """Let `finish` wake this play, too."""
        self._wakes |= ids_of([enrollment_id])

    def retract(self, account_id: int, contact_id: int, since: datetime) -> list[int]:
        """Take back what this person's answers did since `since`; the stops that were lifted."""
        gone = taking_back.retract(self.session, account_id, contact_id, since, self.now)
        self._there.stops[account_id] = store.standing(self.session, [account_id], self.now)[
            account_id
        ]
        self._wakes |= {one.id for one in self._there.running.get(account_id, ())}
        return gone

    def step(self, account_id: int | None, enrollment_id: int | None, step: str) -> Step | None:
        """A step of one of the account's plays, if it still runs."""
        running = self._there.running.get(account_id or 0, ())
        plans = (self._plans[one.version_id] for one in running if one.id == enrollment_id)
        return next((one for plan in plans for one in plan.steps if one.id == step), None)

    def finish(self, wake_at: datetime, *, urgent: bool) -> Written:
        """Write it all, and wake the plays concerned."""
        self._settle()
        written = self._changes.flush(self.session)
        log.write(self.session, self._lines)
        self._score()
        invite_for(self.ctx, self.session, self._signals, self.now)
        if self._wakes:
            plays.wake(self.session, sorted(self._wakes), wake_at, urgent=urgent)
        return written

    def _score(self) -> None:
        """What happened counts at once, and wakes the plays whose conditions ask for it."""
        told = ids_of(line["account_id"] for line in self._lines)
        for account_id in scoring.refresh(self.session, told, self.now):
            for one in self._there.running.get(account_id, ()):
                if reads_scores(self._plans[one.version_id]):
                    self._wakes.add(one.id)

    # ------------------------------------------------------------ what it sees

    def _scene(self, event: Event, account_id: int | None, email_key: str, who: str) -> Scene:
        name, key = self._there.people.get(event.contact_id or 0, (who, email_key))
        if account_id is None:
            return Scene(person=who, email_key=email_key, owed=self.owed)
        planned = self._there.planned[account_id]
        open_tasks = frozenset(
            ("hand_off", None) if _is_hand_off(task) else (task.purpose, task.contact_id)
            for task in self._there.tasks.get(account_id, ())
            if task.status == "open"
        )
        return Scene(
            self._there.accounts[account_id], name, key or email_key, self._running(account_id),
            open_tasks, planned.get(event.contact_id, 0), sum(planned.values()),
            self._seen(self._there.over.get(account_id, ())), self._there.tiers[account_id],
            self.owed,
        )  # fmt: skip

    def _running(self, account_id: int) -> tuple[Running, ...]:
        return self._seen(self._there.running.get(account_id, ()))

    def _seen(self, plays: Iterable[store.Running]) -> tuple[Running, ...]:
        return tuple(
            running(one.id, self._plans[one.version_id], one.activated_at, one.goal_at)
            for one in plays
        )

    def _live(self, account_id: int | None) -> int | None:
        """The play that drives the account now, if one does."""
        running = self._there.running.get(account_id or 0, ())
        return next((one.id for one in running if one.status in ("active", "paused")), None)

    # ------------------------------------------------------------ what it writes

    def _stop(self, effects: Effects, account_id: int | None) -> None:
        if account_id is None:
            return
        standing = self._there.stops[account_id]
        for order in effects.stops:
            if any(covers(stop, order) for stop in standing):
                continue
            keep = sorted(order.keep)
            standing.append(
                Standing(account_id, order.contact_id, order.enrollment_id, keep, order.until)
            )
            self._changes.stops.append(
                {
                    "account_id": account_id, "contact_id": order.contact_id,
                    "enrollment_id": order.enrollment_id, "reason": order.reason, "keep": keep,
                    "at": self.now, "until": order.until, "lifted_at": None,
                }
            )  # fmt: skip
            if order.contact_id is None:
                self._stop_plays(order, account_id)

    def _stop_plays(self, order: StopOrder, account_id: int) -> None:
        ids = [one.id for one in self._there.running.get(account_id, ())]
        for id_ in [order.enrollment_id] if order.enrollment_id else ids:
            self._changes.stopped.append({"of_id": id_, "because": order.reason})

    def _reach_goals(self, effects: Effects, event: Event, account_id: int) -> None:
        """The play has done what it is for; later events of its batch find that it has."""
        for there in (self._there.running, self._there.over) if effects.goals else ():
            for number, one in enumerate(there.get(account_id, ())):
                if one.id not in effects.goals:
                    continue
                there[account_id][number] = one._replace(goal_at=event.at)
                self._changes.goals.append({"of_id": one.id, "at": event.at, "kind": event.kind})
                title = sentences.called(self._plans[one.version_id])
                self.say(
                    "goal", sentences.goal(title, event.kind), account_id, event.contact_id,
                    at=event.at, enrollment_id=one.id,
                )  # fmt: skip

    def _suppress(
        self, effects: Effects, event: Event, account_id: int | None, email_key: str
    ) -> None:
        """Forbid the address that the event named and ours of the person, or the whole account."""
        _, key = self._there.people.get(event.contact_id or 0, ("", email_key))
        for scope, value, reason in (
            *(("address", address, effects.suppress) for address in {key, email_key}),
            ("account", str(account_id), effects.suppress_account),
        ):
            if value and reason:
                self._changes.suppressions.append(
                    {
                        "scope": scope, "value": value, "reason": reason,
                        "source": event.kind, "at": event.at,
                    }
                )  # fmt: skip

    def _change(self, effects: Effects, event: Event, account_id: int | None) -> None:
        """What becomes of the person, and of the account's rest."""
        changes = self._changes
        if effects.refuses:
            changes.refused.append({"of_id": event.contact_id})
        if effects.leaves:
            changes.left.append(
                {"of_id": event.contact_id, "at": event.at, "reason": effects.leaves}
            )
        if effects.pause_until:
            rest = {"until": effects.pause_until, "because": effects.pause_reason}
            changes.accounts.append({"of_id": account_id, **rest})
            changes.paused.append({"of_account": account_id, **rest})
        if effects.lost:
            changes.lost.append({"of_id": account_id, "reason": effects.lost})

    def _touch(self, effects: Effects, event: Event, touch: TouchMark) -> None:
        if effects.stamp:
            self._marks.stamps.append((effects.stamp, touch.id, event.at))
        if not effects.settles or touch.id in self._proven:
            return
        sent = effects.settles == "sent"
        self._proven[touch.id] = touch
        self._marks.proofs[touch.id] = {
            "to_status": effects.settles,
            "to_outcome": OutcomeClass.REACHED if sent else OutcomeClass.NOT_REACHED,
            "to_reason": f"settled: {effects.text.partition(';')[0]}",
        }

    def _settle(self) -> None:
        """What was unknown until one of the events told of it."""
        for id_ in self._marks.write(self.session):
            touch, proof = self._proven[id_], self._marks.proofs[id_]
            self.say(
                "touch.settled", f"{touch.step}: {proof['to_status']}; {proof['to_reason']}",
                touch.account_id, touch.contact_id, enrollment_id=touch.enrollment_id,
                step=touch.step, touch_id=touch.id,
            )  # fmt: skip

    def _task(
        self, order: TaskOrder, account_id: int | None, touch: TouchMark | None, body: str
    ) -> None:
        if order.joins:
            self._join(order, account_id or 0, f"{order.title}\n{body}".strip()[:BODY_LIMIT])
            return
        tasks = self._there.tasks[account_id or 0]
        enrollment_id = self._live(account_id)
        party = str(order.contact_id or ACCOUNT)
        alike = (enrollment_id, party, order.purpose)
        occurrence = 1 + sum(_key(task) == alike for task in tasks)
        kind = "hand_off" if order.purpose == "hand_off" else "todo"
        task = SideTask(
            0, account_id or 0, enrollment_id, order.contact_id, "", party, order.purpose, kind,
            occurrence, "open",
        )  # fmt: skip
        if account_id is not None:
            tasks.append(task)
        row = self._row(task, order, body) | {
            "account_id": account_id, "assignee_id": self._assignee(account_id, order, touch)
        }  # fmt: skip
        self._changes.tasks.append(row)
        self._new_tasks[account_id, alike] = row
        self.say(
            "task.opened", order.title, account_id, order.contact_id,
            enrollment_id=enrollment_id, team=order.team, purpose=order.purpose,
        )  # fmt: skip

    def _row(self, task: SideTask, order: TaskOrder, body: str) -> dict[str, Any]:
        """The columns of a new task, but for whose it is."""
        return {
            "enrollment_id": task.enrollment_id, "contact_id": task.contact_id, "step": task.step,
            "party_key": task.party_key, "occurrence": task.occurrence, "purpose": task.purpose,
            "kind": task.kind, "team": order.team, "title": order.title,
            "body": body[:BODY_LIMIT], "template": "", "variant": "", "status": task.status,
            "reason": "", "disposition": "", "outcome": "", "note": "", "opened_at": self.now,
            "due_at": order.due_at, "ended_at": None, "done_by": None, "done_token": "",
            "overdue": 0, "flow_run_id": self.ctx.flow_run_id,
        }  # fmt: skip

    def _told(self, order: TaskOrder, event: Event, account_id: int | None, body: str) -> str:
        """What the task shows: who is to be added, with the address, which no log may keep."""
        if order.purpose != "add_person" or not event.referral:
            return body
        known = known_here(self.session, account_id, event.referral) if account_id else []
        named = [] if event.referral in body else [event.referral]
        return "\n".join([*named, *known, body]).strip()

    def _join(self, order: TaskOrder, account_id: int, line: str) -> None:
        """Tell the open task of the same purpose, stored or still in hand."""
        for task in self._there.tasks[account_id]:
            if task.status == "open" and _answers(task, order):
                if task.id:
                    self._changes.joins.append({"of_id": task.id, "line": line})
                else:
                    row = self._new_tasks[account_id, _key(task)]
                    row["body"] = f"{row['body']}\n{line}".strip()
                return

    def _assignee(
        self, account_id: int | None, order: TaskOrder, touch: TouchMark | None
    ) -> int | None:
        """Whoever wrote the mail reads its answer; otherwise the account team, then in turn."""
        if account_id is None:
            return None
        active = {one.user_id for one in self._roster}
        if touch and touch.sender_id in active and order.team == "sales":
            return touch.sender_id
        team = self._leave.team(self._teams.get(account_id, ()), self.now)
        return assign(account_id, "", order.team, team, self._roster)

    def say(
        self, kind: str, text: str, account_id: int | None, contact_id: int | None, *,
        at: datetime | None = None, team: str = "engine", **more: Any,
    ) -> None:  # fmt: skip
        """Add a line of the log; `finish` writes it."""
        self._lines.append(
            log.entry(
                kind, at=at or self.now, text=text, account_id=account_id, contact_id=contact_id,
                team=team, flow_run_id=self.ctx.flow_run_id, **more,
            )
        )  # fmt: skip


def _is_hand_off(task: SideTask) -> bool:
    return task.kind == "hand_off" or task.purpose == "hand_off"


def _answers(task: SideTask, order: TaskOrder) -> bool:
    if order.purpose == "hand_off":
        return _is_hand_off(task)
    return (task.purpose, task.contact_id) == (order.purpose, order.contact_id)


def _key(task: SideTask) -> tuple[int | None, str, str]:
    return task.enrollment_id, task.party_key, task.purpose


def ids_of(values: Iterable[int | None]) -> set[int]:
    """The ids that are there."""
    return {value for value in values if value is not None}
