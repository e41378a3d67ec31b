"""Merges of accounts: what is read of both, every change with what stood before, and the way back.

A merge deletes nothing. Each changed row is kept as {table, key, was, made}, so that an undo can
put back exactly what still stands as the merge made it, and can say what does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, delete, func, insert, select, update
from sqlmodel import Session, col

from accounts.columns import Instant, instant_text
from accounts.records import Merge
from orchestrator.store.statements import among, there_is
from orchestrator.store.tables import (
    ACCOUNT,
    ACTIVITY,
    CONTACT,
    ENROLLMENT,
    EXTERNAL_ID,
    HOLDER,
    MERGE,
    REVIEW,
    RUN,
    SUPPRESSION,
    TASK,
    TEAM,
    TOUCH,
    USER,
)

Row = Mapping[str, Any]
Change = dict[str, Any]

_TABLES = {
    table.name: table
    for table in (
        ACCOUNT, CONTACT, ENROLLMENT, EXTERNAL_ID, REVIEW, RUN, SUPPRESSION, TASK, TEAM, TOUCH,
    )
}  # fmt: skip
# Counters and claims only go forward: whoever held the row must not hold it again.
_FORWARD = frozenset({"fence", "owner", "lease_until", "woken_at"})


# ---------------------------------------------------------------- what is read


def lock_accounts(session: Session, ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """Every column of these accounts, by id, locked until the transaction ends, in one order."""
    query = select(*ACCOUNT.c).where(among(ACCOUNT.c.id, ids)).order_by(ACCOUNT.c.id)
    found = session.connection().execute(query.with_for_update()).mappings()
    return {row["id"]: dict(row) for row in found}


def lock_plays(session: Session, account_ids: Collection[int]) -> None:
    """Hold the plays of these accounts that have not ended, in the order in which everybody does;
    before the accounts."""
    query = select(ENROLLMENT.c.id).where(
        among(ENROLLMENT.c.account_id, account_ids), ENROLLMENT.c.status != "ended"
    )
    session.connection().execute(query.order_by(ENROLLMENT.c.id).with_for_update()).all()


class Belongings(NamedTuple):
    """Whatever hangs on one account."""

    contacts: list[Row]  # those that are not another row's person
    external_ids: list[Row]
    team: list[Row]
    plays: list[Row]  # that have not ended
    tasks: list[Row]  # that are open
    suppressions: list[Row]  # of the whole account


def belongings(session: Session, account_id: int) -> Belongings:
    """What hangs on the account, each kind in the order of its making."""

    def rows(table: Table, *where: Any) -> list[Row]:
        query = select(*table.c).where(*where).order_by(*table.primary_key)
        return [dict(row) for row in session.connection().execute(query).mappings()]

    def theirs(table: Table) -> Any:
        return table.c.account_id == account_id

    as_text = and_(SUPPRESSION.c.scope == "account", SUPPRESSION.c.value == str(account_id))
    plays = rows(ENROLLMENT, theirs(ENROLLMENT), ENROLLMENT.c.status != "ended")
    return Belongings(
        rows(CONTACT, theirs(CONTACT), CONTACT.c.merged_into.is_(None)),
        rows(EXTERNAL_ID, theirs(EXTERNAL_ID)),
        rows(TEAM, theirs(TEAM)),
        plays,
        rows(TASK, theirs(TASK), TASK.c.status == "open"),
        rows(SUPPRESSION, as_text),
    )


def ids_of_contact(session: Session, contact_id: int) -> list[Row]:
    """What other systems call a contact."""
    query = select(*EXTERNAL_ID.c).where(EXTERNAL_ID.c.contact_id == contact_id)
    return [dict(row) for row in session.connection().execute(query).mappings()]


def release(session: Session, enrollment_id: int, account_id: int) -> None:
    """Take a play's messages from whoever has claimed them, and let all that are open be the
    account's. What may be leaving just now stays in the hands that it is in."""
    this = TOUCH.c.enrollment_id == enrollment_id
    claim = {"status": "ready", "fence": TOUCH.c.fence + 1, "owner": "", "lease_until": None}
    connection = session.connection()
    connection.execute(update(TOUCH).where(this, TOUCH.c.status == "claimed").values(claim))
    still = TOUCH.c.status.in_(("draft", "ready", "sending"))
    connection.execute(update(TOUCH).where(this, still).values(account_id=account_id))
    work = TASK.c.enrollment_id == enrollment_id, TASK.c.status == "open"
    connection.execute(update(TASK).where(*work).values(account_id=account_id))


def resent_later(session: Session, enrollment_id: int, now: datetime) -> list[Row]:
    """What of a play may have left and waits to go again later."""
    query = select(*TOUCH.c).where(
        TOUCH.c.enrollment_id == enrollment_id,
        TOUCH.c.status == "sending",
        TOUCH.c.owner == "",
        TOUCH.c.due_at > now,
    )
    return [dict(row) for row in session.connection().execute(query).mappings()]


def unsent(session: Session, enrollment_id: int) -> list[Row]:
    """What a play has not sent, locked: drafts, and what waits or is claimed."""
    return _of_play(session, TOUCH, enrollment_id, ("draft", "ready", "claimed"))


def runs(session: Session, enrollment_id: int) -> list[Row]:
    """Where a play stands in each step that is not done."""
    return _of_play(session, RUN, enrollment_id, ("waiting", "held", "open"))


def _of_play(
    session: Session, table: Table, enrollment_id: int, statuses: Collection[str]
) -> list[Row]:
    these = table.c.enrollment_id == enrollment_id, table.c.status.in_(statuses)
    query = select(*table.c).where(*these).order_by(*table.primary_key).with_for_update()
    return [dict(row) for row in session.connection().execute(query).mappings()]


def cast_of(session: Session, enrollment_id: int) -> set[int]:
    """The people with whom a play works: who holds a seat, and whom a message or a task names."""
    plays = (
        select(table.c.contact_id).where(
            table.c.enrollment_id == enrollment_id, table.c.contact_id.is_not(None)
        )
        for table in (HOLDER, TOUCH, TASK)
    )
    return {id_ for query in plays for id_ in session.connection().execute(query).scalars()}


def open_pairs(session: Session) -> list[Row]:
    """The open questions about two accounts, locked."""
    these = REVIEW.c.status == "open", REVIEW.c.double_id.is_not(None)
    query = select(*REVIEW.c).where(*these).order_by(REVIEW.c.id).with_for_update()
    return [dict(row) for row in session.connection().execute(query).mappings()]


def standings(session: Session, account_ids: Collection[int]) -> list[Row]:
    """What speaks for keeping each account, by the names of `deduping.Standing`."""

    def there(table: Table, *where: Any) -> Any:
        query = select(func.count()).where(table.c.account_id == ACCOUNT.c.id, *where)
        return query.scalar_subquery()

    query = select(
        ACCOUNT.c.id,
        (there(TEAM, TEAM.c.role == "owner") > 0).label("owner"),
        ACCOUNT.c.tier,
        (there(ACTIVITY, ACTIVITY.c.kind == "opportunity") > 0).label("open_opportunity"),
        there(CONTACT, CONTACT.c.left_at.is_(None)).label("contacts"),
        ACCOUNT.c.created_at,
    ).where(among(ACCOUNT.c.id, account_ids))
    return [dict(row) for row in session.connection().execute(query).mappings()]


# ---------------------------------------------------------------- what is written


class Ledger:
    """Writes rows and keeps what stood before; `changes` is what `account_merge` stores."""

    def __init__(self, session: Session) -> None:
        self.changes: list[Change] = []
        self._session = session

    def set(self, table: Table, row: Row, **values: Any) -> None:
        """Change columns of a row as it was read; what is the same already is left alone."""
        made = {name: value for name, value in values.items() if row[name] != value}
        if not made:
            return
        key = {one.name: row[one.name] for one in table.primary_key}
        self._session.connection().execute(update(table).where(*_this(table, key)).values(made))
        was = {name: row[name] for name in made}
        if was.get("status") == "claimed":
            was["status"] = "ready"  # whoever had claimed it has lost it
        self._keep(table, key, made, was)

    def add(self, table: Table, **values: Any) -> None:
        """Insert a row."""
        statement = insert(table).values(values).returning(*table.c)
        row = self._session.connection().execute(statement).mappings().one()
        self._keep(table, {one.name: row[one.name] for one in table.primary_key}, dict(row))

    def _keep(self, table: Table, key: Row, made: Row, was: Row | None = None) -> None:
        change = {"table": table.name, "key": dict(key), "made": _plain(table, made)}
        self.changes.append(change if was is None else change | {"was": _plain(table, was)})


def store(
    session: Session, survivor_id: int, other_id: int, user_id: int, at: datetime,
    changes: Sequence[Change],
) -> int:  # fmt: skip
    """Keep a merge; its id."""
    statement = insert(MERGE).values(
        survivor_id=survivor_id, other_id=other_id, user_id=user_id, at=at, changes=list(changes),
        left=[],
    )  # fmt: skip
    made: int = session.connection().execute(statement.returning(MERGE.c.id)).scalar_one()
    return made


# ---------------------------------------------------------------- the way back


def get(session: Session, merge_id: int) -> Merge | None:
    """One merge, locked until the transaction ends."""
    query = select(Merge).where(col(Merge.id) == merge_id).with_for_update()
    return session.scalars(query).first()


def standing_since(session: Session, merge_id: int) -> list[Merge]:
    """Later merges that nobody has undone, the oldest first."""
    query = select(Merge).where(MERGE.c.id > merge_id, MERGE.c.undone_at.is_(None))
    return list(session.scalars(query.order_by(MERGE.c.id)))


def cells(changes: Iterable[Change]) -> set[tuple[Any, ...]]:
    """Which cells they changed, as (table, key, column); "" stands for a whole new row."""
    return {
        (one["table"], *sorted(one["key"].items()), name)
        for one in changes
        for name in (one["made"] if "was" in one else ("",))
        if name not in _FORWARD
    }


class Kept(NamedTuple):
    """What an undo leaves as it is, because it has changed since."""

    table: str
    key: Mapping[str, Any]
    column: str  # "" for a row that the merge added
    was: Any
    now: Any  # None for a row that is gone


def take_back(session: Session, changes: Sequence[Change]) -> list[Kept]:
    """Put back, the last change first, all that still stands as it was made."""
    return [kept for change in reversed(changes) for kept in _back(session, change)]


def _back(session: Session, change: Change) -> Iterable[Kept]:
    table, key = _TABLES[change["table"]], change["key"]
    these = _this(table, key)
    query = select(*table.c).where(*these).with_for_update()
    row = session.connection().execute(query).mappings().first()
    made = _typed(table, change["made"])
    if row is None:
        yield Kept(table.name, key, "", None, None)
    elif "was" not in change:
        if any(row[name] != value for name, value in made.items()):
            yield Kept(table.name, key, "", None, dict(row))
        else:
            session.connection().execute(delete(table).where(*these))
    else:
        yield from _columns_back(session, table, key, dict(row), made, _typed(table, change["was"]))


def _columns_back(
    session: Session, table: Table, key: Row, row: Row, made: Row, was: Row
) -> Iterable[Kept]:
    mine = [name for name in made if name not in _FORWARD]
    # A play or a message that has moved on since is not half put back.
    whole = table is ENROLLMENT or table is TOUCH
    moved_on = [name for name in mine if row[name] != made[name] and not _same(table, name, row)]
    back = {name: was[name] for name in mine if row[name] == made[name]}
    if whole and any(name != "account_id" for name in moved_on):
        back = {name: value for name, value in back.items() if name == "account_id"}
    if "fence" in made:
        back |= {"fence": table.c.fence + 1, "owner": "", "lease_until": None}
    if back:
        session.connection().execute(update(table).where(*_this(table, key)).values(back))
    for name in moved_on:
        yield Kept(table.name, key, name, was[name], row[name])


def _same(table: Table, name: str, row: Row) -> bool:
    """A due time that the next pass has only looked at is nothing that somebody changed."""
    return table is ENROLLMENT and name == "next_due_at" and row["status"] in ("active", "waiting")


def undone(
    session: Session, merge_id: int, user_id: int, at: datetime, left: Sequence[str]
) -> None:
    """Say that a merge was undone, and what was left."""
    values = {"undone_at": at, "undone_by": user_id, "left": list(left)}
    this = update(MERGE).where(MERGE.c.id == merge_id)
    session.connection().execute(this.values(values))


def live_of(session: Session, enrollment_ids: Collection[int]) -> list[str]:
    """The playbooks of those of these plays that drive their accounts now."""
    live = ENROLLMENT.c.status.in_(("active", "paused"))
    query = select(ENROLLMENT.c.playbook).where(among(ENROLLMENT.c.id, enrollment_ids), live)
    return list(session.connection().execute(query).scalars())


def wake_if_gone_on(
    session: Session, enrollment_ids: Collection[int], since: datetime, now: datetime
) -> None:
    """Let active plays be decided on of which a message has ended from then on: nobody could tell
    them meanwhile."""
    ended = there_is(TOUCH, TOUCH.c.enrollment_id == ENROLLMENT.c.id, TOUCH.c.ended_at >= since)
    these = among(ENROLLMENT.c.id, enrollment_ids), ENROLLMENT.c.status == "active", ended
    session.connection().execute(update(ENROLLMENT).where(*these).values(next_due_at=now))


def waiting_for(session: Session, merge: Merge) -> list[Any]:
    """Plays of both accounts that wait for the account to be free, as (id, playbook)."""
    query = select(ENROLLMENT.c.id, ENROLLMENT.c.playbook).where(
        ENROLLMENT.c.account_id.in_((merge.survivor_id, merge.other_id)),
        ENROLLMENT.c.status == "waiting",
        ENROLLMENT.c.hold == "",
        ENROLLMENT.c.next_due_at.is_(None),
    )
    return list(session.connection().execute(query.order_by(ENROLLMENT.c.id)))


class Merged(NamedTuple):
    """An account that lives on in another one."""

    merge_id: int
    id: int
    name: str
    at: datetime
    by: str


def merged_into(session: Session, ids: Collection[int]) -> list[Merged]:
    """How these merged accounts came to be so, the oldest merge first."""
    query = (
        select(MERGE.c.id, ACCOUNT.c.id, ACCOUNT.c.name, MERGE.c.at, USER.c.name)
        .join_from(MERGE, ACCOUNT, ACCOUNT.c.id == MERGE.c.other_id)
        .join(USER, USER.c.id == MERGE.c.user_id)
        .where(among(MERGE.c.other_id, ids), MERGE.c.undone_at.is_(None))
        .order_by(MERGE.c.id)
    )
    return [Merged(*row) for row in session.connection().execute(query)]


# ---------------------------------------------------------------- plain values


def _this(table: Table, key: Row) -> list[Any]:
    return [table.c[name] == value for name, value in key.items()]


def _plain(table: Table, values: Row) -> dict[str, Any]:
    """Values as JSON keeps them: instants as text."""
    return {
        name: instant_text(value) if value and isinstance(table.c[name].type, Instant) else value
        for name, value in values.items()
    }


def _typed(table: Table, values: Row) -> dict[str, Any]:
    """The same as they were."""
    return {
        name: datetime.fromisoformat(value)
        if value and isinstance(table.c[name].type, Instant)
        else value
        for name, value in values.items()
    }
