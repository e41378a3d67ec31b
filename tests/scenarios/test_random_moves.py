"""A play moves to another version, whatever the edit and whenever: nobody twice, nobody not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import Phase, event, given, note, settings
from hypothesis import strategies as st

from orchestrator.planner.moving import PASSED
from orchestrator.scenarios.running import let_happen
from orchestrator.scenarios.telling import Scenario
from orchestrator.store.database import Database
from orchestrator.terms import OutcomeClass, Plan, Run
from tests.planner.plans import MONDAY
from tests.scenarios.edits import edits, is_silent
from tests.scenarios.plays import scenarios
from tests.scenarios.test_random_plays import SHARED, Watched, assert_alike


@st.composite
def moves(draw: Any) -> Scenario:
    """A random play that moves once or twice."""
    scenario: Scenario = draw(scenarios())
    plan, told = scenario.plan, []
    hours = draw(st.lists(st.integers(0, 24 * 14), min_size=1, max_size=2, unique=True))
    for at in (MONDAY + timedelta(hours=hour) for hour in sorted(hours)):
        plan, names = draw(edits(plan))
        told.append({"at": at, "event": "migrate", "plan": plan, "names": names})
    events = sorted([*scenario.events, *told], key=lambda one: one["at"])
    return replace(scenario, events=events)


class Moving(Watched):
    """A watched dry run that remembers how it stood when it moved."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.ahead: list[tuple[str, Plan]] = []

    def migrate(self, plan: Plan, names: Mapping[str, str]) -> None:
        before, was = self.play.plan, dict(self.play.ledger.runs)
        super().migrate(plan, names)
        now = self.play.plan
        event("stayed" if now is before else "moved")
        if now is not before:
            self.check_kept(was, before)

    def check_kept(self, was: Mapping[str, Run], before: Plan) -> None:
        """What has begun is there still, as it was."""
        runs = self.play.ledger.runs
        begun = Counter(
            (run.status, run.opened_at, run.done_at, run.outcome)
            for run in was.values()
            if run.status in ("open", "done")
        )
        assert not begun - Counter(
            (run.status, run.opened_at, run.done_at, run.outcome) for run in runs.values()
        )
        for id_, run in runs.items():
            kept = self.play.plan.by_id[id_]
            old = next((one for one in before.steps if one.root == kept.root), None)
            if run.reason == PASSED or run.opened_at is None:
                continue
            assert old
            assert (kept.kind, kept.wait, kept.variants) == (old.kind, old.wait, old.variants)


@settings(
    max_examples=300,
    suppress_health_check=SHARED,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scenario=moves())
def test_nobody_is_touched_twice_and_nobody_misses_what_is_still_ahead(scenario: Scenario) -> None:
    world = Moving(scenario)
    let_happen(scenario, world)
    note("\n".join(map(str, world.log())))
    note("\n".join(map(str, world.play.plan.steps)))
    ledger = world.play.ledger
    waits_for_somebody = any(party.ended_at is None for party in ledger.parties.values())
    assert ledger.status == "ended" or world.next_at() or waits_for_somebody, "it is stuck"
    roots = {step.id: step.root for step in ledger.plan.steps}
    parties = [one for one in ledger.parties.values() if one.purpose == "step"]
    keys = Counter((roots[one.step], one.who, one.occurrence) for one in parties)
    assert max(keys.values(), default=1) == 1, "somebody was touched twice"
    last: dict[tuple[str, str], Any] = {}
    for one in parties:
        before = last.get((one.step, one.who))
        assert before is None or before.outcome == OutcomeClass.NOT_REACHED, "again, but why"
        last[one.step, one.who] = one
    first = scenario.plan
    for id_, run in ledger.runs.items():
        step = ledger.plan.by_id[id_]
        known = step.root in first.by_id or id_ in first.by_id
        if run.reason == PASSED:
            assert not known, "it was ahead, and was skipped"
            assert not is_silent(step)


@settings(
    max_examples=25,
    suppress_health_check=SHARED,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scenario=moves())
def test_the_dry_run_moves_as_the_engine_does(
    scenario: Scenario, folder: Path, empty_database: Callable[[], Database]
) -> None:
    assert_alike(scenario, folder, empty_database())


@settings(
    max_examples=8,
    suppress_health_check=SHARED,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scenario=moves())
def test_it_moves_alike_on_postgresql(
    scenario: Scenario, folder: Path, empty_postgresql: Callable[[], Database]
) -> None:
    assert_alike(scenario, folder, empty_postgresql())
