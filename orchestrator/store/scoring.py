"""Scores: what happened at accounts, in bulk, and the columns that hold what it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update
from sqlmodel import Session, SQLModel

from accounts.scoring import Happening
from orchestrator.records import Tick
from orchestrator.store.statements import among, insert_new

_TABLES = SQLModel.metadata.tables
ACCOUNT, CONTACT, ACTIVITY = _TABLES["account"], _TABLES["contact"], _TABLES["activity"]
AGREEMENT, TICK = _TABLES["agreement_version"], _TABLES["tick"]

FADING = "fading"  # the Tick that says as of when the scores are


class Happened(NamedTuple):
    """What happened at an account, in all and by person."""

    all: list[Happening]
    by_contact: dict[int, list[Happening]]


def happened(
    session: Session, account_ids: Collection[int], kinds: Collection[str], since: datetime
) -> dict[int, Happened]:
    """Activities of these kinds (and of the kinds below them) by account, from `since` on.

    What a rep took back did not happen.
    """
    if not kinds:
        return {}
    columns = (ACTIVITY.c[name] for name in ("id", "account_id", "contact_id", "kind", "at"))
    query = select(*columns, ACTIVITY.c.data).where(
        among(ACTIVITY.c.account_id, account_ids),
        or_(_is_one_of({*kinds}), ACTIVITY.c.kind == "task.undone"),
        ACTIVITY.c.at >= since,
    )
    rows = session.connection().execute(query).all()
    undone = {row.data.get("task_id"): row.id for row in rows if row.kind == "task.undone"}
    found: dict[int, Happened] = defaultdict(lambda: Happened([], defaultdict(list)))
    for row in rows:
        task = row.data.get("task_id")
        if row.kind == "task.undone" or (task and row.id < undone.get(task, 0)):
            continue
        one = Happening(row.kind, row.at)
        found[row.account_id].all.append(one)
        if row.contact_id:
            found[row.account_id].by_contact[row.contact_id].append(one)
    return found


def _is_one_of(kinds: Collection[str]) -> ColumnElement[bool]:
    families = (ACTIVITY.c.kind.startswith(f"{kind}.", autoescape=True) for kind in sorted(kinds))
    return or_(among(ACTIVITY.c.kind, kinds), *families)


class Standing(NamedTuple):
    """The scores that are stored, by id."""

    accounts: dict[int, float]
    contacts: dict[int, float]


def standing(session: Session, account_ids: Collection[int]) -> Standing:
    """The scores of accounts and of their people as they are stored."""
    accounts = select(ACCOUNT.c.id, ACCOUNT.c.engagement).where(among(ACCOUNT.c.id, account_ids))
    contacts = select(CONTACT.c.id, CONTACT.c.engagement).where(
        among(CONTACT.c.account_id, account_ids)
    )
    return Standing(
        dict(session.connection().execute(accounts).all()),
        dict(session.connection().execute(contacts).all()),
    )


_SET = {
    table: update(table).where(table.c.id == bindparam("of_id")).values(engagement=bindparam("to"))
    for table in (ACCOUNT, CONTACT)
}


def put(session: Session, accounts: Mapping[int, float], contacts: Mapping[int, float]) -> None:
    """Store scores; always in one order, so that two processes wait for each other."""
    for table, scores in ((ACCOUNT, accounts), (CONTACT, contacts)):
        rows = [{"of_id": id_, "to": value} for id_, value in sorted(scores.items())]
        if rows:
            session.connection().execute(_SET[table], rows)


# ---------------------------------------------------------------- fading


class AsOf(NamedTuple):
    """As of when the scores are and by which agreement (None, {} at first); the newest one."""

    started_at: datetime | None
    counts: dict[str, int] | None
    newest: int | None


# Built once: it is asked four times a second.
_AS_OF = select(
    select(TICK.c.started_at).where(TICK.c.concern == FADING).scalar_subquery(),
    select(TICK.c.counts).where(TICK.c.concern == FADING).scalar_subquery(),
    select(func.max(AGREEMENT.c.id)).scalar_subquery(),
)


def as_of(session: Session) -> AsOf:
    """What tells whether scores are stale."""
    return AsOf._make(session.connection().execute(_AS_OF).one())


def newest_agreement(session: Session) -> int:
    """The id of the agreement in force; 0 before the first."""
    return session.connection().execute(select(func.max(AGREEMENT.c.id))).scalar() or 0


def faded(session: Session) -> Tick | None:
    """As of when the scores are (`started_at`), and by which agreement (`counts`)."""
    return session.get(Tick, FADING)


def hold(session: Session, now: datetime) -> Tick:
    """The same, held until the end of the transaction: two processes must not fade twice."""
    insert_new(session, Tick, [_tick(now, 0, "")])
    return session.get_one(Tick, FADING, with_for_update=True)


def mark(session: Session, as_of: datetime, agreement: int, run: str) -> None:
    """Say as of when the scores are from now on."""
    session.connection().execute(
        update(TICK).where(TICK.c.concern == FADING).values(_tick(as_of, agreement, run))
    )


def _tick(as_of: datetime, agreement: int, run: str) -> dict[str, Any]:
    return {
        "concern": FADING, "started_at": as_of, "ended_at": as_of, "error": "",
        "counts": {"agreement": agreement}, "flow_run_id": run,
    }  # fmt: skip


def fade(session: Session, factor: float) -> int:
    """Multiply every score; how many accounts have one."""
    number = 0
    for table in (CONTACT, ACCOUNT):
        scored = update(table).where(table.c.engagement != 0)
        faded = scored.values(engagement=table.c.engagement * factor)
        number = session.connection().execute(faded).rowcount
    return number


def every_account(session: Session) -> list[int]:
    """The ids of all accounts, in order."""
    query = select(ACCOUNT.c.id).order_by(ACCOUNT.c.id)
    return list(session.connection().execute(query).scalars())


def stirred(session: Session, kinds: Collection[str], since: datetime) -> list[int]:
    """The accounts at which something of these kinds happened from `since` on."""
    query: Any = select(ACTIVITY.c.account_id).where(
        ACTIVITY.c.at >= since, _is_one_of(kinds), ACTIVITY.c.account_id.is_not(None)
    )
    return sorted(session.connection().execute(query.distinct()).scalars())
