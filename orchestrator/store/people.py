"""Accounts, contacts, users and what is known about them, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, update
from sqlmodel import Session, SQLModel, col, select

from accounts.matching import Candidate
from accounts.records import (
    Account,
    Alias,
    Contact,
    ImportRun,
    Review,
    User,
)
from accounts.selection import Value
from orchestrator.store.database import among, among_param, insert_new

ACCOUNT = SQLModel.metadata.tables["account"]
_OWN = col(Account.merged_into).is_(None)  # a merged account lives on in another one
_MERGED = select(ACCOUNT.c.id, ACCOUNT.c.merged_into).where(
    among_param(ACCOUNT.c.id, "ids"), ACCOUNT.c.merged_into.is_not(None)
)


# ---------------------------------------------------------------- reading


def candidates(session: Session) -> list[Candidate]:
    """Every account as the matcher sees it, with its other names and domains."""
    known: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    aliases = select(col(Alias.account_id), col(Alias.kind), col(Alias.value))
    for account_id, kind, value in session.exec(aliases):
        known[account_id, kind].append(value)
    query = select(
        *(ACCOUNT.c[name] for name in ("id", "name", "domain", "country", "city"))
    ).where(_OWN)
    return [
        Candidate(
            one.id,
            one.name,
            tuple(filter(None, (one.domain, *known[one.id, "domain"]))),
            tuple(known[one.id, "name"]),
            one.country,
            one.city,
        )
        for one in session.connection().execute(query)
    ]


def nevers(session: Session) -> set[tuple[int, str]]:
    """(account, key) pairs that a person ruled to be two companies."""
    query = select(col(Alias.account_id), col(Alias.value)).where(col(Alias.kind) == "never")
    return {(account_id, value) for account_id, value in session.exec(query)}


def accounts(session: Session, ids: Collection[int]) -> dict[int, Account]:
    """The accounts with these ids."""
    found = session.exec(select(Account).where(among(col(Account.id), ids)))
    return {one.id: one for one in found if one.id is not None}


def account_ids(session: Session) -> list[int]:
    """Every account that was not merged into another, oldest first."""
    query = select(col(Account.id)).where(_OWN).order_by(col(Account.id))
    return [one for one in session.exec(query) if one is not None]


def accounts_in(session: Session, segment: str) -> list[int]:
    """The accounts of a segment, oldest first."""
    query = select(col(Account.id)).where(_OWN, col(Account.segment) == segment)
    return [one for one in session.exec(query.order_by(col(Account.id))) if one is not None]


def heads(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Where merged accounts went, for those of `ids` that were; a merge of a merge to its end."""
    found: dict[int, int] = {}
    asked = set(ids)
    while asked:
        merged = dict(session.connection().execute(_MERGED, {"ids": sorted(asked)}).tuples().all())
        found = {old: merged.get(new, new) for old, new in found.items()} | merged
        asked = set(merged.values()) - found.keys()
    return found


def contacts_by_email(session: Session, keys: Collection[str]) -> dict[str, Contact]:
    """Contacts by e-mail key; of several, the one that came first."""
    query = select(Contact).where(among(col(Contact.email_key), keys))
    newest_first = session.exec(query.order_by(col(Contact.id).desc()))
    return {one.email_key: one for one in newest_first}


def contacts_of(session: Session, account_ids: Collection[int]) -> list[Contact]:
    """All contacts of these accounts, oldest first."""
    query = select(Contact).where(among(col(Contact.account_id), account_ids))
    return list(session.exec(query.order_by(col(Contact.id))))


class Extent(NamedTuple):
    """How much is stored: changed as soon as anybody adds or decides something."""

    accounts: int
    aliases: int
    contacts: int
    open_reviews: int


def extent(session: Session) -> Extent:
    """How much there is right now."""
    tables = (Account, Alias, Contact)
    counts = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
    is_open = select(func.count()).select_from(Review).where(col(Review.status) == "open")
    accounts, aliases, contacts = counts
    return Extent(accounts, aliases, contacts, session.exec(is_open).one())


def digests(session: Session, table: type[Account | Contact | Review]) -> set[str]:
    """The digests of the rows from which these records came."""
    return set(session.exec(select(table.digest).where(col(table.digest) != "")))


# ---------------------------------------------------------------- writing


def add_all(
    session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> list[int]:
    """Insert rows of equal keys; their ids, in the same order."""
    if not rows:
        return []
    columns = table.__table__.c  # type: ignore[attr-defined]
    statement = insert(table).returning(columns.id, sort_by_parameter_order=True)
    return list(session.connection().execute(statement, rows).scalars())


def change(
    session: Session, table: type[SQLModel], changes: Mapping[int, Mapping[str, Any]]
) -> None:
    """Set columns of many rows: {id: {column: value}}."""
    by_columns: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row_id, values in changes.items():
        if values:
            by_columns[tuple(values)].append({"id": row_id, **values})
    for rows in by_columns.values():
        session.execute(update(table), rows)


def add_aliases(
    session: Session, found: Iterable[tuple[int, str, str]], source: str, now: datetime
) -> int:
    """Remember (account, kind, value) triples; how many were new."""
    rows = [
        {"account_id": one, "kind": kind, "value": value, "source": source, "created_at": now}
        for one, kind, value in dict.fromkeys(found)
        if value
    ]
    return insert_new(session, Alias, rows)


def classify(session: Session, segment_of: Callable[[Mapping[str, Value]], str]) -> None:
    """Write down each account's segment; touches only rows that change."""
    found = session.connection().execute(select(Account.__table__).where(_OWN))  # type: ignore[attr-defined]
    changes = {}
    for row in found.mappings():
        if (segment := segment_of(dict(row))) != row["segment"]:
            changes[row["id"]] = {"segment": segment}
    change(session, Account, changes)


# ---------------------------------------------------------------- questions for a person


def import_run(session: Session, digest: str) -> ImportRun | None:
    """The import that took this very content."""
    return session.exec(select(ImportRun).where(col(ImportRun.digest) == digest)).first()


def reviews(session: Session, *, status: str, limit: int) -> list[tuple[Review, str]]:
    """Questions of a status, oldest first, each with its candidate's name."""
    query = (
        select(Review, col(Account.name))
        .outerjoin(Account, col(Account.id) == col(Review.candidate_id))
        .where(col(Review.status) == status)
        .order_by(col(Review.id))
        .limit(limit)
    )
    return [(review, name or "") for review, name in session.exec(query)]


def decide_review(
    session: Session, review_id: int, status: str, user_id: int, now: datetime
) -> bool:
    """Close an open question; whether it was still open."""
    statement = (
        update(Review)
        .where(col(Review.id) == review_id, col(Review.status) == "open")
        .values(status=status, decided_by=user_id, decided_at=now)
    )
    return session.connection().execute(statement).rowcount == 1


# ---------------------------------------------------------------- users


def user_named(session: Session, name: str) -> User | None:
    """The user with that short name."""
    return session.exec(select(User).where(col(User.name) == name)).first()


def users(session: Session) -> list[User]:
    """Everybody of ours, by team and name."""
    return list(session.exec(select(User).order_by(col(User.team), col(User.name))))
