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

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from orchestrator.calendar import parse_span
from orchestrator.language import check
from orchestrator.pacing import window
from orchestrator.scenarios.telling import DAY, TEAM, Answer, Scenario

FIELDS = frozenset({"rule", "title", "start", "days", "account", "workspace", "people", "team",
                    "playbook", "answers", "events", "details", "expect", "ends"})  # fmt: skip


@dataclass(frozen=True)
class Golden(Scenario):
    """A scenario, and what is expected of it in every world."""

    rule: int = 0
    title: str = ""
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


def read(file: Path) -> Golden:
    """The scenario of a file; a mistake in its playbook is an assertion that shows it."""
    told: dict[str, Any] = yaml.load(file.read_text("utf-8"), Core)  # noqa: S506 - SafeLoader
    assert told.keys() <= FIELDS, f"{file.name}: {told.keys() - FIELDS}"
    checked = check(told["playbook"], file.name)
    assert checked.plan, "\n".join(map(str, checked.problems))
    start = instant(told["start"])
    return Golden(
        file.stem,
        start,
        start + int(told.get("days", 60)) * DAY,
        checked.plan,
        told.get("people", {}),
        told.get("account", {}),
        told.get("workspace", {}),
        {**TEAM, **told.get("team", {})},
        [_answer(one) for one in told.get("answers", ())],
        [one | {"at": instant(one["at"])} for one in told.get("events", ())],
        int(told["rule"]),
        told["title"],
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
