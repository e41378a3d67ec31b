"""The newest word on each opportunity, as events and imports told of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlmodel import Session

from orchestrator.records.log import CAME
from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ACTIVITY


class Deal(NamedTuple):
    """An opportunity, and when it was last told of.

    "" and None stand for what nobody said; `deal` is which of an account's it is.
    """

    account_id: int
    at: datetime
    deal: str
    title: str
    stage: str
    amount: Decimal | None
    closes: date | None
    owner_id: int | None


OLDEST = timedelta(days=400)  # a deal of which nobody has told for longer is none

_DEAL: ColumnElement[str] = func.coalesce(ACTIVITY.c.data["deal"].as_string(), "")
# A deal that has no name of its own is the account's only one.
_WHICH = case((_DEAL == "", cast(ACTIVITY.c.account_id, String)), else_=_DEAL)
_NTH = func.row_number().over(
    partition_by=_WHICH, order_by=(ACTIVITY.c.at.desc(), ACTIVITY.c.id.desc())
)
_TOLD = select(
    ACTIVITY.c.account_id, ACTIVITY.c.at, ACTIVITY.c.data, _NTH.label("nth")
).where(
    CAME, ACTIVITY.c.kind == "opportunity", ACTIVITY.c.at > instant("since"),
    ACTIVITY.c.account_id.is_not(None),
)  # fmt: skip


def deals(
    session: Session, since: datetime, account_ids: Collection[int] | None = None
) -> list[Deal]:
    """The newest word on each since then, of some accounts or all, but for what was lost after.

    A word that names no deal counts where nothing else is told of the account.
    """
    told = _TOLD
    if account_ids is not None:
        told = told.where(among(ACTIVITY.c.account_id, account_ids))
    rows = told.subquery()
    query = select(rows.c.account_id, rows.c.at, rows.c.data).where(rows.c.nth == 1)
    found = [_deal(*row) for row in session.connection().execute(query, {"since": since})]
    named = {one.account_id for one in found if one.deal}
    lost = _lost(session, {one.account_id for one in found})
    return [
        one for one in found
        if (one.deal or one.account_id not in named) and not _is_lost(one, lost)
    ]  # fmt: skip


def _is_lost(one: Deal, lost: dict[tuple[int, str], datetime]) -> bool:
    """A loss that names no deal is of all that the account had."""
    ends = (lost.get((one.account_id, name)) for name in {one.deal, ""})
    return any(at is not None and at >= one.at for at in ends)


def _lost(session: Session, account_ids: Collection[int]) -> dict[tuple[int, str], datetime]:
    query = (
        select(ACTIVITY.c.account_id, _DEAL, func.max(ACTIVITY.c.at))
        .where(among(ACTIVITY.c.account_id, account_ids), ACTIVITY.c.kind.like("lost.%"))
        .group_by(ACTIVITY.c.account_id, _DEAL)
    )
    return {(id_, deal): at for id_, deal, at in session.connection().execute(query)}


def _deal(account_id: int, at: datetime, said: Any) -> Deal:
    amount, closes = said.get("amount"), said.get("closes")
    return Deal(
        account_id, at, str(said.get("deal") or ""), str(said.get("title") or ""),
        str(said.get("stage") or ""), None if amount is None else Decimal(str(amount)),
        date.fromisoformat(closes) if closes else None, said.get("owner_id"),
    )  # fmt: skip
