"""Lets a scenario happen in a world: events and answers at their times, and what comes due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from orchestrator.scenarios.telling import Answer, Duty, Scenario

Happening = tuple[datetime, int, Callable[[], None]]


class World(Protocol):
    """What the runner asks of a world."""

    def next_at(self) -> datetime | None: ...
    def move(self, to: datetime) -> None: ...
    def settle(self) -> None: ...
    def duties(self) -> list[Duty]: ...
    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None: ...
    def event(self, told: Mapping[str, Any]) -> None: ...
    def add(self, name: str, told: Mapping[str, Any]) -> None: ...
    def change(self, name: str, told: Mapping[str, Any]) -> None: ...
    def score(self, told: Mapping[str, Any]) -> None: ...


def let_happen(scenario: Scenario, world: World) -> None:
    """From the start of the scenario to its last day."""
    agenda: list[Happening] = [
        (told["at"], number, _happening(world, told)) for number, told in enumerate(scenario.events)
    ]
    seen: set[Duty] = set()
    while (at := _next(world, agenda)) is not None and at <= scenario.until:
        world.move(at)
        for _, _, happening in sorted(one for one in agenda if one[0] <= at):
            happening()
        agenda = [one for one in agenda if one[0] > at]
        world.settle()
        for task in sorted(set(world.duties()) - seen):
            seen.add(task)
            if answer := next((one for one in scenario.answers if one.fits(task)), None):
                when = max(at, task.opened_at + answer.after)
                agenda.append((when, 1_000 + len(seen), _closing(world, task, answer)))


def _next(world: World, agenda: list[Happening]) -> datetime | None:
    due = world.next_at()
    return min((*(at for at, _, _ in agenda), *([due] if due else ())), default=None)


def _closing(world: World, task: Duty, answer: Answer) -> Callable[[], None]:
    return lambda: world.close(task, answer.ends, answer.said)


def _happening(world: World, told: Mapping[str, Any]) -> Callable[[], None]:
    def happen() -> None:
        if "event" in told:
            world.event(told)
        for name, person in told.get("add", {}).items():
            world.add(name, person)
        for name, person in told.get("change", {}).items():
            world.change(name, person)
        if "score" in told:
            world.score(told["score"])

    return happen
