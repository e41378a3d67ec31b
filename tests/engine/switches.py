"""Plays to pause, and the three switches that do it."""

from __future__ import annotations

from orchestrator.engine.plays import holding
from tests.engine.world import World
from tests.planner import plans
from tests.support import cast

INSIGHT = plans.step("insight", "email", "champion", variants=("insight",), after=(), always=True)
RING = plans.step("ring", "call", "champion", after=(), always=True)
LATER = plans.step("later", "todo", after=("insight",), wait="3d", always=True)
SWITCHES = ("playbook", "account", "play")


def planned(world: World, *steps: object) -> int:
    """Acme in a play whose first steps are open; the account."""
    world.book("play", *(steps or (INSIGHT, RING)))
    [acme] = world.companies("Acme")
    world.write(lambda session: cast.user(session, "dana", "marketing"))
    world.enroll("play", [acme])
    world.tick("advance")
    return acme


def switch(world: World, kind: str) -> holding.Target:
    if kind == "playbook":
        return holding.target(world.ctx, "playbook", "play")
    return holding.target(world.ctx, "account", "acme.example", "play" if kind == "play" else "")
