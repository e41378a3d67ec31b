"""All runs in a few numbers: in one run of ten there is less than p10, in nine less than p90."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from orchestrator.simulate.purse import costs_anything
from orchestrator.simulate.reps import Rep
from orchestrator.simulate.running import Simulation
from orchestrator.simulate.tallies import StepTally, Tally


class Spread(NamedTuple):
    """A number over all runs."""

    p10: float
    p50: float
    p90: float


class EndRow(NamedTuple):
    """How plays stand at the end, and at how many accounts."""

    end: str
    accounts: Spread


class StepRow(NamedTuple):
    """What becomes of one step, over all accounts: a run's mean."""

    step: str
    kind: str
    planned: float
    reached: float
    not_reached: float
    dropped: float
    open: float
    held: float


class LoadRow(NamedTuple):
    """The days of one of us, or of a mailbox: `busiest` is the most on a day, p50 of all runs.

    `over` counts a rep's days that have more than the limit, and a mailbox's that reach it; `off`
    days away.
    """

    name: str
    team: str
    total: float
    done: float
    busiest: float
    busiest_on: date | None
    limit: int | None
    over: int
    off: int


class SpendRow(NamedTuple):
    """What a step costs over all accounts, and last what the playbook spends (step ""), beside its
    budget and what it had spent before; in the workspace's currency."""

    step: str
    kind: str
    spent: Spread
    before: Decimal
    budget: Decimal | None
    currency: str


class HoldRow(NamedTuple):
    """A rule that held (or, with `drops`, ended) something: a run's mean, and first when."""

    rule: str
    step: str
    times: float
    accounts: float
    first: datetime | None
    drops: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What people read of a simulation. Its days, first to last, are those of our own zone."""

    playbook: str
    title: str
    start: datetime
    until: datetime
    first: date
    last: date
    seed: int
    runs: int
    accounts: int
    reached: Spread
    ends: tuple[EndRow, ...]
    events: tuple[tuple[str, Spread], ...]
    steps: tuple[StepRow, ...]
    reps: tuple[LoadRow, ...]
    mailboxes: tuple[LoadRow, ...]
    money: tuple[SpendRow, ...]
    holds: tuple[HoldRow, ...]


def summary(made: Simulation) -> Summary:
    """The numbers of all runs."""
    setting, tallies = made.setting, made.tallies
    plan, days = setting.plan, setting.days()
    return Summary(
        plan.name, plan.title, setting.start, setting.until, days[0], days[-1], made.seed,
        len(tallies), len(setting.members), spread(len(one.reached) for one in tallies),
        tuple(
            EndRow(end, spread(one.ends[end] for one in tallies))
            for end in _by_size([one.ends for one in tallies])
        ),
        tuple(
            (kind, spread(one.events[kind] for one in tallies))
            for kind in _by_size([one.events for one in tallies])
        ),
        tuple(
            _step(step.id, step.kind, [one.steps[step.id] for one in tallies])
            for step in plan.steps
        ),
        tuple(_reps(made)), tuple(_mailboxes(made)), tuple(_money(made)), tuple(_holds(tallies)),
    )  # fmt: skip


def spread(numbers: Iterable[float]) -> Spread:
    """The 10th, 50th and 90th percentile, each one of the numbers (nearest rank)."""
    ordered = sorted(numbers) or [0.0]
    last = len(ordered) - 1
    return Spread(*(ordered[round(share * last)] for share in (0.1, 0.5, 0.9)))


def mean(numbers: Iterable[float]) -> float:
    """Their mean, 0 for none."""
    listed = list(numbers)
    return sum(listed) / len(listed) if listed else 0.0


def _by_size(counters: Sequence[Counter[str]]) -> list[str]:
    total: Counter[str] = Counter()
    for one in counters:
        total.update(one)
    return [name for name, _ in total.most_common()]


def _step(id_: str, kind: str, tallies: Sequence[StepTally]) -> StepRow:
    names = ("planned", "reached", "not_reached", "dropped", "open", "held")
    return StepRow(id_, kind, *(mean(getattr(one, name) for one in tallies) for name in names))


# ---------------------------------------------------------------- loads


def _reps(made: Simulation) -> Iterable[LoadRow]:
    came = [one.came for one in made.tallies]
    for name, rep in sorted(made.setting.reps.items()):
        total = mean(_of(name, one) for one in came)
        if total:
            yield _load(made, rep, came, total, mean(_of(name, one.done) for one in made.tallies))


def _load(
    made: Simulation, rep: Rep, came: Sequence[Counter[tuple[str, date]]], total: float,
    done: float,
) -> LoadRow:  # fmt: skip
    days = day_by_day(rep.name, came)
    busiest = max(days, key=lambda day: (days[day], -day.toordinal()), default=None)
    limit = rep.capacity
    over = sum(limit is not None and number > limit for number in days.values())
    first, last = rep.day_of(made.setting.start), rep.day_of(made.setting.until)
    off = sum(max((min(end, last) - max(begin, first)).days + 1, 0) for begin, end in rep.off)
    return LoadRow(
        rep.name, rep.team, total, done, days[busiest] if busiest else 0.0, busiest, limit, over,
        off,
    )  # fmt: skip


def _mailboxes(made: Simulation) -> Iterable[LoadRow]:
    mails = [one.mails for one in made.tallies]
    for name in sorted({name for name, _ in chain(*mails)}):
        days, total = day_by_day(name, mails), mean(_of(name, one) for one in mails)
        busiest = max(days, key=lambda day: (days[day], -day.toordinal()))
        box = next((one.boxes[name] for one in made.tallies if name in one.boxes), None)
        full = sum(box is not None and days[day] >= box.limit(day) for day in days)
        limit = box.limit(busiest) if box else None
        yield LoadRow(name, "", total, total, days[busiest], busiest, limit, full, 0)


def _money(made: Simulation) -> Iterable[SpendRow]:
    setting, plan = made.setting, made.setting.plan
    if not costs_anything(plan):
        return
    spent = [{id_: one.cost for id_, one in tally.steps.items()} for tally in made.tallies]
    currency, none = setting.currency, Decimal()
    for step in plan.steps:
        if step.cost:
            row = spread(float(one[step.id]) for one in spent)
            yield SpendRow(step.id, step.kind, row, none, None, currency)
    total = spread(float(sum(one.values(), setting.spent)) for one in spent)
    yield SpendRow("", "", total, setting.spent, plan.budget, currency)


def day_by_day(
    name: str, counters: Sequence[Counter[tuple[str, date]]]
) -> dict[date, float]:  # fmt: skip
    """A day's number in the middle run, for every day that has any."""
    days = sorted({day for other, day in chain(*counters) if other == name})
    return {day: spread(one[name, day] for one in counters).p50 for day in days}


def _of(name: str, days: Counter[tuple[str, date]]) -> int:
    return sum(number for (other, _), number in days.items() if other == name)


# ---------------------------------------------------------------- holds


def _holds(tallies: Sequence[Tally]) -> list[HoldRow]:
    keys = dict.fromkeys(key for one in tallies for key in one.holds)
    rows = []
    for rule, step in keys:
        found = [one.holds[rule, step] for one in tallies if (rule, step) in one.holds]
        number = len(tallies)
        rows.append(
            HoldRow(
                rule, step, sum(one.times for one in found) / number,
                sum(len(one.accounts) for one in found) / number,
                min(one.first for one in found if one.first), found[0].drops,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.drops, -row.times, row.rule, row.step))
