"""Budgets: what is left of them, and that nobody spends it twice.

A party's cost counts from its opening on, and comes back if it is cancelled, skipped or fails. The
budget in force is that of a playbook's newest version, the cost that of the version which runs. The
decisions of a batch spend one after the other, and their transaction reads once more what was
spent, so that of two processes that spend the last of it one decides anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from sqlmodel import Session

from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.running.decisions import Decided
from orchestrator.planner.costs import cost_of
from orchestrator.store.plays import enrolling, plays
from orchestrator.store.running import spending
from orchestrator.terms import Decision, Plan, Purse


class Purses:
    """The purses of some playbooks; False if nothing that they do costs anything."""

    def __init__(
        self, budgets: Mapping[str, Decimal], spent: Mapping[str, Decimal], currency: str
    ) -> None:
        self.budgets, self.currency = budgets, currency
        self._left = {name: budgets[name] - spent.get(name, Decimal()) for name in budgets}

    def __bool__(self) -> bool:
        return bool(self.budgets)

    def of(self, playbook: str) -> Purse | None:
        """What is left for a playbook; None without a budget."""
        if playbook not in self.budgets:
            return None
        return Purse(self.budgets[playbook], self._left[playbook], self.currency)

    def spend(self, plan: Plan, decision: Decision) -> None:
        """Take out what a decision costs."""
        if plan.name in self._left:
            self._left[plan.name] -= cost_of(plan, decision)


def purses(ctx: Context, session: Session, plans: Collection[Plan]) -> Purses:
    """The purses of all playbooks among these plans in which anything costs."""
    currency = ctx.settings.workspace.currency
    costly = {plan.name for plan in plans if any(step.cost for step in plan.steps)}
    return Purses(*_budgets(ctx, session, costly), currency) if costly else Purses({}, {}, currency)


def _budgets(
    ctx: Context, session: Session, names: Collection[str]
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """The budgets in force of these playbooks, and what was spent of each."""
    versions = plays.current_versions(session)
    ids = {name: versions[name] for name in names if name in versions}
    plans = plans_of(ctx.db).of(session, ids.values())
    budgets = {name: plans[id_].budget for name, id_ in ids.items()}
    known = {name: amount for name, amount in budgets.items() if amount is not None}
    return known, spending.spent(session, known)


def too_late(session: Session, purses: Purses, decided: Iterable[Decided]) -> set[int]:
    """Whose money another process has spent meanwhile: these are to be decided anew.

    Whoever spends holds the playbooks until the transaction ends.
    """
    costs = [
        (one.plan.name, one.state.enrollment_id, cost)
        for one in decided
        if one.plan.name in purses.budgets and (cost := cost_of(one.plan, one.decision))
    ]
    if not costs:
        return set()
    enrolling.lock(session)
    total = defaultdict(Decimal, spending.spent(session, {name for name, _, _ in costs}))
    late = set()
    for name, id_, cost in costs:
        if total[name] + cost > purses.budgets[name]:
            late.add(id_)
        else:
            total[name] += cost
    return late
