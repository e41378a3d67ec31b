"""What a play teaches and has to show, for whoever works one of its tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from accounts.errors import AbmError
from orchestrator.messages import Library
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import Kind, Plan, Step

_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")


class Piece(NamedTuple):
    """Something that a content step publishes, and the address where it lies ("": nobody says);
    its `text` may hold others."""

    title: str
    text: str
    link: str


def taught(
    library: Library, plan: Plan | None, task: Card, facts: Mapping[str, Any]
) -> tuple[str, ...]:
    """The insights of a task, filled with facts: of its own words, then of the play's first mail;
    each once.

    Each arm of a split may teach something else; a template that is gone teaches nothing.
    """
    names = (task.template, *(_first_mail(plan, task.tier) if plan else ()))
    found = (_insight(library, name, facts) for name in names if name)
    return tuple(dict.fromkeys(filter(None, found)))


def pieces(plan: Plan | None, task: Card) -> tuple[Piece, ...]:
    """What the play's content steps publish for accounts of its tier, in the order of the play."""
    steps = _steps(plan, Kind.CONTENT, task.tier) if plan else ()
    return tuple(Piece(one.title or one.id, one.text, one.url) for one in steps)


def _first_mail(plan: Plan, tier: int) -> Iterator[str]:
    """The templates of the first mail that accounts of the tier get."""
    if first := next(_steps(plan, Kind.EMAIL, tier), None):
        yield from (arm.of(tier).template for arm in first.variants)


def _steps(plan: Plan, kind: Kind, tier: int) -> Iterator[Step]:
    steps = (one for one in plan.steps if one.kind is kind)
    return (one for one in steps if not one.tiers or tier in one.tiers)


def _insight(library: Library, name: str, facts: Mapping[str, Any]) -> str:
    """Filled, or with a gap where nobody knows the value; "" without one."""
    try:
        return library.lesson(name, facts)
    except AbmError:
        return _with_gaps(library, name)


def _with_gaps(library: Library, name: str) -> str:
    try:
        return _TAG.sub("…", library.insight(name))
    except AbmError:
        return ""
