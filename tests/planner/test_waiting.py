"""A step that waits by a score goes on from when the score was found, not from when it began."""

from __future__ import annotations

from datetime import timedelta

from orchestrator.planner import decide
from orchestrator.terms import Run, State
from tests.planner.plans import MONDAY, facts, person, plan, step

SIGN = step("sign", "wait_for", until="account.engagement >= 40", at_most="10 business days")
LATER = step("later", "todo", after=("sign",), wait="2d", text="Look")
WEDNESDAY = MONDAY + timedelta(days=2)


def done_at(engagement: float, *runs: Run):
    state = State(1, 7, "active", MONDAY, {run.step: run for run in runs})
    found = decide(plan(SIGN, LATER), state, facts(person(1), engagement=engagement), WEDNESDAY)
    return next((run.done_at for run in found.runs if run.step == "sign"), None)


def test_a_score_that_rises_meanwhile_counts_from_when_it_is_seen():
    waits = Run("sign", "open", MONDAY, opened_at=MONDAY)
    assert done_at(39, waits) is None
    assert done_at(40, waits) == WEDNESDAY


def test_a_score_that_was_there_is_not_waited_for():
    assert done_at(40) == MONDAY
