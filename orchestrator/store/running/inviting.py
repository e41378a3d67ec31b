"""Accounts that are to be enrolled once their time has come: who comes back, who raised a hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select
from sqlmodel import Session

from orchestrator.store.bulk import Bulk
from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ENROLLMENT, INVITATION


class Invited(NamedTuple):
    """An account that is to be enrolled; `because` says why, for the log."""

    id: int
    account_id: int
    playbook: str
    because: str
    round: int


INVITE = Bulk(insert(INVITATION))
_DUE = (
    select(*(INVITATION.c[name] for name in Invited._fields))
    .where(INVITATION.c.due_at <= instant("now"))
    .order_by(INVITATION.c.due_at, INVITATION.c.id)
    .limit(bindparam("most"))
)


def invite(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let accounts be enrolled: account_id, playbook, due_at, because, round."""
    INVITE.run(session, rows)


def due(session: Session, now: datetime, limit: int) -> list[Invited]:
    """Whose time has come, the longest due first."""
    rows = session.connection().execute(_DUE, {"now": now, "most": limit})
    return [Invited._make(row) for row in rows]


def ended(session: Session, playbook: str, account_ids: Collection[int]) -> dict[int, datetime]:
    """When these accounts last came to the end of the playbook, for those that did."""
    query = (
        select(ENROLLMENT.c.account_id, func.max(ENROLLMENT.c.ended_at))
        .where(
            among(ENROLLMENT.c.account_id, account_ids),
            ENROLLMENT.c.playbook == playbook,
            ENROLLMENT.c.ended_at.is_not(None),
        )
        .group_by(ENROLLMENT.c.account_id)
    )
    return dict(session.connection().execute(query).all())


def answered(session: Session, ids: Collection[int]) -> None:
    """Forget invitations that were followed, or refused on the log."""
    session.connection().execute(delete(INVITATION).where(among(INVITATION.c.id, sorted(ids))))


def withdraw(session: Session, *, playbook: str = "", account_id: int | None = None) -> int:
    """Forget all that a playbook, an account or one account's play still waits for; how many."""
    query = delete(INVITATION)
    if playbook:
        query = query.where(INVITATION.c.playbook == playbook)
    if account_id is not None:
        query = query.where(INVITATION.c.account_id == account_id)
    return session.connection().execute(query).rowcount
