"""The newest opportunity of each account, as events told of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session

from orchestrator.records.log import CAME
from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ACTIVITY


class Deal(NamedTuple):
    """An opportunity: where it stands ("": nobody said) and what it is worth (None: likewise)."""

    account_id: int
    at: datetime
    stage: str
    amount: Decimal | None


_NTH = func.row_number().over(
    partition_by=ACTIVITY.c.account_id, order_by=(ACTIVITY.c.at.desc(), ACTIVITY.c.id.desc())
)
_TOLD = (
    select(ACTIVITY.c.account_id, ACTIVITY.c.at, ACTIVITY.c.data, _NTH.label("nth"))
    .where(
        CAME, ACTIVITY.c.kind == "opportunity", ACTIVITY.c.at > instant("since"),
        ACTIVITY.c.account_id.is_not(None),
    )
    .subquery()
)  # fmt: skip
_NEWEST = select(_TOLD.c.account_id, _TOLD.c.at, _TOLD.c.data).where(_TOLD.c.nth == 1)


def deals(session: Session, since: datetime) -> list[Deal]:
    """The newest of each account since then, but for those that were lost after it."""
    rows = session.connection().execute(_NEWEST, {"since": since}).all()
    lost = _lost(session, [row.account_id for row in rows])
    return [
        Deal(id_, at, str(data.get("stage") or ""), _amount(data))
        for id_, at, data in rows
        if id_ not in lost or lost[id_] < at
    ]


def _lost(session: Session, account_ids: list[int]) -> dict[int, datetime]:
    query = (
        select(ACTIVITY.c.account_id, func.max(ACTIVITY.c.at))
        .where(among(ACTIVITY.c.account_id, account_ids), ACTIVITY.c.kind.like("lost.%"))
        .group_by(ACTIVITY.c.account_id)
    )
    return dict(session.connection().execute(query).all())


def _amount(data: Any) -> Decimal | None:
    said = data.get("amount")
    return None if said is None else Decimal(str(said))
