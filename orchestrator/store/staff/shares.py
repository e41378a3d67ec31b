"""What agencies may look at: accounts and playbooks, each shared with one user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlmodel import Session

from orchestrator.store.statements import insert_for
from orchestrator.store.tables import ACCOUNT, SHARE


class Shared(NamedTuple):
    """One thing that a user may look at: the account, or else the playbook."""

    id: int
    account_id: int | None
    account: str
    playbook: str
    addresses: bool
    at: datetime


_SHARED = (
    select(
        SHARE.c.id, SHARE.c.account_id, func.coalesce(ACCOUNT.c.name, ""),
        func.coalesce(SHARE.c.playbook, ""), SHARE.c.addresses, SHARE.c.at,
    )
    .select_from(SHARE)
    .outerjoin(ACCOUNT, ACCOUNT.c.id == SHARE.c.account_id)
    .order_by(SHARE.c.playbook.is_(None), SHARE.c.playbook, ACCOUNT.c.name, SHARE.c.id)
)  # fmt: skip


def put(session: Session, user_id: int, what: Mapping[str, Any], now: datetime) -> None:
    """Share {"account_id": …} or {"playbook": …} with a user; once, and as said last."""
    values = {"addresses": False, **what}
    statement = insert_for(session)(SHARE).values(user_id=user_id, at=now, **values)
    (thing,) = what.keys() - {"addresses"}
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", thing], set_={"addresses": values["addresses"]}
        )
    )


def drop(session: Session, user_id: int, share_id: int) -> bool:
    """Whether the user had that, and now has it no more."""
    found = delete(SHARE).where(SHARE.c.id == share_id, SHARE.c.user_id == user_id)
    return session.connection().execute(found).rowcount > 0


def of(session: Session, user_id: int) -> list[Shared]:
    """All that a user may look at: playbooks, then accounts, by name."""
    rows = session.connection().execute(_SHARED.where(SHARE.c.user_id == user_id))
    return [Shared._make(row) for row in rows]
