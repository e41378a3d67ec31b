"""Accounts, contacts and what is known about them, in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, or_, update
from sqlmodel import Session, SQLModel, col, select

from accounts.identity import whole_host
from accounts.matching import Candidate
from accounts.records import (
    CHILD,
    MERGED,
    Account,
    Alias,
    CalibrationVersion,
    Contact,
    ExternalId,
    Review,
    Suppression,
)
from accounts.selection import Value
from orchestrator.store.bulk import Query
from orchestrator.store.statements import among, among_param, insert_for, insert_new
from orchestrator.store.tables import ACCOUNT, CONTACT

_OWN = col(Account.merged_into).is_(None)  # a merged account lives on in another one
_KEPT = col(Contact.merged_into).is_(None)  # the same person's other rows speak through this one
_MERGED = select(ACCOUNT.c.id, ACCOUNT.c.merged_into).where(
    among_param(ACCOUNT.c.id, "ids"), ACCOUNT.c.merged_into.is_not(None)
)
_MERGED_PEOPLE = select(CONTACT.c.id, CONTACT.c.merged_into).where(
    among_param(CONTACT.c.id, "ids"), CONTACT.c.merged_into.is_not(None)
)
_INTO = Query(
    select(ACCOUNT.c.id, ACCOUNT.c.merged_into).where(
        MERGED, among_param(ACCOUNT.c.merged_into, "ids")
    )
)
_DOUBLES = Query(
    select(CONTACT.c.id).where(
        among_param(CONTACT.c.account_id, "ids"), CONTACT.c.merged_into.is_not(None)
    )
)
_CANDIDATES = select(
    *(
        ACCOUNT.c[name]
        for name in ("id", "name", "domain", "website", "country", "city", "phone", "parent_id")
    )
).order_by(ACCOUNT.c.id)
_ALIASES = (
    select(col(Alias.account_id), col(Alias.kind), col(Alias.value))
    .where(col(Alias.kind).in_(("name", "domain")))
    .order_by(col(Alias.id))
)


# ---------------------------------------------------------------- reading


def candidates(session: Session) -> list[Candidate]:
    """Every account as the matcher sees it, with its other names and domains.

    What was merged into an account is another name of it; so are its domain, phone and parent.
    """
    rows = session.connection().execute(_CANDIDATES).all()
    head = merged(session)
    known: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    parents: dict[int, int] = {}
    for one in sorted(rows, key=lambda one: one.id in head):
        id_ = head.get(one.id, one.id)
        known[id_, "phone"].append(one.phone)
        if one.parent_id is not None and (up := head.get(one.parent_id, one.parent_id)) != id_:
            parents.setdefault(id_, up)
        if one.id in head:
            known[id_, "name"].append(one.name)
            known[id_, "domain"].append(one.domain or whole_host(one.website) or "")
    for account_id, kind, value in session.exec(_ALIASES):
        known[head.get(account_id, account_id), kind].append(value)
    return [
        Candidate(
            one.id,
            one.name,
            tuple(filter(None, (one.domain or whole_host(one.website), *known[one.id, "domain"]))),
            tuple(known[one.id, "name"]),
            one.country,
            one.city,
            parents.get(one.id),
            phones=tuple(filter(None, known[one.id, "phone"])),
        )
        for one in rows
        if one.id not in head
    ]


def nevers(session: Session) -> defaultdict[str, set[int]]:
    """The accounts that a record never is, as a person ruled, by the record's key."""
    head, found = merged(session), defaultdict[str, set[int]](set)
    query = select(col(Alias.account_id), col(Alias.value)).where(col(Alias.kind) == "never")
    for account_id, value in session.exec(query):
        found[value].add(head.get(account_id, account_id))
    return found


def apart(session: Session) -> set[frozenset[int]]:
    """Pairs of accounts, as they live now, that a person said are two companies."""
    head = merged(session)
    query = select(col(Alias.account_id), col(Alias.value)).where(col(Alias.kind) == "apart")
    pairs = [(one, int(other)) for one, other in session.exec(query)]
    found = {frozenset(head.get(id_, id_) for id_ in pair) for pair in pairs}
    return {pair for pair in found if len(pair) == 2}  # two that live on in a third are one


def ruled_apart(session: Session, one: int, other: int) -> tuple[str, datetime] | None:
    """Who said of these two that they are never one, and when."""
    low, high = sorted((one, other))
    query = select(col(Alias.source), col(Alias.created_at)).where(
        col(Alias.kind) == "apart", col(Alias.account_id) == low, col(Alias.value) == str(high)
    )
    return session.exec(query).first()


def merged_names(session: Session) -> list[tuple[int, str, str]]:
    """(the account that it lives on in, name, domain) of every account that was merged."""
    head = merged(session)
    query = select(col(Account.id), col(Account.name), col(Account.domain)).where(MERGED)
    return [(head[id_], name, domain) for id_, name, domain in session.exec(query) if id_ in head]


def merged(session: Session) -> dict[int, int]:
    """Every account that was merged away, and the one that it lives on in."""
    gone = session.exec(select(col(Account.id)).where(col(Account.merged_into).is_not(None)))
    return heads(session, [one for one in gone if one is not None])


def accounts(session: Session, ids: Collection[int]) -> dict[int, Account]:
    """The accounts with these ids."""
    found = session.exec(select(Account).where(among(col(Account.id), ids)))
    return {one.id: one for one in found if one.id is not None}


def account_fields(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Every column of the accounts with these ids, by id."""
    found = session.connection().execute(select(*ACCOUNT.c).where(among(ACCOUNT.c.id, ids)))
    return {row["id"]: dict(row) for row in found.mappings()}


def suppressed(session: Session) -> set[tuple[str, str]]:
    """(scope, value) of every do-not-contact rule."""
    return set(session.exec(select(col(Suppression.scope), col(Suppression.value))))


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
    return _heads(session, _MERGED, ids)


def person_heads(session: Session, ids: Collection[int]) -> dict[int, int]:
    """The contacts that are kept for those of `ids` that turned out to be the same person."""
    return _heads(session, _MERGED_PEOPLE, ids)


def _heads(session: Session, gone_of: Any, ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    asked = set(ids)
    while asked:
        rows = session.connection().execute(gone_of, {"ids": sorted(asked)})
        gone: dict[int, int] = {old: new for old, new in rows}  # noqa: C416 - rows, no tuples
        found = {old: gone.get(new, new) for old, new in found.items()} | gone
        asked = set(gone.values()) - found.keys()
    return found


class Family(NamedTuple):
    """What lives on in some accounts: merged account -> account, and the same person's rows ->
    the contact that is kept."""

    accounts: dict[int, int]
    people: dict[int, int]

    def of(self, ids: Collection[int]) -> list[int]:
        """The accounts with all that lives on in them."""
        return sorted({*ids, *self.accounts})

    def account(self, id_: int) -> int:
        """Where the account lives on: mostly in itself."""
        return self.accounts.get(id_, id_)

    def person(self, id_: int | None) -> int | None:
        """The contact that is kept: mostly itself."""
        return None if id_ is None else self.people.get(id_, id_)


def family(session: Session, ids: Collection[int]) -> Family:
    """What was merged into these accounts, which live; a merge of a merge to its beginning.

    What was written before a merge stays as it was, and is read as theirs through this.
    """
    found: dict[int, int] = {}
    asked = own = set(ids)
    while asked:
        rows = _INTO.rows(session, ids=sorted(asked))
        # Each once: a ring of merges would never end.
        more = {old: found.get(new, new) for old, new in rows if old not in own | found.keys()}
        found |= more
        asked = set(more)
    if not found:
        return Family({}, {})
    doubles = [id_ for (id_,) in _DOUBLES.rows(session, ids=sorted({*ids, *found}))]
    return Family(found, person_heads(session, doubles))


_MERGE_LOCK = 0x6D65726765  # "merge": any number that nobody else takes


def hold_merges(session: Session) -> None:
    """Merge alone until the transaction ends; on SQLite the write lock does it."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(_MERGE_LOCK)))


def share_merges(session: Session) -> None:
    """Let nobody merge accounts until the transaction ends: whoever asks where one lives on, and
    writes there, calls it first."""
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock_shared(_MERGE_LOCK)))


def contacts_by_email(session: Session, keys: Collection[str]) -> dict[str, list[Contact]]:
    """Contacts by e-mail key, oldest first; one address may stand at several accounts."""
    found: defaultdict[str, list[Contact]] = defaultdict(list)
    these = among(col(Contact.email_key), keys), _KEPT
    query = select(Contact).where(*these).order_by(col(Contact.id))
    for one in session.exec(query):
        found[one.email_key].append(one)
    return found


def has_contact(session: Session, email_key: str) -> bool:
    """Whether anybody has that mailbox, those who were merged into others included."""
    query = select(Contact.id).where(col(Contact.email_key) == email_key).limit(1)
    return session.exec(query).first() is not None


def has_account(session: Session, domains: Collection[str]) -> bool:
    """Whether a company has one of these domains, as its own or beside it."""
    own = select(Account.id).where(among(col(Account.domain), domains))
    beside = select(Alias.account_id).where(
        col(Alias.kind) == "domain", among(col(Alias.value), domains)
    )
    return any(session.exec(query.limit(1)).first() is not None for query in (own, beside))


def contacts(session: Session, ids: Collection[int]) -> dict[int, Contact]:
    """The contacts with these ids."""
    found = session.exec(select(Contact).where(among(col(Contact.id), ids)))
    return {one.id: one for one in found if one.id is not None}


def contacts_of(session: Session, account_ids: Collection[int]) -> list[Contact]:
    """All contacts of these accounts, oldest first; nobody twice."""
    query = select(Contact).where(among(col(Contact.account_id), account_ids), _KEPT)
    return list(session.exec(query.order_by(col(Contact.id))))


class Extent(NamedTuple):
    """How much is stored: changed as soon as anybody adds, decides or merges something."""

    accounts: int
    aliases: int
    contacts: int
    ids: int
    open_reviews: int
    merged: int
    children: int
    calibrations: int


def extent(session: Session) -> Extent:
    """How much there is right now."""
    tables = (Account, Alias, Contact, ExternalId, CalibrationVersion)
    counts = [session.exec(select(func.count()).select_from(table)).one() for table in tables]
    is_open = select(func.count()).select_from(Review).where(col(Review.status) == "open")
    accounts, aliases, contacts, ids, calibrations = counts
    some = [select(func.count()).select_from(Account).where(which) for which in (MERGED, CHILD)]
    open_reviews, gone, children = (session.exec(query).one() for query in (is_open, *some))
    return Extent(accounts, aliases, contacts, ids, open_reviews, gone, children, calibrations)


def contact_digests(session: Session) -> dict[str, int]:
    """Every row of a file that became a contact: digest -> contact."""
    query = select(col(Contact.digest), col(Contact.id)).where(col(Contact.digest) != "")
    return {digest: id_ for digest, id_ in session.exec(query) if id_ is not None}


def external_ids(session: Session, kind: str, source: str) -> dict[str, int]:
    """What a system calls our accounts or contacts (`kind`): its id -> ours."""
    ours = col(ExternalId.account_id if kind == "account" else ExternalId.contact_id)
    query = select(col(ExternalId.value), ours).where(
        col(ExternalId.kind) == kind, col(ExternalId.source) == source
    )
    return {value: id_ for value, id_ in session.exec(query) if id_ is not None}


def ids_at(session: Session, account_id: int) -> list[ExternalId]:
    """What systems call the account and its contacts."""
    theirs = select(col(Contact.id)).where(col(Contact.account_id) == account_id)
    query = select(ExternalId).where(
        or_(col(ExternalId.account_id) == account_id, col(ExternalId.contact_id).in_(theirs))
    )
    return list(session.exec(query.order_by(col(ExternalId.source), col(ExternalId.id))))


def account_digests(session: Session) -> dict[str, int]:
    """Every row of a file that became an account, or was found to be one: digest -> account."""
    made = select(col(Account.digest), col(Account.id)).where(col(Account.digest) != "")
    found = select(col(Alias.value), col(Alias.account_id)).where(col(Alias.kind) == "row")
    rows = [row for query in (made, found) for row in session.connection().execute(query)]
    return {digest: account_id for digest, account_id in rows if account_id is not None}


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


def keep_ids(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what systems call our records, all columns of each; the last word stands."""
    if not rows:
        return
    statement = insert_for(session)(ExternalId)
    ours = {name: statement.excluded[name] for name in ("account_id", "contact_id")}
    kept = statement.on_conflict_do_update(index_elements=["kind", "source", "value"], set_=ours)
    session.connection().execute(kept, rows)


def classify(session: Session, judge: Callable[[Mapping[str, Value]], Mapping[str, Value]]) -> None:
    """Write down what the agreement says of each account; touches only rows that change."""
    found = session.connection().execute(select(Account.__table__).where(_OWN))  # type: ignore[attr-defined]
    changes = {}
    for row in found.mappings():
        said = judge(dict(row))
        if any(row[name] != value for name, value in said.items()):
            changes[row["id"]] = said
    change(session, Account, changes)
