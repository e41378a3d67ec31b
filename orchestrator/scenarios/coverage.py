"""Which parts of a playbook its scenarios exercise, and which they never do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from orchestrator.language.by_tier import OTHERS
from orchestrator.planner.goals import includes
from orchestrator.simulate import Ledger
from orchestrator.terms import DONE_BY_NOBODY, Kind, OpenTask, OutcomeClass, Plan, Step

KINDS = ("step", "branch", "arm", "tier", "stop", "outcome")
OUTCOMES = (
    OutcomeClass.REACHED, OutcomeClass.NOT_REACHED, OutcomeClass.REFUSED, OutcomeClass.BAD_DATA,
)  # fmt: skip


class Point(NamedTuple):
    """A part of a playbook that a scenario can exercise; `line` is that of its step, else 0."""

    kind: str  # of KINDS
    name: str
    line: int = 0


def points(plan: Plan) -> Iterator[Point]:
    """All that there is to exercise in a playbook."""
    for step in plan.steps:
        yield Point("step", step.id, step.line)
        for branch in step.branches:
            yield Point("branch", f"{step.id}: {branch.name}", step.line)
        for arm in step.variants if len(step.variants) > 1 else ():
            yield Point("arm", f"{step.id}: {arm.name}", step.line)
        for tier in _tiers(step) if any(arm.tiers for arm in step.variants) else ():
            yield Point("tier", f"{step.id}: {tier}", step.line)
        for outcome in OUTCOMES if step.kind is Kind.CALL else ():
            yield Point("outcome", f"{step.id}: {outcome}", step.line)
    for rule in plan.stops:
        yield Point("stop", rule.on)


def _tiers(step: Step) -> list[str]:
    """The tiers that have words of their own, and whatever others there are."""
    own = {tier for arm in step.variants for tier, _ in arm.tiers}
    return [*(f"tier {tier}" for tier in sorted(own)), OTHERS]


def exercised(plan: Plan, ledger: Ledger) -> set[tuple[str, str]]:
    """(kind, name) of the points that one run exercised."""
    return {
        *_steps(plan, ledger), *_arms(ledger), *_words(plan, ledger), *_outcomes(ledger),
        *_stops(plan, ledger),
    }  # fmt: skip


def _steps(plan: Plan, ledger: Ledger) -> Iterator[tuple[str, str]]:
    yield from (("step", step) for _, step, _ in ledger.sent)
    yield from (("step", task.step) for task in _opened(ledger))
    for step in plan.steps:
        run = ledger.runs.get(step.id)
        if not run or step.kind not in DONE_BY_NOBODY or run.outcome == OutcomeClass.NOT_DONE:
            continue
        if run.done_at:
            yield "step", step.id
            yield "branch", f"{step.id}: {run.outcome}"


def _arms(ledger: Ledger) -> Iterator[tuple[str, str]]:
    yield from (("arm", f"{one.step}: {one.variant}") for one in ledger.planned.values())
    yield from (("arm", f"{one.step}: {one.variant}") for one in _opened(ledger))


def _words(plan: Plan, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Which tier's words each step said; all of a run are those of one tier."""
    tier = f"tier {ledger.facts.account.tier}"
    steps = {one.step for one in ledger.planned.values()} | {one.step for one in _opened(ledger)}
    for step in steps:
        own = _tiers(plan.by_id[step])
        yield "tier", f"{step}: {tier if tier in own else OTHERS}"


def _outcomes(ledger: Ledger) -> Iterator[tuple[str, str]]:
    for party in ledger.parties.values():
        if party.purpose == "step" and party.outcome:
            yield "outcome", f"{party.step}: {party.outcome}"


def _stops(plan: Plan, ledger: Ledger) -> Iterator[tuple[str, str]]:
    ended = min((note.at for note in ledger.log if note.kind == "ended"), default=None)
    for note in ledger.log:
        for rule in plan.stops:
            if includes(rule.on, note.kind) and (ended is None or note.at <= ended):
                yield "stop", rule.on


def _opened(ledger: Ledger) -> Iterator[OpenTask]:
    return (one for one in ledger.tasks.values() if one.status == "open" and one.purpose == "step")


class Covered(NamedTuple):
    """The coverage of one playbook: what there is, and what was never exercised."""

    playbook: str
    counts: dict[str, tuple[int, int]]  # kind -> (exercised, of)
    missing: tuple[Point, ...]

    @property
    def percent(self) -> int:
        """Of all points, rounded down."""
        met = sum(met for met, _ in self.counts.values())
        return 100 * met // sum(of for _, of in self.counts.values())


def covered(plan: Plan, met: Iterable[tuple[str, str]]) -> Covered:
    """How much of the playbook is among what was exercised."""
    there, met = list(points(plan)), {*met}
    missing = tuple(point for point in there if (point.kind, point.name) not in met)
    of, lacks = Counter(one.kind for one in there), Counter(one.kind for one in missing)
    counts = {kind: (of[kind] - lacks[kind], of[kind]) for kind in KINDS if of[kind]}
    return Covered(plan.name, counts, missing)
