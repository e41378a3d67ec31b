"""Scores: what happened at accounts, in bulk, and the columns that hold what it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlmodel import Session, SQLModel

from accounts.scoring import Happening
from orchestrator.store.companies import people
from orchestrator.store.statements import among

_TABLES = SQLModel.metadata.tables
ACCOUNT, CONTACT, ACTIVITY = _TABLES["account"], _TABLES["contact"], _TABLES["activity"]

LEAST = 1e-6  # a score that small is none, and so is a smaller change of one


class Happened(NamedTuple):
    """What happened at an account, in all and by person."""

    all: list[Happening]
    by_contact: dict[int, list[Happening]]


def happened(
    session: Session, account_ids: Collection[int], kinds: Collection[str], since: datetime
) -> dict[int, Happened]:
    """Activities of these kinds (and of the kinds below them) by account, from `since` on.

    What a rep took back did not happen. What happened at an account that was merged into one of
    these happened there.
    """
    if not kinds:
        return {}
    family = people.family(session, account_ids)
    columns = (ACTIVITY.c[name] for name in ("id", "account_id", "contact_id", "kind", "at"))
    query = select(*columns, ACTIVITY.c.data).where(
        among(ACTIVITY.c.account_id, family.of(account_ids)),
        or_(is_one_of({*kinds}), ACTIVITY.c.kind == "task.undone"),
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
        there = found[family.account(row.account_id)]
        there.all.append(one)
        if contact_id := family.person(row.contact_id):
            there.by_contact[contact_id].append(one)
    return found


def is_one_of(kinds: Collection[str]) -> ColumnElement[bool]:
    """The activity is of one of these kinds, or of a kind below one."""
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
