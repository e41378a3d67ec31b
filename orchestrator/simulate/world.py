"""The virtual clock around the ledger: what is due is decided, sent and answered, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from orchestrator import sentences
from orchestrator.pacing import Guard, Sending, may_send
from orchestrator.planner import decide
from orchestrator.planner.hours import recipient_hours
from orchestrator.simulate import desk, moving
from orchestrator.simulate.ledger import Ledger, contact_of, reaches
from orchestrator.simulate.outbox import Outbox
from orchestrator.simulate.purse import Money, costs_anything
from orchestrator.simulate.resting import come_to_rest
from orchestrator.terms import (
    ACCOUNT,
    UNAGREED,
    UNTIL_RESUMED,
    Event,
    Facts,
    Kind,
    Later,
    Never,
    OpenTask,
    OpenTouch,
    OutcomeClass,
    Owed,
    Person,
    Plan,
)

Answer = tuple[str, timedelta]  # a disposition, and how long after opening
QUESTIONS = ("approve", "hand_off")


def at_once(task: OpenTask) -> Answer:
    """Everybody does everything within the hour."""
    yes = task.purpose in QUESTIONS or task.kind == Kind.HAND_OFF
    return "accepted" if yes else "done", timedelta(hours=1)


@dataclass(slots=True)
class Simulated:
    """One account's play. `answer` says how a task ends, None for never.

    Either let it `run`, or move it yourself: `next_at`, `move`, what happens, `settle`.
    """

    plan: Plan
    facts: Facts
    now: datetime
    answer: Callable[[OpenTask], Answer | None] = at_once
    account: str = "the account"
    names: dict[str, str] = field(default_factory=dict)
    outbox: Outbox | None = None
    owed: Owed = UNAGREED
    money: Money | None = None  # None: its own, if anything costs
    ledger: Ledger = field(init=False)
    closed: dict[int, tuple[datetime, str]] = field(default_factory=dict)  # tasks, how they ended
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)  # what comes at one instant, in order
    _answered: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.facts = self.facts._replace(owed=self.owed)
        self.ledger = Ledger(self.plan, self.facts, self.account, self.names)
        self.ledger.tier, self.ledger.owed = self.facts.account.tier, self.owed
        self.ledger.activated_at = self.ledger.next_due = self.now
        if self.money is None and costs_anything(self.plan):
            self.money = Money(self.plan.budget)

    # ------------------------------------------------------------ let time pass

    def run(self, until: datetime) -> Simulated:
        """Let time pass to `until`, from one due instant to the next."""
        while (at := self._next()) is not None and at <= until:
            self.move(at)
            due = sorted(entry for entry in self._agenda if entry[0] <= self.now)
            self._agenda = [entry for entry in self._agenda if entry[0] > self.now]
            for _, _, happening in due:
                happening()
            self.settle()
            self._plan_answers()
        self.move(until)
        return self

    def at(self, when: datetime, happening: Callable[[], None]) -> None:
        """Let something happen at an instant of `run`."""
        self._agenda.append((when, next(self._numbers), happening))

    def _next(self) -> datetime | None:
        due = self.next_at()
        return min((*(entry[0] for entry in self._agenda), *([due] if due else ())), default=None)

    def _plan_answers(self) -> None:
        for id_, task in self.ledger.open_tasks().items():
            if id_ not in self._answered and (answer := self.answer(task)):
                disposition, after = answer
                when = max(self.now, task.opened_at + after)
                self.at(when, lambda id_=id_, said=disposition: self.close(id_, said))  # type: ignore[misc]
            self._answered.add(id_)

    # ------------------------------------------------------------ or move it yourself

    def next_at(self) -> datetime | None:
        """When something is due next; None when only an event can bring that about."""
        ledger = self.ledger
        dues = [one.due_at for one in ledger.touches.values() if one.due_at < UNTIL_RESUMED]
        if ledger.next_due and ledger.status != "ended":
            dues.append(ledger.next_due)
        return min(dues, default=None)

    def move(self, to: datetime) -> None:
        """Set the clock on, never back."""
        self.now = max(self.now, to)

    def settle(self) -> None:
        """Decide and send until nothing is due at this instant any more."""
        come_to_rest(self.plan.name, self.now, self.next_at, self._pass)

    def happen(self, event: Event) -> None:
        """Apply an event now."""
        self.ledger.play(event, self.now)

    def learn(self, *people: Person) -> None:
        """Somebody was added, or is known better: the play looks at once."""
        self.ledger.learn(*people)
        self.ledger.wake(self.now)

    def close(self, task_id: int, disposition: str, **said: object) -> None:
        """End an open task; see `desk.close`."""
        if self.ledger.parties[task_id].status == "open":
            self.closed[task_id] = self.now, disposition
        desk.close(self.ledger, task_id, disposition, self.now, **said)  # type: ignore[arg-type]

    def migrate(self, plan: Plan, names: Mapping[str, str], number: int) -> None:
        """Go on in another version, in which steps are called so; CannotMove if it must not."""
        moving.migrate(self.ledger, plan, names, number, self.now)
        self.plan = self.ledger.plan

    # ------------------------------------------------------------ one pass

    def _pass(self) -> None:
        ledger = self.ledger
        if ledger.status == "paused" and ledger.next_due and ledger.next_due <= self.now:
            ledger.resume(self.now)
        if ledger.status == "active" and ledger.next_due and ledger.next_due <= self.now:
            facts = ledger.facts
            if self.money:
                self.money.count(ledger)  # what was taken back meanwhile is there again
                facts = facts._replace(purse=self.money.purse())
            ledger.write(decide(self.plan, ledger.state(), facts, self.now), self.now)
            if self.money:
                self.money.count(ledger)
        due = [(id_, one) for id_, one in ledger.touches.items() if one.due_at <= self.now]
        for id_, touch in sorted(due, key=_competing):
            self._deliver(id_, touch)

    def _deliver(self, id_: int, touch: OpenTouch) -> None:
        ledger, who = self.ledger, touch.who
        ruling = may_send(self._sending(touch), self._guard(touch), self.now)
        if isinstance(ruling, Later):
            ledger.touches[id_] = touch._replace(due_at=ruling.at, reason=ruling.reason)
            ledger.parties[id_] = ledger.parties[id_]._replace(due_at=ruling.at)
            if ruling.reason != touch.reason:
                self._tell(touch, "ready", ruling.reason)
            return
        del ledger.touches[id_]
        if isinstance(ruling, Never):
            self._end(id_, ruling.status, OutcomeClass.NOT_DONE)
            self._tell(touch, ruling.status, ruling.reason)
            return
        self._end(id_, "sent", OutcomeClass.REACHED)
        if self.outbox:
            self.outbox.count(ledger.facts.account.id, touch, self.now)
        ledger.sent.append((self.now, touch.step, who))
        ledger.departed.append(id_)
        self._tell(touch, "sent")
        if reaches(touch.channel, "step"):
            ledger.reach(who, OutcomeClass.REACHED, self.now)

    def _tell(self, touch: OpenTouch, status: str, reason: str = "") -> None:
        text = sentences.touch(touch.step, status, reason)
        self.ledger.say(sentences.touch_kind(status), touch.step, touch.who, text, self.now)

    def _end(self, id_: int, status: str, outcome: str) -> None:
        ledger = self.ledger
        ledger.parties[id_] = ledger.parties[id_]._replace(
            status=status, outcome=outcome, ended_at=self.now
        )
        ledger.wake(self.now)

    def _sending(self, touch: OpenTouch) -> Sending:
        step = next(step for step in self.plan.steps if step.id == touch.step)
        contact_id = None if touch.who == ACCOUNT else int(touch.who)
        return Sending(
            step.kind, touch.step, self.ledger.enrollment_id, contact_id, touch.late_at,
            step.answer, step.always,
        )  # fmt: skip

    def _guard(self, touch: OpenTouch) -> Guard:
        ledger, facts = self.ledger, self.ledger.facts
        person = next((p for p in facts.people if str(p.id) == touch.who), None)
        to_us = touch.channel == Kind.NOTIFY  # word to a colleague, about the person
        return Guard(
            recipient_hours(
                self.plan.calendar,
                person,
                facts.account,
                facts.workspace_zone,
                facts.workspace_country,
                facts.workspace_quiet,
            ),
            ledger.status,
            ledger.reason,
            ledger.next_due if ledger.status == "paused" else None,
            tuple(ledger.stops),
            person.refused if person and not to_us else "",
            ledger.why_left(person) if person and not to_us else "",
            facts.reached,
            self.plan.caps,
            self.outbox.quota(facts.account.id, touch, self.now) if self.outbox else None,
        )


def _competing(entry: tuple[int, OpenTouch]) -> tuple[datetime, str, int]:
    """Competitors for a cap stand by (due, account, step, contact); here is one account."""
    _, touch = entry
    return touch.due_at, touch.step, contact_of(touch.who) or 0
