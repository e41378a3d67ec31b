"""One account's story: the entries that fit, what was sent and by whom, what comes and what rests.

Each question is one query, however much there is; what was merged into the account is its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select, tuple_
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from orchestrator.records import Activity
from orchestrator.store.statements import among
from orchestrator.store.tables import (
    ACTIVITY,
    CONTACT,
    ENROLLMENT,
    RUN,
    STOP,
    TASK,
    TOUCH,
    USER,
)

_LAST = datetime.max.replace(tzinfo=UTC)
_KIND = ACTIVITY.c.kind
_HELD = or_(
    _KIND.endswith(".held", autoescape=True),
    _KIND.in_(("touch.suppressed", "touch.cancelled", "step.skipped", "not_enrolled", "paused")),
)
_OUTSIDE = ACTIVITY.c.team == "contact"
# The sorts of entries that a story can be cut down to.
SORTS: dict[str, ColumnElement[bool]] = {
    "messages": _KIND.startswith("touch.", autoescape=True),
    "tasks": _KIND.startswith("task.", autoescape=True),
    "heard": _OUTSIDE,
    "held": _HELD,
    "notes": _KIND == "note",
    "rest": and_(
        not_(_OUTSIDE), not_(_HELD), _KIND != "note",
        not_(or_(_KIND.like("touch.%"), _KIND.like("task.%"))),
    ),
}  # fmt: skip


class Cut(NamedTuple):
    """Which entries of a story: all that is said must hold. `before` is the (at, id) of an entry.

    `sort` is one of `SORTS`; what is no sort cuts nothing.
    """

    team: str = ""
    sort: str = ""
    people: Collection[int] = ()
    before: tuple[datetime, int] | None = None


def story(session: Session, account_ids: Collection[int], cut: Cut, limit: int) -> list[Activity]:
    """The newest entries first, at most `limit`."""
    query = select_rows(Activity).where(among(col(Activity.account_id), account_ids))
    if cut.team:
        query = query.where(col(Activity.team) == cut.team)
    if cut.sort in SORTS:
        query = query.where(SORTS[cut.sort])
    if cut.people:
        query = query.where(among(col(Activity.contact_id), cut.people))
    if cut.before:
        query = query.where(tuple_(col(Activity.at), col(Activity.id)) < cut.before)
    newest_first = query.order_by(col(Activity.at).desc(), col(Activity.id).desc())
    return list(session.exec(newest_first.limit(limit)))


def of_kinds(
    session: Session, account_ids: Collection[int], kinds: Collection[str], limit: int
) -> list[Activity]:
    """The newest entries of these kinds."""
    query = select_rows(Activity).where(
        among(col(Activity.account_id), account_ids), among(col(Activity.kind), kinds)
    )
    return list(session.exec(query.order_by(col(Activity.at).desc()).limit(limit)))


class Sender(NamedTuple):
    """Whose name stands under a message, and what it was made of."""

    name: str
    template: str


def senders(session: Session, touch_ids: Iterable[int]) -> dict[int, Sender]:
    """Who sent these touches; a touch that nobody of ours signs is not among them."""
    query = (
        select(TOUCH.c.id, func.coalesce(func.nullif(USER.c.full_name, ""), USER.c.name),
               TOUCH.c.template)
        .join_from(TOUCH, USER, USER.c.id == TOUCH.c.sender_id)
        .where(among(TOUCH.c.id, set(touch_ids)))
    )  # fmt: skip
    return {id_: Sender(*rest) for id_, *rest in session.connection().execute(query)}


class Ahead(NamedTuple):
    """Something that is to happen, or rests: a touch, a task, or a step that has not opened.

    `reason` says why it rests; "" where nothing holds it. `who` is whom it is about, `by` whoever
    does or signs it.
    """

    what: str  # touch, task, step
    id: int | None
    enrollment_id: int | None
    playbook: str
    step: str
    kind: str
    who: str
    by: str
    team: str
    due_at: datetime | None
    reason: str


_BY = func.coalesce(func.nullif(USER.c.full_name, ""), USER.c.name, "")
_WHO = func.coalesce(CONTACT.c.name, "")
_PLAY = func.coalesce(ENROLLMENT.c.playbook, "")
_LIVE = ENROLLMENT.c.status.in_(("active", "paused"))


def ahead(session: Session, account_ids: Collection[int], limit: int) -> list[Ahead]:
    """What comes, by its due, what has no date last: at most `limit` of each sort."""
    parts = (_touches(account_ids), _tasks(account_ids), _runs(account_ids))
    connection = session.connection()
    found = [Ahead._make(row) for part in parts for row in connection.execute(part.limit(limit))]
    return sorted(found, key=lambda one: one.due_at or _LAST)


def _touches(account_ids: Collection[int]) -> Any:
    return (
        select(literal("touch"), TOUCH.c.id, TOUCH.c.enrollment_id, _PLAY, TOUCH.c.step,
               TOUCH.c.channel, _WHO, _BY, literal("marketing"), TOUCH.c.due_at, TOUCH.c.reason)
        .select_from(TOUCH)
        .outerjoin(ENROLLMENT, ENROLLMENT.c.id == TOUCH.c.enrollment_id)
        .outerjoin(CONTACT, CONTACT.c.id == TOUCH.c.contact_id)
        .outerjoin(USER, USER.c.id == TOUCH.c.sender_id)
        .where(TOUCH.c.enrollment_id.in_(_plays(account_ids)),
               TOUCH.c.status.in_(("draft", "ready", "claimed", "sending", "unknown")))
        .order_by(TOUCH.c.due_at, TOUCH.c.id)
    )  # fmt: skip


def _tasks(account_ids: Collection[int]) -> Any:
    return (
        select(literal("task"), TASK.c.id, TASK.c.enrollment_id, _PLAY, TASK.c.title, TASK.c.kind,
               _WHO, _BY, TASK.c.team, func.coalesce(TASK.c.later_at, TASK.c.due_at), literal(""))
        .select_from(TASK)
        .outerjoin(ENROLLMENT, ENROLLMENT.c.id == TASK.c.enrollment_id)
        .outerjoin(CONTACT, CONTACT.c.id == TASK.c.contact_id)
        .outerjoin(USER, USER.c.id == TASK.c.assignee_id)
        .where(among(TASK.c.account_id, account_ids), TASK.c.status == "open")
        .order_by(TASK.c.due_at, TASK.c.id)
    )  # fmt: skip


def _runs(account_ids: Collection[int]) -> Any:
    return (
        select(literal("step"), literal(None), RUN.c.enrollment_id, _PLAY, RUN.c.step, literal(""),
               literal(""), literal(""), literal(""), RUN.c.due_at, RUN.c.reason)
        .join_from(ENROLLMENT, RUN, RUN.c.enrollment_id == ENROLLMENT.c.id)
        .where(among(ENROLLMENT.c.account_id, account_ids), _LIVE,
               RUN.c.status.in_(("waiting", "held")))
        .order_by(RUN.c.due_at, RUN.c.step)
    )  # fmt: skip


def _plays(account_ids: Collection[int]) -> Any:
    """Touches have an index by their play, not by their account."""
    return select(ENROLLMENT.c.id).where(among(ENROLLMENT.c.account_id, account_ids))


class Run(NamedTuple):
    """Where a play stands in a step."""

    step: str
    status: str
    reason: str
    outcome: str
    due_at: datetime | None


def runs(session: Session, enrollment_id: int) -> list[Run]:
    """Every step that one play has come to."""
    query = select(*(RUN.c[name] for name in Run._fields)).where(
        RUN.c.enrollment_id == enrollment_id
    )
    return [Run._make(row) for row in session.connection().execute(query)]


class Binding(NamedTuple):
    """A stop that is in force: whom it is about ("" the whole account), and until when."""

    who: str
    reason: str
    at: datetime
    until: datetime | None


def stops(session: Session, account_ids: Collection[int], now: datetime) -> list[Binding]:
    """What keeps outreach from the account or from one of its people, the newest first."""
    query = (
        select(_WHO, STOP.c.reason, STOP.c.at, STOP.c.until)
        .select_from(STOP)
        .outerjoin(CONTACT, CONTACT.c.id == STOP.c.contact_id)
        .where(
            among(STOP.c.account_id, account_ids),
            STOP.c.lifted_at.is_(None),
            or_(STOP.c.until.is_(None), STOP.c.until > now),
        )
        .order_by(STOP.c.at.desc())
        .limit(20)
    )
    return [Binding._make(row) for row in session.connection().execute(query)]
