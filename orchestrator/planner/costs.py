"""What a decision costs: each party of a step with a cost, from its opening on. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from orchestrator.terms import Decision, OpenTask, OpenTouch, Plan

# The ends of a party for which nothing is paid.
UNPAID = frozenset({"cancelled", "skipped", "suppressed", "failed"})


def expenses(plan: Plan, decision: Decision) -> Iterator[tuple[OpenTouch | OpenTask, Decimal]]:
    """What opens that costs something, and how much."""
    opened: list[OpenTouch | OpenTask] = [*decision.touches, *decision.tasks]
    for one in opened:
        beside = isinstance(one, OpenTask) and one.purpose != "step"
        if one.ended_at is None and not beside and (cost := plan.by_id[one.step].cost):
            yield one, cost


def cost_of(plan: Plan, decision: Decision) -> Decimal:
    """What a decision costs in all."""
    return sum((cost for _, cost in expenses(plan, decision)), Decimal())
