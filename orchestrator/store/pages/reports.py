"""What the status page and an account's log read: counts and names, never whole tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, and_, func, literal, or_, select, text, union_all
from sqlmodel import Session, SQLModel, col

from accounts.records import Account
from orchestrator.records import Enrollment, Playbook, Tick
from orchestrator.records.outgoing import LEASED, READY, UNKNOWN, WAITING
from orchestrator.records.plays import RESTING
from orchestrator.records.tasks import OPEN
from orchestrator.store.companies import people
from orchestrator.store.statements import among
from orchestrator.store.tables import ACCOUNT, ALIAS, ENROLLMENT, RUN, TASK, TOUCH

# SQLite uses a partial index only where the query spells the index's condition; unqualified, so
# each of these stands in a query of one table.
_ACTIVE = text("status = 'active'")
_WOKEN = text("woken_at IS NOT NULL")
_HELD_STEP = text("status = 'held'")

# ---------------------------------------------------------------- status


class Reached(NamedTuple):
    """How many enrollments of a playbook have started, and reached their goal."""

    started: int
    reached: int


class Enrolled(NamedTuple):
    """The enrollments of a playbook, counted by status."""

    reached: Reached
    by_status: dict[str, int]


class Held(NamedTuple):
    """How many accounts, steps or touches of a playbook one rule holds back."""

    playbook: str
    what: str
    reason: str
    number: int


class Backlog(NamedTuple):
    """What is due now: how much, and since when the oldest waits (None: nothing is due)."""

    number: int
    since: datetime | None


def playbooks(session: Session) -> list[Playbook]:
    """Every playbook, by name."""
    return list(session.scalars(select(Playbook).order_by(col(Playbook.name))))


_STATUSES = ("waiting", "active", "paused", "ended")
_REACHED = (func.count(ENROLLMENT.c.activated_at), func.count(ENROLLMENT.c.goal_at))


def enrolled(session: Session) -> dict[str, Enrolled]:
    """Enrollments counted by playbook, in one pass over an index that needs no sorting."""
    by_status = (func.count().filter(ENROLLMENT.c.status == one) for one in _STATUSES)
    query = select(ENROLLMENT.c.playbook, *_REACHED, *by_status).group_by(ENROLLMENT.c.playbook)
    return {
        name: Enrolled(Reached(*numbers[:2]), _some(numbers[2:]))
        for name, *numbers in session.connection().execute(query)
    }


def _some(numbers: Iterable[int]) -> dict[str, int]:
    found = zip(_STATUSES, numbers, strict=True)
    return {status: number for status, number in found if number}


def goals(session: Session) -> dict[str, Reached]:
    """Starts and goals by playbook, of those that have any."""
    rows = session.connection().execute(
        select(ENROLLMENT.c.playbook, *_REACHED)
        .where(ENROLLMENT.c.activated_at.is_not(None))
        .group_by(ENROLLMENT.c.playbook)
    )
    return {name: Reached(*counts) for name, *counts in rows}


class Standing(NamedTuple):
    """How many accounts stand so in a step, of a playbook's plays that have not ended."""

    step: str
    status: str
    number: int


def standings(session: Session, playbook: str) -> list[Standing]:
    """Where the accounts of a playbook stand: live plays counted by step and status."""
    query = (
        select(RUN.c.step, RUN.c.status, func.count())
        .join_from(ENROLLMENT, RUN, RUN.c.enrollment_id == ENROLLMENT.c.id)
        .where(ENROLLMENT.c.playbook == playbook, ENROLLMENT.c.status.in_(("active", "paused")))
        .group_by(RUN.c.step, RUN.c.status)
    )
    return [Standing(*row) for row in session.connection().execute(query)]


def held(session: Session) -> list[Held]:
    """What rests and which rule did it, the most frequent first."""
    resting = select(
        ENROLLMENT.c.playbook,
        literal("account").label("what"),
        ENROLLMENT.c.reason,
    ).where(RESTING)
    steps = _held_back("step", RUN, _HELD_STEP)
    touches = _held_back("touch", TOUCH, and_(WAITING, TOUCH.c.reason != ""))
    rows = union_all(resting, steps, touches).subquery()
    count = func.count().label("count")
    query = select(*rows.c, count).group_by(*rows.c).order_by(count.desc(), *rows.c)
    return [Held._make(row) for row in session.connection().execute(query)]


def _held_back(what: str, table: Table, where: Any) -> Select[Any]:
    part = select(table.c.enrollment_id, table.c.reason).where(where).subquery()
    return select(ENROLLMENT.c.playbook, literal(what), part.c.reason).join_from(
        part, ENROLLMENT, ENROLLMENT.c.id == part.c.enrollment_id
    )


def outgoing(session: Session) -> dict[str, int]:
    """Touches on their way, counted by status: ready, claimed, sending, unknown."""
    parts = (select(TOUCH.c.status).where(one) for one in (READY, LEASED, UNKNOWN))
    rows = union_all(*parts).subquery()
    counted = session.connection().execute(
        select(rows.c.status, func.count()).group_by(rows.c.status)
    )
    return dict(counted.all())


def open_tasks(session: Session, now: datetime) -> tuple[int, int]:
    """(open tasks, those of them that are overdue)."""
    late = func.count().filter(TASK.c.due_at < now)
    count, overdue = session.connection().execute(select(func.count(), late).where(OPEN)).one()
    return count, overdue


def goes_on_at(session: Session) -> datetime | None:
    """When the next decision on a running play is due; None when none is running."""
    query = select(func.min(ENROLLMENT.c.next_due_at)).where(_ACTIVE)
    found: datetime | None = session.connection().execute(query).scalar()
    return found


def ticks(session: Session) -> list[Tick]:
    """The last pass of every concern, by name."""
    return list(session.scalars(select(Tick).order_by(col(Tick.concern))))


def backlog(session: Session, now: datetime, lease_now: datetime) -> dict[str, Backlog]:
    """What waits for each concern: due enrollments, due touches, leases that ran out, plays that an
    event has woken."""
    return {
        "advance": _due(session, ENROLLMENT.c.next_due_at, _ACTIVE, now),
        "deliver": _due(session, TOUCH.c.due_at, WAITING, now),
        "sweep": _due(session, TOUCH.c.lease_until, LEASED, lease_now),
        "react": _due(session, ENROLLMENT.c.woken_at, _WOKEN, now),
    }


def _due(session: Session, at: Any, where: Any, now: datetime) -> Backlog:
    due = select(func.count(), func.min(at)).where(where, at <= now)
    return Backlog(*session.connection().execute(due).one())


# ---------------------------------------------------------------- one account


def accounts_called(
    session: Session, said: str, *, key: str, domain: str | None, limit: int = 6
) -> list[Account]:
    """Accounts of this name (as written, or by its comparable `key`) or with this domain.

    What was merged into another account answers as that one.
    """
    lower = said.casefold()
    domains = {lower, domain or lower} - {""}
    also = select(ALIAS.c.account_id).where(
        or_(
            and_(ALIAS.c.kind == "domain", ALIAS.c.value.in_(domains)),
            and_(ALIAS.c.kind.in_(("name", "key")), ALIAS.c.value.in_({said, key} - {""})),
        )
    )
    named = or_(
        func.lower(ACCOUNT.c.name) == lower,
        ACCOUNT.c.name_key.in_({key} - {""}),
        ACCOUNT.c.domain.in_(domains),
        ACCOUNT.c.id.in_(also),
    )
    ids = session.scalars(select(ACCOUNT.c.id).where(named).order_by(ACCOUNT.c.id)).all()
    head = people.heads(session, ids)
    living = select(Account).where(among(ACCOUNT.c.id, {head.get(one, one) for one in ids}))
    return list(session.scalars(living.order_by(ACCOUNT.c.id).limit(limit)))


def account_names(session: Session) -> list[str]:
    """The name of every account that was not merged away."""
    query = select(ACCOUNT.c.name).where(ACCOUNT.c.merged_into.is_(None))
    return list(session.scalars(query))


def journeys(session: Session, account_id: int) -> list[Enrollment]:
    """The enrollments of the account and of what was merged into it, the newest first."""
    ids = people.family(session, [account_id]).of([account_id])
    query = select(Enrollment).where(among(ENROLLMENT.c.account_id, ids))
    return list(session.scalars(query.order_by(ENROLLMENT.c.id.desc())))


def names(session: Session, table: type[SQLModel], ids: Iterable[int | None]) -> dict[int, str]:
    """The names of accounts, contacts or users by id."""
    columns = table.__table__.c  # type: ignore[attr-defined]
    known = {id_ for id_ in ids if id_ is not None}
    query = select(columns.id, columns.name).where(among(columns.id, known))
    return dict(session.connection().execute(query).all())
