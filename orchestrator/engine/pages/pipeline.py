"""Pipeline and target: what is open by stage, what was won, and whether it is enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import NamedTuple

from accounts.opportunities import standing
from orchestrator.alignment import Target
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.store.pages import pipeline as store

NO_STAGE = "no stage told"


class StageSum(NamedTuple):
    """How many opportunities are in a stage, what they are worth, and of how many nobody said."""

    name: str
    number: int
    amount: Decimal
    unsized: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """`stages` are those of open opportunities, the most worth first; `target` may be missing."""

    stages: tuple[StageSum, ...]
    won: Decimal
    target: Target | None

    @property
    def open(self) -> Decimal:
        """What all open ones are worth."""
        return sum((one.amount for one in self.stages), Decimal())

    @property
    def remaining(self) -> Decimal:
        """What is missing to the target; nothing without one."""
        return max(self.target.revenue - self.won, Decimal()) if self.target else Decimal()

    @property
    def coverage(self) -> Decimal | None:
        """How many times over the open ones cover what is missing; None where nothing is."""
        return self.open / self.remaining if self.remaining else None


def pipeline(ctx: Context) -> Pipeline:
    """How it stands now; what was won counts from the target's first day to its last."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        target = agreement.current(session).target
        since = min(now - store.OLDEST, _begins(target)) if target else now - store.OLDEST
        deals = store.deals(session, since)
    won = sum((one.amount or Decimal() for one in deals if _is_won(one, target)), Decimal())
    stages: dict[str, list[Decimal | None]] = {}
    for one in deals:
        if standing(one.stage) == "open" and one.at > now - store.OLDEST:
            stages.setdefault(one.stage or NO_STAGE, []).append(one.amount)
    sums = [
        StageSum(name, len(told), sum((one or Decimal() for one in told), Decimal()),
                 told.count(None))
        for name, told in stages.items()
    ]  # fmt: skip
    return Pipeline(tuple(sorted(sums, key=lambda one: (-one.amount, one.name))), won, target)


def _is_won(one: store.Deal, target: Target | None) -> bool:
    if target is None or standing(one.stage) != "won":
        return False
    day = one.closes or one.at.date()
    return target.since <= day <= target.until


def _begins(target: Target) -> datetime:
    return _day(target.since)


def _day(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
