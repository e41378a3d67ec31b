"""What an event or a closed task changes: one bulk read of the scene, one bulk write."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, and_, bindparam, case, func, insert, or_, select, update
from sqlmodel import Session

from orchestrator.store.companies.people import family
from orchestrator.store.plays.holding import BY_ACCOUNT
from orchestrator.store.running.guards import IN_FORCE
from orchestrator.store.statements import among_param, insert_for, instant
from orchestrator.store.tables import ACCOUNT, CONTACT, ENROLLMENT, STOP, SUPPRESSION, TASK, TOUCH

# Tasks that people's answers open; the planner opens all others.
ANSWERS = ("reply", "add_person", "hand_off", "context", "rebook", "review")


# ---------------------------------------------------------------- the scene


class Running(NamedTuple):
    """An enrollment, when it started and when it reached its goal."""

    id: int
    account_id: int
    version_id: int
    status: str
    activated_at: datetime | None
    goal_at: datetime | None


class Standing(NamedTuple):
    """A stop that is in force."""

    account_id: int
    contact_id: int | None
    enrollment_id: int | None
    keep: list[str]
    until: datetime | None


class SideTask(NamedTuple):
    """A task that an answer opened, whatever became of it."""

    id: int
    account_id: int
    enrollment_id: int | None
    contact_id: int | None
    step: str
    party_key: str
    purpose: str
    kind: str
    occurrence: int
    status: str


class Scene(NamedTuple):
    """What is known of some accounts; who applies events to them keeps it up to date."""

    accounts: dict[int, str]
    people: dict[int, tuple[str, str]]  # contact -> (name, e-mail key)
    running: dict[int, list[Running]]  # those that have not ended
    over: dict[int, list[Running]]  # those that have, and have not reached their goal
    stops: dict[int, list[Standing]]
    tasks: dict[int, list[SideTask]]
    planned: dict[int, Counter[int | None]]  # open parties by account and contact
    tiers: dict[int, int]


_RUNNING = (
    select(*(ENROLLMENT.c[name] for name in Running._fields))
    .where(among_param(ENROLLMENT.c.account_id, "accounts"), ENROLLMENT.c.status != "ended")
    .order_by(ENROLLMENT.c.id)
)
_LOCKED = _RUNNING.with_for_update()
_OVER = (
    select(*(ENROLLMENT.c[name] for name in Running._fields))
    .where(
        among_param(ENROLLMENT.c.account_id, "accounts"),
        ENROLLMENT.c.status == "ended",
        ENROLLMENT.c.activated_at.is_not(None),
        ENROLLMENT.c.goal_at.is_(None),
    )
    .order_by(ENROLLMENT.c.id)
)
_STANDING = select(*(STOP.c[name] for name in Standing._fields)).where(
    among_param(STOP.c.account_id, "accounts"), IN_FORCE
)
_SIDE_TASKS = (
    select(*(TASK.c[name] for name in SideTask._fields))
    .where(
        among_param(TASK.c.account_id, "accounts"),
        or_(TASK.c.purpose.in_(ANSWERS), TASK.c.kind == "hand_off"),
    )
    .order_by(TASK.c.id)
)
_NAMES = select(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.tier).where(
    among_param(ACCOUNT.c.id, "accounts")
)
_PEOPLE = select(CONTACT.c.id, CONTACT.c.name, CONTACT.c.email_key).where(
    among_param(CONTACT.c.id, "people")
)
_OPEN_TOUCHES = (
    select(TOUCH.c.account_id, TOUCH.c.contact_id, func.count())
    .where(
        among_param(TOUCH.c.enrollment_id, "plays"),
        TOUCH.c.status.in_(("ready", "claimed", "draft")),
    )
    .group_by(TOUCH.c.account_id, TOUCH.c.contact_id)
)
_OPEN_TASKS = (
    select(TASK.c.account_id, TASK.c.contact_id, func.count())
    .where(
        among_param(TASK.c.enrollment_id, "plays"),
        TASK.c.status == "open",
        TASK.c.ended_at.is_(None),  # a task that was passed over stays workable
        TASK.c.purpose == "step",
    )
    .group_by(TASK.c.account_id, TASK.c.contact_id)
)


def scene(
    session: Session, account_ids: Collection[int], people: Collection[int], now: datetime
) -> Scene:
    """Lock the accounts' plays, always in one order, then read what stands."""
    connection, accounts = session.connection(), {"accounts": sorted(account_ids)}
    running = _by_account(connection, _LOCKED, accounts)
    over = _by_account(connection, _OVER, accounts)
    plays = {"plays": [one.id for ones in running.values() for one in ones]}
    stops = standing(session, account_ids, now)
    tasks: dict[int, list[SideTask]] = defaultdict(list)
    for row in connection.execute(_SIDE_TASKS, accounts):
        tasks[row.account_id].append(SideTask(*row))
    planned: dict[int, Counter[int | None]] = defaultdict(Counter)
    for statement in (_OPEN_TOUCHES, _OPEN_TASKS) if plays["plays"] else ():
        for account_id, contact_id, number in connection.execute(statement, plays):
            planned[account_id][contact_id] += number
    named = connection.execute(_NAMES, accounts).all()
    names, tiers = ({row[0]: row[at] for row in named} for at in (1, 2))
    found = connection.execute(_PEOPLE, {"people": sorted(people)})
    return Scene(
        names,
        {id_: (name, key) for id_, name, key in found},
        running,
        over,
        stops,
        tasks,
        planned,
        tiers,
    )


def _by_account(connection: Connection, query: Any, asked: Any) -> dict[int, list[Running]]:
    found: dict[int, list[Running]] = defaultdict(list)
    for row in connection.execute(query, asked):
        found[row.account_id].append(Running(*row))
    return found


def standing(
    session: Session, account_ids: Collection[int], now: datetime
) -> dict[int, list[Standing]]:
    """The stops in force, by account; those of what was merged into it are its own."""
    stops: dict[int, list[Standing]] = defaultdict(list)
    merged = family(session, account_ids)
    asked = {"accounts": merged.of(account_ids), "now": now}
    for row in session.connection().execute(_STANDING, asked):
        at, who = merged.account(row.account_id), merged.person(row.contact_id)
        stops[at].append(Standing(at, who, *row[2:]))
    return stops


# ---------------------------------------------------------------- the changes


class Written(NamedTuple):
    """The ids of what was written, for a compensation."""

    stops: list[int]
    tasks: list[int]
    suppressions: list[int]


class Changes:
    """The rows of many effects, gathered by statement and written in one go."""

    __slots__ = (
        "accounts", "goals", "joins", "left", "lost", "paused", "refused", "stopped", "stops",
        "suppressions", "tasks",
    )  # fmt: skip

    def __init__(self) -> None:
        for name in self.__slots__:
            setattr(self, name, [])

    stops: list[dict[str, Any]]
    stopped: list[dict[str, Any]]  # of_id, because
    suppressions: list[dict[str, Any]]
    tasks: list[dict[str, Any]]
    joins: list[dict[str, Any]]  # of_id, line
    left: list[dict[str, Any]]  # of_id, at, reason
    refused: list[dict[str, Any]]  # of_id
    goals: list[dict[str, Any]]  # of_id, at, kind
    accounts: list[dict[str, Any]]  # of_id, until, because
    paused: list[dict[str, Any]]  # of_account, until, because
    lost: list[dict[str, Any]]  # of_id, reason

    def flush(self, session: Session) -> Written:
        """Write everything; the caller's transaction makes it one."""
        for statement, rows in (
            (_STOPPED, self.stopped),
            (_GOAL, sorted(self.goals, key=itemgetter("of_id"))),
            (_LEFT, self.left),
            (_REFUSED, self.refused),
            (_REST, self.accounts),
            (_LOST, self.lost),
            (_PAUSE, self.paused),
            (_JOIN, self.joins),
        ):
            if rows:
                session.connection().execute(statement, rows)
        return Written(
            _insert(session, STOP, self.stops),
            _insert(session, TASK, self.tasks),
            add_suppressions(session, self.suppressions),
        )


_STOPPED = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.stop_reason == "")
    .values(stop_reason=bindparam("because"))
)
_GOAL = (
    update(ENROLLMENT)
    .where(ENROLLMENT.c.id == bindparam("of_id"), ENROLLMENT.c.goal_at.is_(None))
    .values(goal_at=instant("at"), goal=bindparam("kind"))
)
_LEFT = (
    update(CONTACT)
    .where(CONTACT.c.id == bindparam("of_id"), CONTACT.c.left_at.is_(None))
    .values(left_at=instant("at"), left_reason=bindparam("reason"))
)
_REFUSED = update(CONTACT).where(CONTACT.c.id == bindparam("of_id")).values(consent="refused")
# A rest with a reason and no date lasts until somebody resumes the account.
_LONGER = or_(
    ACCOUNT.c.paused_until.is_(None) & (ACCOUNT.c.pause_reason == ""),
    ACCOUNT.c.paused_until < instant("until"),
)
_REST = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("of_id"), _LONGER)
    .values(paused_until=instant("until"), pause_reason=bindparam("because"))
)
_LOST = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("of_id"))
    .values(lost_reason=bindparam("reason"))
)
# What a playbook's or a hand's switch holds keeps its reason and its date: whoever releases it
# finds that the account rests.
_PAUSE = (
    update(ENROLLMENT)
    .where(
        ENROLLMENT.c.account_id == bindparam("of_account"),
        or_(
            ENROLLMENT.c.status == "active",
            and_(
                ENROLLMENT.c.status == "paused",
                ENROLLMENT.c.hold == BY_ACCOUNT,
                ENROLLMENT.c.next_due_at < instant("until"),
            ),
        ),
    )
    .values(status="paused", reason=bindparam("because"), next_due_at=instant("until"))
)
_JOIN = (
    update(TASK)
    .where(TASK.c.id == bindparam("of_id"), TASK.c.status == "open")
    .values(body=case((TASK.c.body == "", ""), else_=TASK.c.body + "\n") + bindparam("line"))
)


# ---------------------------------------------------------------- the touches that events tell of


class Marks:
    """What events tell of touches: instants to keep, and what they prove."""

    __slots__ = ("proofs", "stamps")

    def __init__(self) -> None:
        self.stamps: list[tuple[str, int, datetime]] = []  # column, touch, instant
        self.proofs: dict[int, dict[str, Any]] = {}  # touch -> to_status, to_outcome, to_reason

    def write(self, session: Session) -> list[int]:
        """Keep the instants and settle what is unknown; the ids of the settled.

        The touches are locked before their status is read. Whoever makes one unknown meanwhile
        has either done so by then, or waits and finds the instant.
        """
        touches = {id_ for _, id_, _ in self.stamps} | self.proofs.keys()
        if not touches:
            return []
        held = session.connection().execute(_HOLD, {"ids": sorted(touches)}).all()
        unknown = [id_ for id_, status in held if status == "unknown" and id_ in self.proofs]
        _stamp(session, self.stamps)
        if unknown:
            rows = [{"of_id": id_, **self.proofs[id_]} for id_ in unknown]
            session.connection().execute(_SETTLE, rows)
        return unknown


_HOLD = (
    select(TOUCH.c.id, TOUCH.c.status)
    .where(among_param(TOUCH.c.id, "ids"))
    .order_by(TOUCH.c.id)
    .with_for_update()
)
_SETTLE = (
    update(TOUCH)
    .where(TOUCH.c.id == bindparam("of_id"))
    .values(
        status=bindparam("to_status"),
        outcome=bindparam("to_outcome"),
        reason=bindparam("to_reason"),
        lease_until=None,
    )
)


def _stamp(session: Session, stamps: Sequence[tuple[str, int, datetime]]) -> None:
    """Keep the earliest instant of each kind: events come late, twice and in any order."""
    by_column: dict[str, dict[int, datetime]] = defaultdict(dict)
    for name, touch_id, at in stamps:
        first = by_column[name].get(touch_id, at)
        by_column[name][touch_id] = min(first, at)
    for name, firsts in sorted(by_column.items()):
        column: Column[Any] = TOUCH.c[name]
        earlier = or_(column.is_(None), column > instant("at"))
        statement = (
            update(TOUCH)
            .where(TOUCH.c.id == bindparam("of_id"), earlier)
            .values({name: instant("at")})
        )
        rows = [{"of_id": touch_id, "at": at} for touch_id, at in sorted(firsts.items())]
        session.connection().execute(statement, rows)


def _insert(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    if not rows:
        return []
    return list(session.connection().execute(insert(table).returning(table.c.id), rows).scalars())


def add_suppressions(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Add do-not-contact rules; one that is there already stays as it is. The new ids."""
    if not rows:
        return []
    statement = (
        insert_for(session)(SUPPRESSION)
        .on_conflict_do_nothing(index_elements=["scope", "value"])
        .returning(SUPPRESSION.c.id)
    )
    return list(session.connection().execute(statement, rows).scalars())
