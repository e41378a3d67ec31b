"""`preempt: hold`: what a more urgent play may send back to waiting, and what not."""

from __future__ import annotations

import pytest

from orchestrator.engine.plays import holding
from orchestrator.records import Task
from tests.engine.world import DAY, World
from tests.planner import plans as forms
from tests.support.cast import NOW


def waits(days: int = 1) -> object:
    return forms.step(
        "sign", "wait_for", after=(), until="any.happened('visit')", at_most=f"{days}d", always=True
    )


def runs(world: World) -> int:
    """A company on which a play runs that opened a to-do."""
    world.book("low", forms.step("prepare", "todo", after=(), always=True), waits(30))
    world.book("hot", waits(), priority=5, preempt="hold")
    [acme] = world.companies("Acme")
    world.enroll("low", [acme])
    world.tick()
    return acme


def statuses(world: World, acme: int) -> tuple[str, str]:
    return world.play(acme, "low").status, world.play(acme, "hot").status


def test_the_live_play_waits_and_goes_on_when_the_other_has_ended(world: World):
    acme = runs(world)
    began = world.play(acme, "low").activated_at
    world.enroll("hot", [acme])
    world.tick()
    assert statuses(world, acme) == ("waiting", "active")
    assert world.play(acme, "low").reason == "another play drives the account: Hot"
    assert [one.status for one in world.tasks()] == ["open"]
    world.clock.set(NOW + DAY)
    world.tick()
    world.tick()
    low = world.play(acme, "low")
    assert (low.status, low.activated_at, low.resumed_at) == ("active", began, NOW + DAY)
    assert "Low goes on: the account is free again" in world.log(acme)


@pytest.mark.parametrize("priority", [0, -1])
def test_only_a_higher_priority_holds_what_runs(sqlite_world: World, priority: int):
    acme = runs(sqlite_world)
    sqlite_world.book("hot", waits(), priority=priority, preempt="hold")
    sqlite_world.enroll("hot", [acme])
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("active", "waiting")


def test_without_a_place_it_holds_nothing(sqlite_world: World):
    acme = runs(sqlite_world)
    sqlite_world.book("hot", waits(), priority=5, preempt="hold", pace=1)
    [bolt] = sqlite_world.companies("Bolt")
    sqlite_world.enroll("hot", [bolt])
    sqlite_world.tick()
    sqlite_world.enroll("hot", [acme])
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("active", "waiting")


def test_what_somebody_holds_by_hand_does_not_give_way(sqlite_world: World):
    acme = runs(sqlite_world)
    what = holding.target(sqlite_world.ctx, "account", "Acme", "low")
    holding.pause(sqlite_world.ctx, what, reason="they asked")
    sqlite_world.enroll("hot", [acme])
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("paused", "waiting")


def test_a_paused_playbook_gives_way_and_does_not_go_on_before_it_is_on_again(sqlite_world: World):
    acme = runs(sqlite_world)
    low = holding.target(sqlite_world.ctx, "playbook", "low")
    holding.pause(sqlite_world.ctx, low)
    sqlite_world.enroll("hot", [acme])
    sqlite_world.tick()
    sqlite_world.clock.set(NOW + DAY)
    sqlite_world.tick()
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("waiting", "ended")
    holding.resume(sqlite_world.ctx, low)
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("active", "ended")


def test_a_stop_of_what_waits_again_ends_it_on_its_turn(sqlite_world: World):
    acme = runs(sqlite_world)
    sqlite_world.enroll("hot", [acme])
    sqlite_world.tick()
    holding.stop(sqlite_world.ctx, holding.target(sqlite_world.ctx, "account", "Acme", "low"))
    assert statuses(sqlite_world, acme) == ("waiting", "active")
    sqlite_world.clock.set(NOW + DAY)
    sqlite_world.tick()
    sqlite_world.tick()
    assert statuses(sqlite_world, acme) == ("ended", "ended")
    assert sqlite_world.play(acme, "low").outcome == "stopped"
    tasks: list[Task] = sqlite_world.tasks()
    assert [one.status for one in tasks] == ["cancelled"]
