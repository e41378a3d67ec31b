"""The inbox: every event is kept once, and found again by what it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, text, update
from sqlmodel import Session

from orchestrator.store.companies.people import heads
from orchestrator.store.statements import among_param, insert_for, instant
from orchestrator.store.tables import ACCOUNT, ALIAS, CONTACT, INBOX, TASK, TOUCH
from orchestrator.terms import enrollment_of


class TouchMark(NamedTuple):
    """A touch as an event about it finds it."""

    id: int
    key: str
    resend: int
    account_id: int
    contact_id: int | None
    enrollment_id: int
    step: str
    sender_id: int | None


class PersonMark(NamedTuple):
    """A contact who has the address that an event names."""

    id: int
    account_id: int
    email_key: str
    left_at: datetime | None


# ---------------------------------------------------------------- kept once


def keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Store raw events; the ids of the new ones by (source, source id).

    What is stored already, or stands twice in `rows`, is left alone. The rows go in by key, so
    that two processes with the same events wait for each other in one order.
    """
    if not rows:
        return {}
    ordered = sorted(rows, key=lambda row: (row["source"], row["source_id"]))
    statement = (
        insert_for(session)(INBOX)
        .on_conflict_do_nothing(index_elements=["source", "source_id"])
        .returning(INBOX.c.id, INBOX.c.source, INBOX.c.source_id)
    )
    stored = session.connection().execute(statement, ordered)
    return {(source, source_id): id_ for id_, source, source_id in stored}


def told_by(session: Session, source: str) -> list[tuple[str, Any]]:
    """(source id, payload) of all that a source told."""
    query = select(INBOX.c.source_id, INBOX.c.payload).where(INBOX.c.source == source)
    return [(id_, payload) for id_, payload in session.connection().execute(query)]


_UNDERSTOOD = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("of_id"))
    .values(
        {
            name: bindparam(f"to_{name}")
            for name in (
                "kind",
                "status",
                "reason",
                "account_id",
                "contact_id",
                "touch_id",
                "question",
            )
        }
    )
)


def understood(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what became of events: of_id, to_kind, to_status, to_reason, the ids it matched and the
    question that it waits for."""
    if rows:
        session.connection().execute(_UNDERSTOOD, rows)


class Kept(NamedTuple):
    """An event that nothing was done with yet, and why."""

    id: int
    source: str
    source_id: str
    kind: str
    at: datetime
    status: str
    reason: str


_LEFT_OVER = (
    select(*(INBOX.c[name] for name in Kept._fields))
    .where(INBOX.c.status.in_(("unmatched", "unknown_kind", "stored")))
    .order_by(INBOX.c.id.desc())
    .limit(bindparam("most"))
)


def left_over(session: Session, limit: int) -> list[Kept]:
    """Events that nobody could apply, the newest first."""
    return [Kept(*row) for row in session.connection().execute(_LEFT_OVER, {"most": limit})]


_COUNTED = (
    select(INBOX.c.status, func.count())
    .where(INBOX.c.status.in_(("unmatched", "unknown_kind", "stored")))
    .group_by(INBOX.c.status)
)


def waiting(session: Session) -> dict[str, int]:
    """How many events nothing was done with, by status."""
    return dict(session.connection().execute(_COUNTED).all())


# ---------------------------------------------------------------- applied later


class Waiting(NamedTuple):
    """An event that waited for an answer, and the account that it was."""

    id: int
    source: str
    source_id: str
    kind: str
    at: datetime
    received_at: datetime
    payload: dict[str, Any]
    account_id: int


_ANSWERED = (
    update(INBOX)
    .where(INBOX.c.question == bindparam("digest"), text("question <> ''"))
    .where(INBOX.c.status == "unmatched")
    .values(status="stored", account_id=bindparam("of_account"))
)
_WAITING = (
    select(*(INBOX.c[name] for name in Waiting._fields))
    .where(among_param(INBOX.c.id, "ids"), INBOX.c.status == "stored")
    .order_by(INBOX.c.id)
    .with_for_update(skip_locked=True)
)
_STORED = select(INBOX.c.id).where(INBOX.c.status == "stored").order_by(INBOX.c.id)
_NOT_NEEDED = (
    update(TASK)
    .where(TASK.c.account_id.is_(None), TASK.c.status == "open")
    .where(*(TASK.c[name] == bindparam(f"of_{name}") for name in ("purpose", "title", "due_at")))
    .values(status="cancelled", ended_at=instant("now"), reason=bindparam("because"))
)


def answered(session: Session, digest: str, account_id: int) -> int:
    """Let the events that waited for this question be applied to the account; how many did."""
    asked = {"digest": digest, "of_account": account_id}
    return session.connection().execute(_ANSWERED, asked).rowcount


def to_apply(session: Session, limit: int) -> list[int]:
    """Events that are to be applied now, the oldest first."""
    return list(session.connection().execute(_STORED.limit(limit)).scalars())


def take(session: Session, ids: Collection[int]) -> list[Waiting]:
    """Those of them that nobody else has taken, locked until the transaction ends."""
    return [Waiting(*row) for row in session.connection().execute(_WAITING, {"ids": ids})]


def refuse(session: Session, id_: int, why: str) -> int:
    """Apply a marked event no more; 1, or 0 when somebody else has applied it meanwhile."""
    statement = (
        update(INBOX)
        .where(INBOX.c.id == id_, INBOX.c.status == "stored")
        .values(status="unmatched", reason=why)
    )
    return session.connection().execute(statement).rowcount


def not_needed(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Cancel open tasks without an account: of_purpose, of_title, of_due_at; now and because."""
    if rows:
        session.connection().execute(_NOT_NEEDED, rows)


# ---------------------------------------------------------------- found again


_TOUCHES = (
    select(*(TOUCH.c[name] for name in TouchMark._fields))
    .where(among_param(TOUCH.c.enrollment_id, "plays"), among_param(TOUCH.c.key, "keys"))
    .order_by(TOUCH.c.resend)
)
# Who still works there stands last, and so wins.
_PEOPLE = (
    select(*(CONTACT.c[name] for name in PersonMark._fields))
    .where(among_param(CONTACT.c.email_key, "keys"))
    .order_by(CONTACT.c.left_at.is_(None), CONTACT.c.id.desc())
)
_BY_DOMAIN = select(ACCOUNT.c.domain, ACCOUNT.c.id).where(among_param(ACCOUNT.c.domain, "keys"))
_BY_NAME = select(ACCOUNT.c.name_key, ACCOUNT.c.id).where(among_param(ACCOUNT.c.name_key, "keys"))
_BY_ALIAS = select(ALIAS.c.value, ALIAS.c.account_id).where(
    ALIAS.c.kind == bindparam("kind"), among_param(ALIAS.c.value, "keys")
)


def touches(session: Session, keys: Collection[str]) -> dict[str, list[TouchMark]]:
    """Touches by message key, the first send first."""
    found: dict[str, list[TouchMark]] = defaultdict(list)
    plays = sorted({enrollment_of(key) for key in keys})
    for row in _look(session, _TOUCHES, keys, plays=plays):
        found[row.key].append(TouchMark(*row))
    return found


def people(session: Session, email_keys: Collection[str]) -> dict[str, list[PersonMark]]:
    """Contacts by e-mail key, the likeliest last."""
    found: dict[str, list[PersonMark]] = defaultdict(list)
    for row in _look(session, _PEOPLE, email_keys):
        found[row.email_key].append(PersonMark(*row))
    return found


def companies(
    session: Session, domains: Collection[str], names: Collection[str]
) -> dict[tuple[str, str], int]:
    """Accounts by ("domain", x) and ("name", x) where exactly one answers to it."""
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    looks = (("domain", _BY_DOMAIN, "domain", domains), ("name", _BY_NAME, "key", names))
    for kind, direct, alias, keys in looks:
        for key, account_id in [
            *_look(session, direct, keys),
            *_look(session, _BY_ALIAS, keys, kind=alias),
        ]:
            found[kind, key].add(account_id)
    merged = heads(session, {one for ids in found.values() for one in ids})
    living = {key: {merged.get(one, one) for one in ids} for key, ids in found.items()}
    return {key: next(iter(ids)) for key, ids in living.items() if len(ids) == 1}


def _look(session: Session, statement: Any, keys: Collection[str], **more: Any) -> Any:
    known = sorted(key for key in keys if key)
    return session.connection().execute(statement, {"keys": known, **more}).all() if known else []
