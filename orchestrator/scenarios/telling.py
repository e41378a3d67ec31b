"""A scenario as a value: a plan, an account with its people, what happens and how reps answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from orchestrator.terms import Plan

DAY = timedelta(days=1)
ANY = "any"  # of an answer: whichever task is left
TEAM: Mapping[str, Mapping[str, Any]] = {
    "owner": {"team": "sales"},
    "marketing": {"team": "marketing"},
    "exec": {"team": "leader"},
}


class Answer(NamedTuple):
    """How a rep ends a task: of which step or purpose, whose, at which attempt."""

    task: str
    after: timedelta
    ends: str
    who: str = ""
    attempt: int = 0
    said: Mapping[str, Any] = {}

    def fits(self, task: Duty) -> bool:
        """Whether the rep's answer is about this task."""
        name = task.step if task.purpose == "step" else task.purpose
        return (
            self.task in (name, ANY)
            and self.who in ("", task.who)
            and self.attempt in (0, task.occurrence)
        )


class Duty(NamedTuple):
    """An open task, the same in every world; `who` is a person's name here."""

    purpose: str
    step: str
    who: str
    occurrence: int
    opened_at: datetime


@dataclass(frozen=True)
class Scenario:
    """Everything that a world needs, from `start` to `until`.

    People, the account and colleagues say what is known of them (`role`, `zone`, `lacks` …); an
    event has its instant under `at`, and says `event`, `add`, `change` or `score`.
    """

    name: str
    start: datetime
    until: datetime
    plan: Plan
    people: Mapping[str, Mapping[str, Any]]
    account: Mapping[str, Any] = field(default_factory=dict)
    workspace: Mapping[str, Any] = field(default_factory=dict)
    team: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: TEAM)
    answers: Sequence[Answer] = ()
    events: Sequence[Mapping[str, Any]] = ()
