"""The store's half of `advance`: claim due enrollments, load what deciding needs, write decisions.

Everything is in bulk: the number of statements does not depend on the number of enrollments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, insert, or_, select, text, update
from sqlmodel import Session, SQLModel, col

from accounts.consent import with_parents
from accounts.records import Account, AccountTeam, Contact, Suppression, User
from orchestrator.records import (
    Activity,
    Enrollment,
    PlaybookVersion,
    SeatHolder,
    StepRun,
    Stop,
    Task,
    Touch,
)
from orchestrator.sentences import REFUSED, do_not_contact
from orchestrator.store.bulk import Bulk
from orchestrator.store.database import among
from orchestrator.terms import (
    REACHES_PERSON,
    AccountFacts,
    Happening,
    Holder,
    Party,
    Person,
    Reached,
    Run,
    StopMark,
)

COUNTED = ("sending", "sent", "unknown")
REACHED = ("reached", "refused")
TO_PEOPLE = sorted(REACHES_PERSON)


class Claimed(NamedTuple):
    """An enrollment that this process may decide on while its lease lasts and its fence holds."""

    id: int
    account_id: int
    version_id: int
    fence: int
    activated_at: datetime | None
    resumed_at: datetime | None = None


class Teammate(NamedTuple):
    """Somebody on an account's team, with the working time that tasks look at."""

    role: str
    user_id: int
    team: str
    zone: str
    country: str


# ---------------------------------------------------------------- claim


def claim(
    session: Session,
    now: datetime,
    *,
    lease_now: datetime,
    lease_until: datetime,
    owner: str,
    limit: int,
    woken: bool = False,
) -> list[Claimed]:
    """Take up to `limit` due enrollments, longest due first; `woken` takes only woken ones."""
    free = or_(col(Enrollment.lease_until).is_(None), col(Enrollment.lease_until) < lease_now)
    ready = [col(Enrollment.status) == "active", col(Enrollment.next_due_at) <= now, free]
    order = col(Enrollment.next_due_at)
    if woken:
        ready.append(col(Enrollment.woken_at).is_not(None))
        order = col(Enrollment.woken_at)
    due = (
        select(col(Enrollment.id))
        .where(*ready)
        .order_by(order, col(Enrollment.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Enrollment)
        .where(col(Enrollment.id).in_(due))
        .values(fence=col(Enrollment.fence) + 1, owner=owner, lease_until=lease_until)
        .returning(
            col(Enrollment.id),
            col(Enrollment.account_id),
            col(Enrollment.version_id),
            col(Enrollment.fence),
            col(Enrollment.activated_at),
            col(Enrollment.resumed_at),
        )
    )
    return [Claimed(*row) for row in _rows(session, statement)]


# ---------------------------------------------------------------- load


class Batch(NamedTuple):
    """What deciding on a batch needs, keyed by enrollment or by account."""

    runs: Mapping[int, dict[str, Run]]
    parties: Mapping[int, list[Party]]
    holders: Mapping[int, list[Holder]]
    stops: Mapping[int, list[StopMark]]
    accounts: Mapping[int, AccountFacts]
    people: Mapping[int, list[Person]]
    reached: Mapping[int, list[Reached]]
    happenings: Mapping[int, list[Happening]]
    teams: Mapping[int, list[Teammate]]


def load(
    session: Session, claimed: Sequence[Claimed], *, kinds: Collection[str], since: datetime | None
) -> Batch:
    """Read the batch's state and facts.

    `kinds` are the activity kinds that conditions count; `since` is the start of the longest cap's
    window, None where no plan of the batch has caps.
    """
    ids = [one.id for one in claimed]
    account_ids = sorted({one.account_id for one in claimed})
    return Batch(
        _runs(session, ids),
        _parties(session, ids),
        _holders(session, ids),
        _stops(session, account_ids),
        _accounts(session, account_ids),
        _people(session, account_ids),
        _reached(session, account_ids, since) if since else {},
        _happenings(session, account_ids, kinds) if kinds else {},
        _teams(session, account_ids),
    )


def _rows(session: Session, statement: Any) -> Sequence[Any]:
    return session.connection().execute(statement).all()


_RUN = select(
    col(StepRun.enrollment_id), col(StepRun.step), col(StepRun.status), col(StepRun.due_at),
    col(StepRun.reason), col(StepRun.cast_ids), col(StepRun.opened_at), col(StepRun.done_at),
    col(StepRun.outcome),
)  # fmt: skip


def _runs(session: Session, ids: Collection[int]) -> dict[int, dict[str, Run]]:
    found: dict[int, dict[str, Run]] = defaultdict(dict)
    for row in _rows(session, _RUN.where(among(col(StepRun.enrollment_id), ids))):
        found[row[0]][row[1]] = Run(*row[1:])
    return found


_TOUCH = select(
    col(Touch.enrollment_id), col(Touch.step), col(Touch.party_key), col(Touch.occurrence),
    col(Touch.id), col(Touch.status), col(Touch.outcome), col(Touch.planned_at),
    col(Touch.ended_at), col(Touch.due_at), col(Touch.delivered_at), col(Touch.opened_at),
    col(Touch.clicked_at), col(Touch.replied_at), col(Touch.bounced_at),
).order_by(col(Touch.enrollment_id), col(Touch.id))  # fmt: skip
_TASK = select(
    col(Task.enrollment_id), col(Task.step), col(Task.party_key), col(Task.occurrence),
    col(Task.id), col(Task.status), col(Task.outcome), col(Task.opened_at), col(Task.ended_at),
    col(Task.due_at), col(Task.overdue), col(Task.purpose),
).order_by(col(Task.enrollment_id), col(Task.id))  # fmt: skip


def _parties(session: Session, ids: Collection[int]) -> dict[int, list[Party]]:
    found: dict[int, list[Party]] = defaultdict(list)
    for row in _rows(session, _TOUCH.where(among(col(Touch.enrollment_id), ids))):
        eid, step, who, occurrence, *rest = row
        id_, status, outcome, opened, ended, due, *stamps = rest
        found[eid].append(
            Party(
                step, who, occurrence, "touch", id_, status, outcome, opened, ended, due,
                0, "step", *stamps,
            )
        )  # fmt: skip
    for row in _rows(session, _TASK.where(among(col(Task.enrollment_id), ids))):
        found[row[0]].append(Party(row[1], row[2], row[3], "task", *row[4:]))
    return found


_HOLDER = select(
    col(SeatHolder.enrollment_id), col(SeatHolder.seat), col(SeatHolder.contact_id),
    col(SeatHolder.bound_at), col(SeatHolder.left_at), col(SeatHolder.left_reason),
)  # fmt: skip


def _holders(session: Session, ids: Collection[int]) -> dict[int, list[Holder]]:
    found: dict[int, list[Holder]] = defaultdict(list)
    for row in _rows(session, _HOLDER.where(among(col(SeatHolder.enrollment_id), ids))):
        found[row[0]].append(Holder(*row[1:]))
    for holders in found.values():
        holders.sort(key=lambda holder: (holder.bound_at, holder.contact_id))
    return found


_STOP = select(
    col(Stop.account_id), col(Stop.contact_id), col(Stop.enrollment_id), col(Stop.reason),
    col(Stop.keep), col(Stop.at), col(Stop.until),
).where(col(Stop.lifted_at).is_(None))  # fmt: skip


def _stops(session: Session, account_ids: Collection[int]) -> dict[int, list[StopMark]]:
    found: dict[int, list[StopMark]] = defaultdict(list)
    for row in _rows(session, _STOP.where(among(col(Stop.account_id), account_ids))):
        account_id, contact_id, enrollment_id, reason, keep, at, until = row
        mark = StopMark(contact_id, enrollment_id, reason, frozenset(keep), at, until)
        found[account_id].append(mark)
    return found


_ACCOUNT = select(
    col(Account.id), col(Account.zone), col(Account.country), col(Account.tier), col(Account.fit),
    col(Account.engagement), col(Account.paused_until), col(Account.pause_reason),
)  # fmt: skip


def _accounts(session: Session, account_ids: Collection[int]) -> dict[int, AccountFacts]:
    rows = _rows(session, _ACCOUNT.where(among(col(Account.id), account_ids)))
    return {row[0]: AccountFacts(*row) for row in rows}


_CONTACT = select(
    col(Contact.account_id), col(Contact.id), col(Contact.role), col(Contact.persona),
    col(Contact.engagement), col(Contact.created_at), col(Contact.zone), col(Contact.country),
    col(Contact.email_key), col(Contact.phone), col(Contact.social), col(Contact.consent),
    col(Contact.left_at),
)  # fmt: skip
_ADDRESSES = {
    (email, phone, social): frozenset(
        name for name, there in (("email", email), ("phone", phone), ("social", social)) if there
    )
    for email in (False, True)
    for phone in (False, True)
    for social in (False, True)
}


def _people(session: Session, account_ids: Collection[int]) -> dict[int, list[Person]]:
    rows = _rows(session, _CONTACT.where(among(col(Contact.account_id), account_ids)))
    rules = suppressions(session, {row[8] for row in rows if row[8]}, account_ids)
    found: dict[int, list[Person]] = defaultdict(list)
    for row in rows:
        account_id, id_, role, persona, engagement, since, zone, country, email, *rest = row
        phone, social, consent, left_at = rest
        refused = REFUSED if consent == "refused" else ""
        if rules:
            refused = refused or refusal(rules, email, account_id)
        addresses = _ADDRESSES[bool(email), bool(phone), bool(social)]
        found[account_id].append(
            Person(
                id_, role, persona, engagement, since, zone, country, addresses, refused, left_at
            )
        )
    return found


def suppressions(
    session: Session, emails: Collection[str], account_ids: Collection[int]
) -> dict[tuple[str, str], str]:
    """The do-not-contact rules that may cover these addresses and accounts, with their reasons."""
    values = {*emails, "*", *map(str, account_ids)}
    values.update(*(with_parents(email.rpartition("@")[2]) for email in emails))
    query = select(col(Suppression.scope), col(Suppression.value), col(Suppression.reason))
    rows = _rows(session, query.where(among(col(Suppression.value), values)))
    return {(scope, value): reason for scope, value, reason in rows}


def refusal(rules: Mapping[tuple[str, str], str], email: str, account_id: int) -> str:
    """Why this address must not be contacted, "" if it may be."""
    for scope, value in (
        ("global", "*"),
        ("account", str(account_id)),
        ("address", email),
        *(("domain", domain) for domain in with_parents(email.rpartition("@")[2])),
    ):
        if value and (reason := rules.get((scope, value))):
            return do_not_contact(scope, reason)
    return ""


def _reached(
    session: Session, account_ids: Collection[int], since: datetime
) -> dict[int, list[Reached]]:
    found: dict[int, list[Reached]] = defaultdict(list)
    touches = select(col(Touch.account_id), col(Touch.contact_id), col(Touch.intent_at)).where(
        among(col(Touch.account_id), account_ids),
        col(Touch.intent_at) > since,
        col(Touch.status).in_(COUNTED),
        col(Touch.contact_id).is_not(None),
        col(Touch.channel).in_(TO_PEOPLE),
    )
    tasks = select(col(Task.account_id), col(Task.contact_id), col(Task.ended_at)).where(
        among(col(Task.account_id), account_ids),
        col(Task.ended_at) > since,
        col(Task.outcome).in_(REACHED),
        col(Task.contact_id).is_not(None),
        col(Task.purpose) == "step",
        col(Task.kind).in_(TO_PEOPLE),
    )
    for query in (touches, tasks):
        for account_id, contact_id, at in _rows(session, query):
            found[account_id].append(Reached(contact_id, at))
    return found


def _happenings(
    session: Session, account_ids: Collection[int], kinds: Collection[str]
) -> dict[int, list[Happening]]:
    """Activities of the kinds and of their sub-kinds ("form" and "form.demo")."""
    kind = col(Activity.kind)
    wanted = or_(*(and_(kind >= name, kind < name + "/") for name in sorted(kinds)))
    query = select(
        col(Activity.account_id), kind, col(Activity.contact_id), col(Activity.at)
    ).where(among(col(Activity.account_id), account_ids), wanted)
    found: dict[int, list[Happening]] = defaultdict(list)
    for account_id, *rest in _rows(session, query):
        found[account_id].append(Happening(*rest))
    return found


_TEAM = (
    select(
        col(AccountTeam.account_id), col(AccountTeam.role), col(User.id), col(User.team),
        col(User.zone), col(User.country),
    )
    .join(User, col(User.id) == col(AccountTeam.user_id))
    .where(col(User.active))
)  # fmt: skip


def _teams(session: Session, account_ids: Collection[int]) -> dict[int, list[Teammate]]:
    found: dict[int, list[Teammate]] = defaultdict(list)
    for row in _rows(session, _TEAM.where(among(col(AccountTeam.account_id), account_ids))):
        found[row[0]].append(Teammate(*row[1:]))
    return found


teams = _teams  # whoever opens tasks asks for them too


# ---------------------------------------------------------------- write


def still_ours(session: Session, claimed: Iterable[Claimed], owner: str) -> set[int]:
    """Lock the batch's enrollments and say which of them nobody woke or took meanwhile."""
    fences = {one.id: one.fence for one in claimed}
    query = (
        select(col(Enrollment.id), col(Enrollment.fence))
        .where(
            among(col(Enrollment.id), sorted(fences)),
            col(Enrollment.owner) == owner,
            col(Enrollment.status) == "active",
        )
        .order_by(col(Enrollment.id))
        .with_for_update()
    )
    return {id_ for id_, fence in _rows(session, query) if fences[id_] == fence}


class Writes:
    """The rows of many decisions, gathered by statement and written in one go."""

    __slots__ = (
        "activities", "enrollments", "holders", "left", "new_runs", "passed", "runs", "shared",
        "task_closes", "task_moves", "tasks", "touch_closes", "touches",
    )  # fmt: skip

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, [])

    enrollments: list[dict[str, Any]]
    new_runs: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    touches: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    touch_closes: list[dict[str, Any]]
    task_closes: list[dict[str, Any]]
    passed: list[dict[str, Any]]
    task_moves: list[dict[str, Any]]
    shared: list[dict[str, Any]]  # of_id: back to the team's queue
    holders: list[dict[str, Any]]
    left: list[dict[str, Any]]
    activities: list[dict[str, Any]]

    def flush(self, session: Session) -> None:
        """Write everything; the caller's transaction makes it one."""
        for bulk, rows in (
            (_NEW_RUN, self.new_runs),
            (_UPDATE_RUN, self.runs),
            (_NEW_TOUCH, self.touches),
            (_NEW_TASK, self.tasks),
            (_CLOSE_TOUCH, self.touch_closes),
            (_CLOSE_TASK, self.task_closes),
            (_PASS_TASK, self.passed),
            (_MOVE_TASK, self.task_moves),
            (_SHARE_TASK, self.shared),
            (_NEW_HOLDER, self.holders),
            (_LEAVE_SEAT, self.left),
            (_NEW_ACTIVITY, self.activities),
            (_UPDATE_ENROLLMENT, self.enrollments),
        ):
            bulk.run(session, rows)


def _table(record: type[SQLModel], verb: Any) -> Any:
    return verb(record.__table__)  # type: ignore[attr-defined]


_NEW_RUN, _NEW_TOUCH, _NEW_TASK, _NEW_HOLDER, _NEW_ACTIVITY = (
    Bulk(_table(record, insert)) for record in (StepRun, Touch, Task, SeatHolder, Activity)
)
_UPDATE_RUN = Bulk(
    _table(StepRun, update)
    .where(
        col(StepRun.enrollment_id) == bindparam("of_enrollment"),
        col(StepRun.step) == bindparam("of_step"),
    )
    .values(
        {
            name: bindparam(name)
            for name in (
                "status",
                "due_at",
                "reason",
                "cast_ids",
                "opened_at",
                "done_at",
                "outcome",
            )
        }
    )
)
_CLOSE_TOUCH = Bulk(
    _table(Touch, update)
    .where(
        col(Touch.id) == bindparam("of_id"),
        # Literals: the driver gets the statement as it is, where an IN list has no values yet.
        text("status IN ('ready', 'claimed', 'draft')"),
    )
    .values(
        status=bindparam("status"),
        outcome=bindparam("outcome"),
        reason=bindparam("reason"),
        ended_at=bindparam("ended_at"),
        fence=col(Touch.fence) + 1,
        owner="",
        lease_until=None,
    )
)
_CLOSE_TASK = Bulk(
    _table(Task, update)
    .where(col(Task.id) == bindparam("of_id"), col(Task.status) == "open")
    .values(
        status=bindparam("status"),
        outcome=bindparam("outcome"),
        reason=bindparam("reason"),
        ended_at=bindparam("ended_at"),
    )
)
# Passed over: the play goes on, the task stays in the queue.
_PASS_TASK = Bulk(
    _table(Task, update)
    .where(col(Task.id) == bindparam("of_id"), col(Task.status) == "open")
    .values(
        outcome=bindparam("outcome"),
        reason=bindparam("reason"),
        ended_at=bindparam("ended_at"),
    )
)
_SHARE_TASK = Bulk(
    _table(Task, update)
    .where(col(Task.id) == bindparam("of_id"), col(Task.status) == "open")
    .values(assignee_id=None)
)
_MOVE_TASK = Bulk(
    _table(Task, update)
    .where(col(Task.id) == bindparam("of_id"), col(Task.status) == "open")
    .values(overdue=bindparam("overdue"), due_at=bindparam("due_at"))
)
_LEAVE_SEAT = Bulk(
    _table(SeatHolder, update)
    .where(
        col(SeatHolder.enrollment_id) == bindparam("of_enrollment"),
        col(SeatHolder.seat) == bindparam("of_seat"),
        col(SeatHolder.contact_id) == bindparam("of_contact"),
    )
    .values(left_at=bindparam("left_at"), left_reason=bindparam("left_reason"))
)
_UPDATE_ENROLLMENT = Bulk(
    _table(Enrollment, update)
    .where(col(Enrollment.id) == bindparam("of_id"))
    .values(
        status=bindparam("status"),
        outcome=bindparam("outcome"),
        reason=bindparam("reason"),
        next_due_at=bindparam("next_due_at"),
        ended_at=bindparam("ended_at"),
        woken_at=None,
        owner="",
        lease_until=None,
        flow_run_id=bindparam("flow_run_id"),
    )
)


# ---------------------------------------------------------------- us


class Colleague(NamedTuple):
    """An active user, as the choice of an assignee sees them."""

    user_id: int
    team: str
    role: str


def roster(session: Session) -> list[Colleague]:
    """All active users, in a stable order."""
    query = select(col(User.id), col(User.team), col(User.role)).where(col(User.active))
    return [Colleague(*row) for row in _rows(session, query.order_by(col(User.id)))]


def canonicals(session: Session, version_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """The stored canonical form of playbook versions."""
    query = select(col(PlaybookVersion.id), col(PlaybookVersion.canonical))
    rows = _rows(session, query.where(among(col(PlaybookVersion.id), version_ids)))
    return dict(rows)
