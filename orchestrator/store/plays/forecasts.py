"""What a dry run of a playbook reads of the workspace, in bulk, beside the facts of a decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import Session

from orchestrator.store.bulk import Query
from orchestrator.store.statements import among, among_param
from orchestrator.store.tables import ACCOUNT, ACTIVITY, CONTACT, ENROLLMENT, TASK, TOUCH, USER


class Mate(NamedTuple):
    """One of us who is active, and where mail of theirs comes from."""

    id: int
    name: str
    team: str
    role: str
    zone: str
    country: str
    email: str


class Live(NamedTuple):
    """The play that drives an account."""

    playbook: str
    priority: int
    status: str


_LIVE = Query(
    select(
        ENROLLMENT.c.account_id, ENROLLMENT.c.playbook, ENROLLMENT.c.priority, ENROLLMENT.c.status
    ).where(
        among_param(ENROLLMENT.c.account_id, "ids"),
        ENROLLMENT.c.status.in_(("active", "paused")),
    )
)
_NAMES = Query(select(ACCOUNT.c.id, ACCOUNT.c.name).where(among_param(ACCOUNT.c.id, "ids")))
_PEOPLE = Query(
    select(CONTACT.c.account_id, CONTACT.c.id, CONTACT.c.name).where(
        among_param(CONTACT.c.account_id, "ids")
    )
)
_MATES = select(*(USER.c[name] for name in Mate._fields)).where(USER.c.active).order_by(USER.c.id)


def driven(session: Session, account_ids: Collection[int]) -> dict[int, Live]:
    """The play that runs on each account now, if one does."""
    return {account_id: Live(*live) for account_id, *live in _LIVE.rows(session, ids=account_ids)}


def names(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """What each account is called."""
    return dict(_NAMES.rows(session, ids=account_ids))


def people(session: Session, account_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What the people of each account are called, by account and by contact's id as text."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for account_id, id_, name in _PEOPLE.rows(session, ids=account_ids):
        found[account_id][str(id_)] = name
    return found


def mates(session: Session) -> list[Mate]:
    """All of us who are active, in a stable order."""
    return [Mate._make(row) for row in session.connection().execute(_MATES)]


# ---------------------------------------------------------------- how people answered so far

_MAILED = and_(
    TOUCH.c.channel == "email", TOUCH.c.status == "sent", TOUCH.c.contact_id.is_not(None)
)
_MAILS = select(
    func.count(), func.count(TOUCH.c.opened_at), func.count(TOUCH.c.clicked_at)
).where(_MAILED)  # fmt: skip
_TASKS = (
    select(TASK.c.purpose, TASK.c.kind, TASK.c.disposition, TASK.c.status, func.count())
    .where(or_(TASK.c.disposition != "", TASK.c.status == "skipped"))
    .group_by(TASK.c.purpose, TASK.c.kind, TASK.c.disposition, TASK.c.status)
)


class Mailed(NamedTuple):
    """Mails that left, and how many of them were opened and clicked."""

    sent: int
    opened: int
    clicked: int


def mailed(session: Session) -> Mailed:
    """What became of the mails to people so far."""
    return Mailed._make(session.connection().execute(_MAILS).one())


def answers(session: Session, kinds: Collection[str]) -> dict[str, int]:
    """How often each kind of answer came to a mail; what a rep noted of a talk is no such thing."""
    to_mail = and_(
        TOUCH.c.enrollment_id == ACTIVITY.c.enrollment_id,
        TOUCH.c.step == ACTIVITY.c.step,
        TOUCH.c.contact_id == ACTIVITY.c.contact_id,
        _MAILED,
    )
    mail = exists().where(to_mail)
    query = (
        select(ACTIVITY.c.kind, func.count())
        .where(among(ACTIVITY.c.kind, kinds), ACTIVITY.c.actor_id.is_(None), mail)
        .group_by(ACTIVITY.c.kind)
    )
    return dict(session.connection().execute(query).all())


def dispositions(session: Session) -> list[tuple[str, str, str, int]]:
    """(purpose, kind, disposition, number) of the tasks that somebody ended."""
    rows = session.connection().execute(_TASKS)
    return [
        (purpose, kind, disposition or status, number)
        for purpose, kind, disposition, status, number in rows
    ]
