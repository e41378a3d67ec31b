"""What came of a playbook's steps: messages by template and split, tasks by how they ended."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from orchestrator.store.tables import ENROLLMENT, TASK, TOUCH


class Sent(NamedTuple):
    """The messages of one step, variant and template, counted by what became of them."""

    step: str
    variant: str
    template: str
    planned: int
    sent: int
    opened: int
    clicked: int
    replied: int
    bounced: int
    stopped: int


class Done(NamedTuple):
    """The tasks of one step, counted by the class of their ends; `open` have not ended."""

    step: str
    open: int
    reached: int
    not_reached: int
    refused: int
    bad_data: int
    not_done: int


def _if(where: Any) -> Any:
    return func.count().filter(where)


def sent(session: Session, playbook: str) -> list[Sent]:
    """Every message of the playbook, whatever version it came from."""
    by = (TOUCH.c.step, TOUCH.c.variant, TOUCH.c.template)
    query = (
        select(
            *by, func.count(), _if(TOUCH.c.status == "sent"), func.count(TOUCH.c.opened_at),
            func.count(TOUCH.c.clicked_at), func.count(TOUCH.c.replied_at),
            func.count(TOUCH.c.bounced_at),
            _if(TOUCH.c.status.in_(("failed", "suppressed", "cancelled", "unknown"))),
        )
        .join_from(ENROLLMENT, TOUCH, TOUCH.c.enrollment_id == ENROLLMENT.c.id)
        .where(ENROLLMENT.c.playbook == playbook)
        .group_by(*by)
        .order_by(*by)
    )  # fmt: skip
    return [Sent._make(row) for row in session.connection().execute(query)]


def done(session: Session, playbook: str) -> list[Done]:
    """Every task that a step of the playbook opened."""
    ended = (_if(TASK.c.outcome == name) for name in Done._fields[2:])
    query = (
        select(TASK.c.step, _if(TASK.c.status == "open"), *ended)
        .join_from(ENROLLMENT, TASK, TASK.c.enrollment_id == ENROLLMENT.c.id)
        .where(ENROLLMENT.c.playbook == playbook, TASK.c.purpose == "step")
        .group_by(TASK.c.step)
        .order_by(TASK.c.step)
    )
    return [Done._make(row) for row in session.connection().execute(query)]
