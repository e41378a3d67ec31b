"""What playbooks have spent: the costs of all that was opened and not taken back."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import ColumnElement, Table, exists, func, or_, select
from sqlmodel import Session

from orchestrator.planner.costs import UNPAID
from orchestrator.store.bulk import Query
from orchestrator.store.statements import among_param
from orchestrator.store.tables import ENROLLMENT, EXPENSE, TASK, TOUCH

HUNDREDTH = Decimal("0.01")


def _stands(table: Table, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row of the party stands in that table."""
    columns = table.c
    same = (columns[name] == EXPENSE.c[name] for name in _PARTY)
    return exists(select(1).where(*same, columns.status.not_in(sorted(UNPAID)), *more))


_PARTY = ("enrollment_id", "step", "party_key", "occurrence")
_SPENT = Query(
    select(ENROLLMENT.c.playbook, func.sum(EXPENSE.c.amount))
    .join_from(EXPENSE, ENROLLMENT, ENROLLMENT.c.id == EXPENSE.c.enrollment_id)
    .where(
        among_param(ENROLLMENT.c.playbook, "names"),
        or_(_stands(TOUCH), _stands(TASK, TASK.c.purpose == "step")),
    )
    .group_by(ENROLLMENT.c.playbook)
)


def spent(session: Session, playbooks: Collection[str]) -> dict[str, Decimal]:
    """What each of these playbooks has spent, over all of its versions and accounts."""
    rows = _SPENT.rows(session, names=sorted(playbooks)) if playbooks else ()
    return {name: int(amount) * HUNDREDTH for name, amount in rows}
