"""Whether a plan asks for scores, which change whenever something happens. Pure."""

from __future__ import annotations

from itertools import chain

from orchestrator.conditions import Variable, walk
from orchestrator.terms import Plan

_SCORES = frozenset({"account.engagement", "contact.engagement"})


def reads_scores(plan: Plan) -> bool:
    """Whether one of the plan's conditions asks for an engagement."""
    asked = chain.from_iterable(
        (step.when, step.until, *(branch.when for branch in step.branches)) for step in plan.steps
    )
    nodes = chain.from_iterable(walk(condition) for condition in asked if condition)
    return any(isinstance(node, Variable) and node.path in _SCORES for node in nodes)
