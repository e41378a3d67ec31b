"""Tokens of the API, and the calls that were made under a key."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlmodel import Session

from orchestrator.records import ApiToken
from orchestrator.store.statements import insert_for
from orchestrator.store.tables import CALL, TOKEN, USER


class Token(NamedTuple):
    """A token and whose it is."""

    id: int
    user_id: int
    label: str
    scopes: list[str]
    writes: bool
    created_at: datetime
    until: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    name: str
    full_name: str
    team: str
    zone: str


_TOKEN = select(
    *(TOKEN.c[name] for name in Token._fields[:9]),
    USER.c.name, USER.c.full_name, USER.c.team, USER.c.zone,
).join_from(TOKEN, USER, USER.c.id == TOKEN.c.user_id)  # fmt: skip


def add(session: Session, row: ApiToken) -> int:
    """Store a token; its id."""
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def valid(session: Session, digest: str, now: datetime) -> Token | None:
    """The token of that digest, unless it was revoked, is too old or its user has left."""
    query = _TOKEN.where(
        TOKEN.c.digest == digest, TOKEN.c.revoked_at.is_(None), TOKEN.c.until > now, USER.c.active
    )
    row = session.connection().execute(query).first()
    return Token._make(row) if row else None


def tokens(session: Session, user_id: int | None = None) -> list[Token]:
    """A user's tokens, or everybody's, the newest first; those that were revoked, too."""
    query = _TOKEN if user_id is None else _TOKEN.where(TOKEN.c.user_id == user_id)
    rows = session.connection().execute(query.order_by(TOKEN.c.id.desc()))
    return [Token._make(row) for row in rows]


def used(session: Session, token_id: int, now: datetime) -> None:
    """Note that the token is in use."""
    session.connection().execute(update(TOKEN).where(TOKEN.c.id == token_id).values(used_at=now))


def revoke(session: Session, token_id: int, now: datetime, user_id: int | None) -> bool:
    """End a token (of that user, where one is named); False for one that there is not."""
    statement = update(TOKEN).where(TOKEN.c.id == token_id, TOKEN.c.revoked_at.is_(None))
    if user_id is not None:
        statement = statement.where(TOKEN.c.user_id == user_id)
    return session.connection().execute(statement.values(revoked_at=now)).rowcount == 1


# ---------------------------------------------------------------- calls under a key


class Call(NamedTuple):
    """What was called; `status` is None until its answer was kept."""

    digest: str
    status: int | None
    answer: str


def call(session: Session, user_id: int, key: str, since: datetime) -> Call | None:
    """The call that the user made under that key since then."""
    query = select(CALL.c.digest, CALL.c.status, CALL.c.answer).where(
        CALL.c.user_id == user_id, CALL.c.key == key, CALL.c.at > since
    )
    row = session.connection().execute(query).first()
    return Call._make(row) if row else None


def claim(
    session: Session, user_id: int, key: str, digest: str, *, at: datetime, since: datetime
) -> bool:
    """Take the key for this call; False if it was taken since then."""
    old = delete(CALL).where(CALL.c.user_id == user_id, CALL.c.key == key, CALL.c.at <= since)
    session.connection().execute(old)
    values = {"user_id": user_id, "key": key, "digest": digest, "at": at, "answer": ""}
    statement = insert_for(session)(CALL).values(values).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return bool(session.connection().execute(counted).rowcount == 1)


def answered(
    session: Session, user_id: int, key: str, status: int, answer: str, since: datetime
) -> None:
    """Keep what was answered; calls older than `since` are forgotten."""
    session.connection().execute(
        update(CALL)
        .where(CALL.c.user_id == user_id, CALL.c.key == key)
        .values(status=status, answer=answer)
    )
    session.connection().execute(delete(CALL).where(CALL.c.at <= since))
