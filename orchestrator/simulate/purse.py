"""The money of a playbook in the dry run: what its plays have spent, and what is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from orchestrator.planner.costs import UNPAID
from orchestrator.terms import Party, Plan, Purse

if TYPE_CHECKING:
    from orchestrator.simulate.ledger import Ledger


@dataclass(slots=True)
class Money:
    """A playbook's budget; `spent` by all of its plays, those before the dry run included."""

    budget: Decimal | None
    currency: str = "EUR"
    spent: Decimal = Decimal()
    _by: dict[int, Decimal] = field(default_factory=dict)  # by ledger

    def purse(self) -> Purse | None:
        """What a decision sees."""
        if self.budget is None:
            return None
        return Purse(self.budget, self.budget - self.spent, self.currency)

    def count(self, ledger: Ledger) -> None:
        """Look again at what a play costs, after whatever happened to it."""
        cost, key = cost_of(ledger), id(ledger)
        self.spent += cost - self._by.get(key, Decimal())
        self._by[key] = cost


def costs_anything(plan: Plan) -> bool:
    """Whether any step of the plan does."""
    return any(step.cost for step in plan.steps)


def cost_of(ledger: Ledger) -> Decimal:
    """What a play costs by now."""
    return sum((price_of(ledger.plan, one) for one in ledger.parties.values()), Decimal())


def price_of(plan: Plan, party: Party) -> Decimal:
    """What a party costs; nothing if it was taken back."""
    step = plan.by_id.get(party.step) if party.purpose == "step" else None
    back = party.ended_at is not None and party.status in UNPAID
    return step.cost if step and step.cost and not back else Decimal()
