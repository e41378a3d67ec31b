"""What a pause made us miss is spread out, at the distances and at the pace of the plan."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from orchestrator.engine.plays import holding
from tests.engine.switches import SWITCHES, planned, switch
from tests.engine.world import DAY, World
from tests.planner import plans
from tests.support.cast import NOW


def lane(name: str, wait: str, **more: object) -> object:
    """A mail beside all others, so much after the start."""
    return plans.step(
        name, "email", "champion", variants=("insight",), after=(), wait=wait, always=True, **more
    )


def sent_at(world: World) -> dict[str, int]:
    """On which day from NOW each step's mail was sent."""
    sent = [one for one in world.touches() if one.status == "sent"]
    return {one.step: (one.intent_at - NOW).days for one in sent if one.intent_at}


def pass_days(world: World, days: int) -> None:
    for _ in range(days):
        world.tick("advance", "deliver")
        world.clock.advance(DAY)


@pytest.mark.parametrize("kind", SWITCHES)
def test_what_fell_due_in_a_long_pause_comes_at_the_distances_at_which_it_was_planned(
    world: World, kind: str
):
    steps = (lane("a", "2d"), lane("b", "5d"), lane("c", "9d"), lane("d", "40d"))
    stale = lane("stale", "1d", max_lateness="1w")
    acme = planned(world, stale, *steps)
    target = switch(world, kind)
    holding.pause(world.ctx, target)
    world.clock.advance(30 * DAY)
    holding.resume(world.ctx, target)
    world.tick("advance", "deliver")
    assert sent_at(world) == {"a": 30}
    assert world.log(acme, "step.skipped") == ["stale: too late"]
    assert world.log(acme, "step.held") == ["spread out after the pause"] * 2
    pass_days(world, 14)
    assert sent_at(world) == {"a": 30, "b": 33, "c": 37, "d": 40}


def test_a_second_pause_spreads_anew_what_had_not_had_its_turn(sqlite_world: World):
    world = sqlite_world
    planned(world, lane("a", "2d"), lane("b", "5d"), lane("c", "9d"))
    target = switch(world, "account")
    for _ in range(2):
        holding.pause(world.ctx, target)
        world.clock.advance(20 * DAY)
        holding.resume(world.ctx, target)
        pass_days(world, 1)
    pass_days(world, 10)
    assert sent_at(world) == {"a": 20, "b": 41, "c": 45}


def test_a_call_that_fell_due_in_a_pause_was_in_nobody_s_queue_before(sqlite_world: World):
    world = sqlite_world
    calls = [
        plans.step(name, "call", "champion", after=(), wait=wait, always=True, due="8 hours")
        for name, wait in (("ring", "1d"), ("again", "4d"))
    ]
    planned(world, *calls)
    target = switch(world, "account")
    holding.pause(world.ctx, target)
    world.clock.advance(4 * DAY + timedelta(hours=1))
    resumed_at = world.clock.now()
    holding.resume(world.ctx, target)
    pass_days(world, 5)
    opened = {one.step: one.opened_at for one in world.tasks() if one.purpose == "step"}
    assert opened["ring"] == resumed_at
    assert opened["again"] - resumed_at == 3 * DAY


def test_who_asked_for_an_answer_is_not_kept_waiting_by_what_others_missed(sqlite_world: World):
    world = sqlite_world
    planned(world, lane("a", "2d"), lane("b", "5d", answer=True), lane("c", "6d"))
    target = switch(world, "account")
    holding.pause(world.ctx, target)
    world.clock.advance(20 * DAY)
    holding.resume(world.ctx, target)
    pass_days(world, 6)
    assert sent_at(world) == {"a": 20, "b": 20, "c": 24}


def crowd(world: World, *, pace: int, days: int = 30) -> holding.Target:
    """Five companies, begun one a day from NOW on, each with a mail six days later; and a pause
    of the playbook from day 5 on."""
    world.book("play", lane("a", "6d"), pace=pace)
    for name in "ABCDE":
        world.enroll("play", world.companies(name))
        world.tick("advance")
        world.clock.advance(DAY)
    target = switch(world, "playbook")
    holding.pause(world.ctx, target, reason="the page is down")
    world.clock.advance(days * DAY)
    return target


def test_a_playbook_that_goes_on_comes_at_its_pace_and_not_in_one_burst(world: World):
    target = crowd(world, pace=5)
    world.book("play", lane("a", "6d"), pace=2)  # slower from now on
    assert str(holding.resume(world.ctx, target)) == "Play: 2 of 5 plays resumed"
    assert Counter(world.statuses().values()) == {"active": 2, "paused": 3}
    reason = "what was missed comes at the pace: 2 accounts per week"
    assert world.play(3).reason == reason
    assert world.log(3, "paused")[-1] == f"Play paused until 2026-04-09: {reason}"
    pass_days(world, 6)
    # Two at once; the others no later than as long after the first as they were planned.
    sent = sorted((one.intent_at - NOW).days for one in world.touches() if one.intent_at)
    assert sent == [35, 35, 37, 38, 39]
    assert not {"resume", "advance", "deliver"} & world.due()


def test_whoever_resumes_once_more_lets_everything_come_at_once(sqlite_world: World):
    world = sqlite_world
    target = crowd(world, pace=5)
    world.book("play", lane("a", "6d"), pace=1)
    assert holding.resume(world.ctx, target).plays == 1
    assert holding.resume(world.ctx, target).plays == 4
    assert set(world.statuses().values()) == {"active"}


def test_a_playbook_without_a_pace_lets_everything_come_at_once(sqlite_world: World):
    target = crowd(sqlite_world, pace=0)
    assert holding.resume(sqlite_world.ctx, target).plays == 5


def test_what_missed_nothing_in_a_pause_goes_on_at_once(sqlite_world: World):
    target = crowd(sqlite_world, pace=5, days=0)
    sqlite_world.book("play", lane("a", "6d"), pace=1)
    assert holding.resume(sqlite_world.ctx, target).plays == 5
