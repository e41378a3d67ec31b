"""The dry run is the real run, whatever the play; and a play keeps its promises at every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings

from orchestrator.calendar import is_open
from orchestrator.pacing import window
from orchestrator.planner import decide
from orchestrator.planner.hours import recipient_hours
from orchestrator.quiet import told
from orchestrator.scenarios.running import let_happen
from orchestrator.scenarios.telling import Duty, Scenario
from orchestrator.simulate import UNDO
from orchestrator.store.database import Database
from orchestrator.terms import REACHES_PERSON, Decision, Note
from tests.scenarios.plays import scenarios
from tests.scenarios.worlds import DryRun, Engine

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


# Shrinking would run the engine hundreds of times.
@settings(
    max_examples=25,
    suppress_health_check=SHARED,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(scenario=scenarios())
def test_the_dry_run_is_the_real_run(
    scenario: Scenario, folder: Path, empty_database: Callable[[], Database]
) -> None:
    assert_alike(scenario, folder, empty_database())


def assert_alike(scenario: Scenario, folder: Path, database: Database) -> None:
    """Engine and dry run tell one story, and end up in the same place."""
    dry, real = DryRun(scenario), Engine(scenario, folder, database)
    let_happen(scenario, dry)
    note("\n".join(map(str, dry.log())))
    let_happen(scenario, real)
    assert real.log() == dry.log()
    assert real.standing() == dry.standing()


class Watched(DryRun):
    """A dry run that looks after each instant whether every promise holds."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.heard_at = scenario.start  # until then a task that was closed may be opened again

    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None:
        super().close(task, ends, said)
        self.heard_at = self.play.now + UNDO

    def settle(self) -> None:
        sent = len(self.play.ledger.sent)
        super().settle()
        self.check_rest()
        self.check_one_open_each()
        self.check_sent(sent)

    def check_rest(self) -> None:
        """Deciding again changes nothing, and what is due next lies ahead."""
        ledger, now = self.play.ledger, self.play.now
        if ledger.status != "active" or now < self.heard_at:
            return
        again = decide(ledger.plan, ledger.state(), ledger.facts, now)
        assert again == Decision(next_due=again.next_due), "deciding again decides something"
        assert again.next_due is None or again.next_due > now
        promised = ledger.next_due
        assert promised is None or promised > now
        if again.next_due:
            assert promised, "it would sleep through"
            assert promised <= again.next_due, "it would come too late"

    def check_one_open_each(self) -> None:
        parties = self.play.ledger.parties.values()
        open_ones = Counter((p.step, p.who, p.purpose) for p in parties if p.ended_at is None)
        assert max(open_ones.values(), default=1) == 1
        keys = Counter((p.step, p.who, p.purpose, p.occurrence) for p in parties)
        assert max(keys.values(), default=1) == 1

    def check_sent(self, before: int) -> None:
        """Only in hours, within caps, and never against a stop."""
        ledger = self.play.ledger
        steps = {step.id: step for step in ledger.plan.steps}
        for at, step_id, who in ledger.sent[before:]:
            step, facts = steps[step_id], ledger.facts
            person = next(one for one in facts.people if str(one.id) == who)
            assert not person.refused
            assert not person.left_at
            calendar, quiet = ledger.plan.calendar, facts.workspace_quiet
            hours = recipient_hours(calendar, person, facts.account, "UTC", "", quiet)
            assert step.always or calendar.zone != "contact" or is_open(at, hours)
            assert not told(at, hours), "it left in quiet hours"
            for cap in ledger.plan.caps:
                whose = [
                    r for r in facts.reached if cap.scope == "account" or r.contact_id == person.id
                ]
                within = [r for r in whose if at - window(cap.window) < r.at <= at]
                assert len(within) <= cap.limit, "a cap is exceeded"
            for stop in ledger.stops:
                covers = stop.contact_id in (None, person.id) and step.kind not in stop.keep
                assert not (covers and stop.until is None), "it left against a stop"


@settings(max_examples=150, suppress_health_check=SHARED)
@given(scenario=scenarios())
def test_a_play_keeps_its_promises_at_every_step(scenario: Scenario) -> None:
    world = Watched(scenario)
    let_happen(scenario, world)
    note("\n".join(map(str, world.log())))
    ledger = world.play.ledger
    waits_for_somebody = any(party.ended_at is None for party in ledger.parties.values())
    assert ledger.status == "ended" or world.next_at() or waits_for_somebody, "it is stuck"
    if ledger.status == "ended":
        assert ledger.outcome
    assert_no_step_begins_against_a_stop(world, ledger.log)


def assert_no_step_begins_against_a_stop(world: Watched, log: Iterable[Note]) -> None:
    """Nothing that reaches a person is opened once a stop for good covers them."""
    ledger = world.play.ledger
    reaching = {step.id for step in ledger.plan.steps if step.kind in REACHES_PERSON}
    for stop in ledger.stops:
        for line in log:
            covered = stop.contact_id is None or line.who == str(stop.contact_id)
            if line.kind == "task.opened" and line.step in reaching and covered and not stop.until:
                assert line.at <= stop.at or line.text.startswith("Find a person")
