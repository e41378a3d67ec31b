"""Notes: whom they name, and who has been named lately."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlmodel import Session

from orchestrator.store.statements import among
from orchestrator.store.tables import ACCOUNT, MENTION, USER


class Named(NamedTuple):
    """One of us whom a note names."""

    id: int
    name: str


class Word(NamedTuple):
    """A note that names somebody, with its account."""

    account_id: int
    account: str
    at: datetime
    by: str
    text: str


def is_account(session: Session, account_id: int) -> bool:
    """Whether there is such an account."""
    query = select(ACCOUNT.c.id).where(ACCOUNT.c.id == account_id)
    return session.connection().execute(query).first() is not None


def called(session: Session, names: Collection[str]) -> list[Named]:
    """Those of us who have these short names and work here."""
    query = select(USER.c.id, USER.c.name).where(among(USER.c.name, names), USER.c.active)
    return [Named._make(row) for row in session.connection().execute(query)]


def tell(session: Session, entry: Mapping[str, Any], by: str, user_ids: Sequence[int]) -> None:
    """Keep for each of them that an entry of the log names them."""
    rows = [
        {"user_id": id_, "activity_id": entry["id"], "account_id": entry["account_id"],
         "at": entry["at"], "by": by, "text": entry["text"]}
        for id_ in user_ids
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(MENTION), rows)


def mentions(session: Session, user_id: int, limit: int) -> list[Word]:
    """The newest notes that name the user."""
    query = (
        select(MENTION.c.account_id, ACCOUNT.c.name, MENTION.c.at, MENTION.c.by, MENTION.c.text)
        .join_from(MENTION, ACCOUNT, ACCOUNT.c.id == MENTION.c.account_id)
        .where(MENTION.c.user_id == user_id)
        .order_by(MENTION.c.activity_id.desc())
        .limit(limit)
    )
    return [Word._make(row) for row in session.connection().execute(query)]
