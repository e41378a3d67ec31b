"""The activity log: rows are made here, written in bulk, and never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import bindparam, insert, or_, update
from sqlmodel import Session, col, select

from orchestrator.clock import next_id
from orchestrator.ranking import is_moment
from orchestrator.records import Activity
from orchestrator.store.bulk import Bulk
from orchestrator.store.companies.people import family
from orchestrator.store.statements import among, instant
from orchestrator.store.tables import ACCOUNT, ACTIVITY


def entry(
    kind: str,
    *,
    at: datetime,
    account_id: int | None = None,
    contact_id: int | None = None,
    enrollment_id: int | None = None,
    step: str = "",
    team: str = "",
    actor_id: int | None = None,
    text: str = "",
    flow_run_id: str = "",
    **data: Any,
) -> dict[str, Any]:
    """One row for `write`; `data` holds ids and plain values, never addresses."""
    return {
        "at": at,
        "id": next_id(),
        "account_id": account_id,
        "contact_id": contact_id,
        "enrollment_id": enrollment_id,
        "step": step,
        "kind": kind,
        "team": team,
        "actor_id": actor_id,
        "text": text,
        "data": data,
        "flow_run_id": flow_run_id,
    }


class Touched(Protocol):
    """A touch, by whichever columns it was read."""

    @property
    def id(self) -> int: ...

    @property
    def account_id(self) -> int: ...

    @property
    def contact_id(self) -> int | None: ...

    @property
    def enrollment_id(self) -> int: ...

    @property
    def step(self) -> str: ...


def about(touch: Touched, kind: str, *, at: datetime, text: str, **more: Any) -> dict[str, Any]:
    """`entry` for what became of a touch."""
    return entry(
        kind,
        at=at,
        account_id=touch.account_id,
        contact_id=touch.contact_id,
        enrollment_id=touch.enrollment_id,
        step=touch.step,
        text=text,
        touch_id=touch.id,
        **more,
    )


_APPEND = Bulk(insert(ACTIVITY))
_MOMENT = Bulk(
    update(ACCOUNT)
    .where(
        ACCOUNT.c.id == bindparam("of_id"),
        or_(ACCOUNT.c.moment_at.is_(None), ACCOUNT.c.moment_at < instant("at")),
    )
    .values(moment_at=instant("at"))
)


def write(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows made by `entry`, in one statement; accounts keep their newest moment."""
    _APPEND.run(session, rows)
    newest: dict[int, datetime] = {}
    for row in rows:
        if row["account_id"] is not None and is_moment(row["kind"]):
            newest[row["account_id"]] = max(row["at"], newest.get(row["account_id"], row["at"]))
    # By id: whoever writes some accounts locks them in one order.
    _MOMENT.run(session, [{"of_id": id_, "at": at} for id_, at in sorted(newest.items())])


def of_account(
    session: Session,
    account_id: int,
    *,
    limit: int,
    before: datetime | None = None,
    kinds: Collection[str] | None = None,
) -> list[Activity]:
    """The account's newest entries first, at most `limit`, earlier than `before`.

    What was merged into the account has its entries among them.
    """
    ids = family(session, [account_id]).of([account_id])
    query = select(Activity).where(among(col(Activity.account_id), ids))
    if before is not None:
        query = query.where(col(Activity.at) < before)
    if kinds is not None:
        query = query.where(among(col(Activity.kind), kinds))
    newest_first = query.order_by(col(Activity.at).desc(), col(Activity.id).desc())
    return list(session.exec(newest_first.limit(limit)))
