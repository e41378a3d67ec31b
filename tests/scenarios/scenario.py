"""A scenario as its file tells it: a playbook, an account, what happens, and the log that follows.

rule: 5
title: a wait counts business days
start: 2027-03-05 09:00              # every time is UTC
account: {zone: Europe/Berlin, country: DE}
people: {ann: {role: champion, lacks: phone}}
playbook: |                          # the real language
answers: [{task: ring, who: ann, attempt: 1, after: 1h, ends: no_answer}]
events: [{at: 2027-03-06 10:00, event: clicked, who: ann, about: insight}]
expect: |                            # the whole activity log, then how the play stands
ends: completed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from orchestrator.calendar import parse_span
from orchestrator.language import check
from orchestrator.pacing import window
from orchestrator.terms import Plan

DAY = timedelta(days=1)
FIELDS = frozenset({"rule", "title", "start", "days", "account", "workspace", "people", "team",
                    "playbook", "answers", "events", "details", "expect", "ends"})  # fmt: skip
TEAM = {
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
            name == self.task
            and self.who in ("", task.who)
            and self.attempt in (0, task.occurrence)
        )


class Duty(NamedTuple):
    """An open task, the same in both worlds; `who` is a person's name here."""

    purpose: str
    step: str
    who: str
    occurrence: int
    opened_at: datetime


@dataclass(frozen=True)
class Scenario:
    """One file, read."""

    name: str
    rule: int
    title: str
    start: datetime
    until: datetime
    plan: Plan
    people: Mapping[str, Mapping[str, Any]]
    account: Mapping[str, Any] = field(default_factory=dict)
    workspace: Mapping[str, Any] = field(default_factory=dict)
    team: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: TEAM)
    answers: Sequence[Answer] = ()
    events: Sequence[Mapping[str, Any]] = ()
    details: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    expect: str = ""
    ends: str = ""


def instant(value: Any) -> datetime:
    """An instant as it stands in a file, without a zone."""
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)


class Core(yaml.SafeLoader):
    """Times stay texts: YAML 1.1 would read 10:30 as 630."""


Core.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if not tag.endswith(("timestamp", ":int"))]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(file: Path) -> Scenario:
    """The scenario of a file; a mistake in its playbook is an assertion that shows it."""
    told: dict[str, Any] = yaml.load(file.read_text("utf-8"), Core)  # noqa: S506 - SafeLoader
    assert told.keys() <= FIELDS, f"{file.name}: {told.keys() - FIELDS}"
    checked = check(told["playbook"], file.name)
    assert checked.plan, "\n".join(map(str, checked.problems))
    start = instant(told["start"])
    return Scenario(
        file.stem,
        int(told["rule"]),
        told["title"],
        start,
        start + int(told.get("days", 60)) * DAY,
        checked.plan,
        told.get("people", {}),
        told.get("account", {}),
        told.get("workspace", {}),
        TEAM | told.get("team", {}),
        [_answer(one) for one in told.get("answers", ())],
        [one | {"at": instant(one["at"])} for one in told.get("events", ())],
        told.get("details", {}),
        told["expect"],
        told["ends"],
    )


def _answer(told: dict[str, Any]) -> Answer:
    rest = dict(told)
    task, ends = rest.pop("task"), rest.pop("ends")
    after = window(parse_span(rest.pop("after", "1h")))
    who, attempt = rest.pop("who", ""), int(rest.pop("attempt", 0))
    if "until" in rest:
        rest["until"] = instant(rest["until"])
    return Answer(task, after, ends, who, attempt, rest)
