"""What came of one run: who reached the goal, what was sent and done, what was held and by what."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator.pacing import Box
from orchestrator.simulate.audience import Member
from orchestrator.simulate.crowd import Crowd
from orchestrator.simulate.purse import price_of
from orchestrator.simulate.reps import Desk, Whose
from orchestrator.simulate.world import Simulated
from orchestrator.terms import Kind, Note, OpenTouch, OutcomeClass

GOALS = ("handed_off", "won")  # ends that are what a play is for
MEETINGS = ("meeting_booked", "opportunity")
HOLDS = ("step.held", "touch.held", "waiting")
DROPS = ("step.skipped", "touch.suppressed", "touch.cancelled", "task.skipped", "task.cancelled")
WAITING, RUNNING = "not begun", "still running"

Mailbox = Callable[[int, OpenTouch], str]  # the address that a mail of an account comes from


class Line(NamedTuple):
    """A line of the calendar of one account; `who` is a person's name, `by` one of us."""

    at: datetime
    account_id: int
    account: str
    kind: str
    step: str
    who: str
    text: str
    by: str = ""


@dataclass(slots=True)
class StepTally:
    """What became of one step, over all accounts: parties of it, and how they ended."""

    planned: int = 0
    reached: int = 0
    not_reached: int = 0
    dropped: int = 0
    held: int = 0
    open: int = 0
    cost: Decimal = Decimal()


@dataclass(slots=True)
class Hold:
    """A rule that held or dropped something: how often, at how many accounts, first when."""

    times: int = 0
    accounts: set[int] = field(default_factory=set)
    first: datetime | None = None
    drops: bool = False

    def add(self, account_id: int, at: datetime) -> None:
        """Count once more."""
        self.times += 1
        self.accounts.add(account_id)
        self.first = min(self.first or at, at)


@dataclass(slots=True)
class Tally:
    """One run in numbers. Days are those of the workspace's zone, those of a rep or a limited
    mailbox their own."""

    accounts: int = 0
    reached: dict[int, datetime] = field(default_factory=dict)  # the goal, by account
    ends: Counter[str] = field(default_factory=Counter)
    steps: dict[str, StepTally] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    holds: dict[tuple[str, str], Hold] = field(default_factory=lambda: defaultdict(Hold))
    begins: Counter[date] = field(default_factory=Counter)
    sent: Counter[date] = field(default_factory=Counter)
    mails: Counter[tuple[str, date]] = field(default_factory=Counter)  # by mailbox
    boxes: dict[str, Box] = field(default_factory=dict)  # mailboxes that have a limit
    came: Counter[tuple[str, date]] = field(default_factory=Counter)  # tasks, by rep
    done: Counter[tuple[str, date]] = field(default_factory=Counter)


def tally(crowd: Crowd, desk: Desk, mailbox: Mailbox) -> Tally:
    """The numbers of a crowd whose time has passed."""
    found, zone = Tally(len(crowd.members)), ZoneInfo(crowd.zone)
    for step in crowd.plan.steps:
        found.steps[step.id] = StepTally()
    for id_, note in crowd.log:
        _count_line(found, crowd.members[id_], note)
    for id_, play in (*crowd.past, *crowd.plays.items()):
        assert play.ledger.activated_at
        found.begins[play.ledger.activated_at.astimezone(zone).date()] += 1
        for note in play.ledger.log:
            _count_line(found, crowd.members[id_], note)
        _count_parties(found, play)
        _count_sent(found, id_, play, mailbox, zone)
        _count_done(found, id_, play, desk)
        if at := reached_at(play):
            found.reached.setdefault(id_, at)
    for play in crowd.plays.values():
        ledger = play.ledger
        found.ends[ledger.outcome if ledger.status == "ended" else RUNNING] += 1
    if waiting := len(crowd.members) - len(crowd.plays):
        found.ends[WAITING] = waiting
    found.came = desk.came
    return found


def reached_at(play: Simulated) -> datetime | None:
    """When the account reached the play's goal; where it names none, a meeting, an opportunity or
    that sales took it over."""
    if play.plan.goal:
        return play.ledger.goal_at
    for note in play.ledger.log:
        if note.kind in MEETINGS or (note.kind == "ended" and play.ledger.outcome in GOALS):
            return note.at
    return None


def _count_parties(found: Tally, play: Simulated) -> None:
    for party in play.ledger.parties.values():
        one = found.steps.get(party.step)
        if one is None or party.purpose != "step":
            continue
        one.planned += 1
        one.cost += price_of(play.plan, party)
        if party.ended_at is None:
            one.open += 1
        elif party.outcome == OutcomeClass.REACHED:
            one.reached += 1
        elif party.outcome == OutcomeClass.NOT_DONE:
            one.dropped += 1
        else:
            one.not_reached += 1


def _count_sent(
    found: Tally, id_: int, play: Simulated, mailbox: Mailbox, zone: ZoneInfo
) -> None:  # fmt: skip
    ledger = play.ledger
    for (at, _, _), touch_id in zip(ledger.sent, ledger.departed, strict=True):
        touch, day = ledger.planned[touch_id], at.astimezone(zone).date()
        found.sent[day] += 1
        if touch.channel == Kind.EMAIL:
            name, box = mailbox(id_, touch), play.outbox and play.outbox.box(id_, touch)
            if box:
                found.boxes[name], day = box, box.day(at)
            found.mails[name, day] += 1


def _count_done(found: Tally, id_: int, play: Simulated, desk: Desk) -> None:
    for task_id, (at, _) in play.closed.items():
        name = desk.did.get((id_, task_id)) or desk.whose(id_, play.ledger.tasks[task_id])
        found.done[name, desk.reps[name].day_of(at)] += 1


def _count_line(found: Tally, member: Member, note: Note) -> None:
    if note.kind in HOLDS or note.kind in DROPS:
        hold = found.holds[rule_of(note, member), note.step]
        hold.drops = note.kind in DROPS
        hold.add(member.id, note.at)
        if note.kind in HOLDS and note.step in found.steps:
            found.steps[note.step].held += 1
    elif not note.kind.startswith(_OF_A_PLAY):
        found.events[note.kind] += 1


_OF_A_PLAY = (
    "step.", "touch.", "task.", "seat.", "goal", "enrolled", "started", "ended", "paused",
    "resumed",
)  # fmt: skip
_DIFFERS = re.compile(r"; next place on .*|\b(\d+ times|once) ")


def rule_of(note: Note, member: Member) -> str:
    """The rule that a line names, without the people, dates and counts that differ by account."""
    text = note.text.partition(" waits: ")[2] if note.kind == "waiting" else note.text
    text = text.removeprefix(f"{note.step}: ").removeprefix("held, ").removeprefix("not sent, ")
    for name in member.names.values():
        text = text.replace(name, "somebody")
    return _DIFFERS.sub("", text.replace(member.account, "the account"))


# ---------------------------------------------------------------- the calendar


def calendar(crowd: Crowd, whose: Whose) -> Iterator[Line]:
    """Every line of every account's calendar, account by account, in the order of time.

    `whose` names the rep of an account's task.
    """
    waits: dict[int, list[Note]] = defaultdict(list)
    for id_, note in crowd.log:
        waits[id_].append(note)
    plays: dict[int, list[Simulated]] = defaultdict(list)
    for id_, play in (*crowd.past, *crowd.plays.items()):
        plays[id_].append(play)
    for id_ in sorted(crowd.members):
        lines = [_line(crowd, id_, note) for note in waits[id_]]
        for play in plays[id_]:
            lines += [_line(crowd, id_, note) for note in play.ledger.log]
            lines += _ends_of_tasks(crowd, id_, play, whose)
        yield from sorted(lines, key=lambda line: line.at)


def _line(crowd: Crowd, id_: int, note: Note) -> Line:
    member = crowd.members[id_]
    names = crowd.plays[id_].ledger.names if id_ in crowd.plays else member.names
    who = names.get(note.who, "")
    return Line(note.at, id_, member.account, note.kind, note.step, who, note.text)


def _ends_of_tasks(crowd: Crowd, id_: int, play: Simulated, whose: Whose) -> Iterator[Line]:
    for task_id, (at, disposition) in play.closed.items():
        task, name = play.ledger.tasks[task_id], crowd.members[id_].account
        who = play.ledger.names.get(task.who, "")
        text = f"{task.title or task.step}: {disposition.replace('_', ' ')}"
        yield Line(at, id_, name, "task.done", task.step, who, text, whose(id_, task))
