"""How long sales has to take up what a step hands over: as it says, else as both teams agreed."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from orchestrator.calendar import Hours, parse_span
from orchestrator.language import check
from orchestrator.simulate import Simulated
from orchestrator.terms import UNAGREED, OpenTask, Owed
from tests.planner.plans import MONDAY, facts, person

HOURS = Hours(time(9), time(17), frozenset(range(5)), "UTC")
AGREED = Owed({"hand_off": {1: parse_span("1 business hour"), 0: parse_span("1 day")}}, HOURS)
LATE = Owed({"reply": {0: parse_span("1h")}}, HOURS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("said", "owed", "tier", "due"),
    [
        ("", AGREED, 1, HOUR), ("", AGREED, 2, DAY), ("", UNAGREED, 1, 2 * DAY),
        ("", LATE, 1, 2 * DAY), (", due: 3h", AGREED, 1, 3 * HOUR),
        (", due: 3h", UNAGREED, 1, 3 * HOUR),
    ],
)  # fmt: skip
def test_a_hand_off_is_due_as_its_step_says_or_as_was_agreed(
    said: str, owed: Owed, tier: int, due: timedelta
):
    assert opened(said, owed, tier).due_at == MONDAY + due


def test_the_chain_of_one_that_is_late_goes_on_in_the_agreed_time():
    """Nobody does anything: an hour later somebody is told, and an hour after that it goes on."""
    asked: list[tuple[str, datetime]] = []

    def never(task: OpenTask) -> None:
        asked.append((task.purpose, task.opened_at))

    play = simulated("", AGREED, 1, never)
    play.run(MONDAY + 3 * DAY)
    assert asked == [("step", MONDAY), ("escalate", MONDAY + HOUR)]


def opened(said: str, owed: Owed, tier: int) -> OpenTask:
    asked: list[OpenTask] = []
    simulated(said, owed, tier, asked.append).run(MONDAY)
    return asked[0]


def simulated(said: str, owed: Owed, tier: int, answer) -> Simulated:
    source = f"name: x\nsteps:\n  - {{id: over, hand_off: {{text: Take it up}}{said}}}\n"
    plan = check(source, "x.yaml", None).plan
    assert plan
    there = facts(person(1))
    there = there._replace(account=there.account._replace(tier=tier))
    return Simulated(plan, there, MONDAY, answer, owed=owed)
