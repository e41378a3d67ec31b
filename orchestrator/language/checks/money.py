"""A budget that something spends, and that holds each thing which does."""

from __future__ import annotations

from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code


def check_budget(case: Case) -> None:
    """No step costs more than the budget, and a budget has something to bound."""
    budget = case.form.get("budget")
    if budget is None:
        return
    costs = [one for one in case.steps if one.step.cost]
    for one in costs:
        if one.step.cost and one.step.cost > budget:
            message = f"'{one.step.id}' costs {one.step.cost}, more than the whole budget"
            hint = f"it would never be done: let it cost less than {budget}, or raise that"
            case.add(one.form.at("cost"), Code.OVER_BUDGET, message, hint)
    if not costs and not case.unread:
        message = "no step says what it costs, so that the budget bounds nothing"
        case.add(case.form.at("budget"), Code.IDLE_BUDGET, message, "give steps a `cost`")
