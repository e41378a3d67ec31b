"""The dry run of a whole playbook: the same accounts, so many times, each time with other luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from zoneinfo import ZoneInfo

from accounts.collecting import uncollected
from orchestrator.planner.hours import working_hours
from orchestrator.simulate.audience import Member
from orchestrator.simulate.crowd import Crowd
from orchestrator.simulate.likely import Likely
from orchestrator.simulate.outbox import BoxOf, Outbox
from orchestrator.simulate.purse import Money, costs_anything
from orchestrator.simulate.rates import Rates
from orchestrator.simulate.reps import Desk, Rep, Whose
from orchestrator.simulate.scores import Scores, engaged
from orchestrator.simulate.tallies import Line, Mailbox, Tally, calendar, tally
from orchestrator.terms import TEAM_OF, UNAGREED, Owed, Plan

Tell = Callable[[int, int], None]  # how much is done, of how much


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated: a plan, its accounts, and us. Frozen: every run begins with the same.

    `started` are the starts before `start` that still take a place of the pace. `whose` names the
    rep of an account's task, `mailbox` the address that a mail of an account comes from.
    """

    plan: Plan
    members: Sequence[Member]
    start: datetime
    until: datetime
    zone: str
    reps: Mapping[str, Rep]
    whose: Whose
    mailbox: Mailbox
    started: tuple[datetime, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)  # points by kind of activity
    half_life_days: float = 30.0
    box: BoxOf | None = None  # the mailbox of a mail, where any has a limit
    currency: str = "EUR"
    spent: Decimal = Decimal()  # by the playbook before `start`
    owed: Owed = UNAGREED  # how soon answers are

    def money(self) -> Money | None:
        """The purse of one run; None where nothing costs anything."""
        if not costs_anything(self.plan):
            return None
        return Money(self.plan.budget, self.currency, self.spent)

    def days(self) -> list[date]:
        """Every date on which something may happen, on our own clock."""
        zone = ZoneInfo(self.zone)
        first = self.start.astimezone(zone).date()
        last = (self.until - timedelta(microseconds=1)).astimezone(zone).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    @property
    def scores(self) -> Scores | None:
        """How engagement grows and fades; None where nobody has any and nothing is worth points."""
        if self.weights or any(engaged(one.facts) for one in self.members):
            return Scores(self.weights, self.half_life_days, self.start)
        return None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What came of all runs, and the calendar of the first of them."""

    setting: Setting
    rates: Rates
    seed: int
    tallies: Sequence[Tally]
    lines: Sequence[Line] = field(repr=False)


def crewless(
    plan: Plan, members: Sequence[Member], start: datetime, until: datetime, zone: str = "UTC"
) -> Setting:
    """A setting without anybody of us: each team's tasks lie in one queue."""
    hours = working_hours(plan.calendar, zone, "")
    queues = {team: Rep(team, team, hours) for team in {*TEAM_OF.values(), "leader"}}
    return Setting(
        plan, members, start, until, zone, queues, lambda _, task: task.team, lambda *_: "us"
    )


def simulate(
    setting: Setting, rates: Rates, *, seed: int = 1, runs: int = 1, tell: Tell | None = None
) -> Simulation:
    """Let the accounts of the setting run so many times; the same seed gives the same again."""
    tallies, lines = list[Tally](), list[Line]()
    hears = _progress(setting, runs, tell)
    for run in range(1, runs + 1):
        desk = Desk(setting.reps, setting.whose)
        crowd = Crowd(
            setting.plan, setting.start, setting.zone, Likely(rates, desk, seed, run),
            setting.scores, list(setting.started),
            outbox=Outbox(setting.box) if setting.box else None,
            money=setting.money(), owed=setting.owed,
        )  # fmt: skip
        with uncollected():  # it finds nothing, and looks at millions of rows for that
            let_run(crowd, setting, (lambda at, run=run: hears(at, run)) if tell else None)  # type: ignore[misc]
            tallies.append(tally(crowd, desk, setting.mailbox))
        if run == 1:
            lines = list(calendar(crowd, setting.whose))
    return Simulation(setting, rates, seed, tallies, lines)


def let_run(crowd: Crowd, setting: Setting, tell: Callable[[datetime], None] | None = None) -> None:
    """Enroll everybody and let the time of the setting pass."""
    for member in setting.members:
        crowd.join(member)
    crowd.run(setting.until, tell)


def _progress(setting: Setting, runs: int, tell: Tell | None) -> Callable[[datetime, int], None]:
    days, calls = max((setting.until - setting.start).days, 1), count()

    def hears(at: datetime, run: int) -> None:
        if tell and next(calls) % 64 == 0:  # a bar that is drawn at every instant costs more
            tell((run - 1) * days + (at - setting.start).days, runs * days)

    return hears
