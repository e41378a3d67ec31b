"""The way back: what closing a task changed is restored, and what was read wrongly is retracted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, or_, select, update
from sqlmodel import Session

from orchestrator.store.companies.people import family
from orchestrator.store.events.effects import Written
from orchestrator.store.plays.holding import ask_again
from orchestrator.store.statements import among, among_param, instant
from orchestrator.store.tables import (
    ACCOUNT,
    ACTIVITY,
    CONTACT,
    ENROLLMENT,
    STOP,
    SUPPRESSION,
    TASK,
)

_PERSON = ("consent", "left_at", "left_reason")
_REST_OF = ("paused_until", "pause_reason")
_PLAY = ("status", "hold", "reason", "next_due_at", "resumed_at", "stop_reason", "goal_at", "goal")


# ---------------------------------------------------------------- before and back


class Standing(NamedTuple):
    """How a person, an account and its plays stand, column by column."""

    person: Mapping[str, Any]
    account: Mapping[str, Any]
    plays: Mapping[int, Mapping[str, Any]]


Changes = Mapping[str, Sequence[Any]]  # of a row: column -> (what it was, what it became)


class Changed(NamedTuple):
    """What closing a task changed of them, and nothing else."""

    person: Changes
    account: Changes
    plays: Mapping[int, Changes]


def standing(session: Session, account_id: int | None, contact_id: int | None) -> Standing:
    """How they stand now."""
    query = select(ENROLLMENT.c.id, *(ENROLLMENT.c[name] for name in _PLAY)).where(
        ENROLLMENT.c.account_id == account_id
    )
    return Standing(
        _columns(session, CONTACT, _PERSON, contact_id),
        _columns(session, ACCOUNT, _REST_OF, account_id),
        {
            id_: dict(zip(_PLAY, values, strict=True))
            for id_, *values in session.connection().execute(query)
        },
    )


def changed(was: Standing, became: Standing) -> Changed:
    """What is different: only that is ours to take back."""
    plays = {id_: _changes(play, became.plays.get(id_, play)) for id_, play in was.plays.items()}
    return Changed(
        _changes(was.person, became.person),
        _changes(was.account, became.account),
        {id_: changes for id_, changes in plays.items() if changes},
    )


def _changes(was: Mapping[str, Any], became: Mapping[str, Any]) -> Changes:
    return {name: (one, became[name]) for name, one in was.items() if one != became[name]}


def _columns(session: Session, table: Any, names: Sequence[str], id_: int | None) -> dict[str, Any]:
    query = select(*(table.c[name] for name in names)).where(table.c.id == id_)
    row = session.connection().execute(query).mappings().first() if id_ else None
    return dict(row) if row else {}


_LIFT = (
    update(STOP)
    .where(among_param(STOP.c.id, "ids"), STOP.c.lifted_at.is_(None))
    .values(lifted_at=instant("now"))
)
_RESUME = update(STOP).where(among_param(STOP.c.id, "ids")).values(lifted_at=None)
_CANCEL_TASKS = (
    update(TASK)
    .where(among_param(TASK.c.id, "ids"), TASK.c.status == "open")
    .values(status="cancelled", reason=bindparam("because"), ended_at=instant("now"))
)
_ALLOW = delete(SUPPRESSION).where(among_param(SUPPRESSION.c.id, "ids"))


def take_back(
    session: Session,
    written: Written,
    changes: Changed,
    *,
    account_id: int | None,
    contact_id: int | None,
    lifted: Sequence[int],
    now: datetime,
) -> bool:
    """Undo what closing one task wrote; False if somebody has changed it since, and the caller
    rolls back."""
    connection = session.connection()
    connection.execute(_LIFT, {"ids": written.stops, "now": now})
    connection.execute(_RESUME, {"ids": lifted})
    connection.execute(_CANCEL_TASKS, {"ids": written.tasks, "because": "taken back", "now": now})
    connection.execute(_ALLOW, {"ids": written.suppressions})
    rows: list[tuple[Any, int | None, Changes]] = [
        (CONTACT, contact_id, changes.person),
        (ACCOUNT, account_id, changes.account),
        *((ENROLLMENT, id_, play) for id_, play in sorted(changes.plays.items())),
    ]
    woken = [id_ for id_, play in changes.plays.items() if _goes_on(play)]
    ask_again(session, woken, now)
    return all(_back(session, *row) for row in rows)


def _goes_on(play: Changes) -> bool:
    """Whether a play is active again once its columns hold what they held before."""
    return "status" in play and play["status"][0] == "active"


def _back(session: Session, table: Any, id_: int | None, changes: Changes) -> bool:
    """Give a row's columns what they held before, if they still hold what the closing gave them."""
    if not changes:
        return True
    same = (table.c[name].is_not_distinct_from(became) for name, (_, became) in changes.items())
    this = update(table).where(table.c.id == id_, *same)
    was = {name: value for name, (value, _) in changes.items()}
    return session.connection().execute(this.values(was)).rowcount == 1


def lock(session: Session, account_id: int | None) -> None:
    """Hold the account's plays until the end of the transaction."""
    running = ENROLLMENT.c.account_id == account_id, ENROLLMENT.c.status != "ended"
    query = select(ENROLLMENT.c.id).where(*running).order_by(ENROLLMENT.c.id).with_for_update()
    session.connection().execute(query)


def fences(session: Session, account_id: int | None) -> dict[int, int]:
    """The fences of the account's plays: whoever claims or wakes one moves it on."""
    query = select(ENROLLMENT.c.id, ENROLLMENT.c.fence).where(
        ENROLLMENT.c.account_id == account_id, ENROLLMENT.c.status != "ended"
    )
    return dict(session.connection().execute(query).all())


def kinds_since(session: Session, account_id: int | None, after_id: int) -> set[str]:
    """What kinds of entries the account's log got after the entry of that id."""
    query = select(ACTIVITY.c.kind).where(
        ACTIVITY.c.account_id == account_id, ACTIVITY.c.id > after_id
    )
    return set(session.connection().execute(query).scalars())


# ---------------------------------------------------------------- what was read wrongly


_WRONGLY = select(STOP.c.id, STOP.c.contact_id, STOP.c.until, STOP.c.at, STOP.c.reason).where(
    among_param(STOP.c.account_id, "accounts"),
    STOP.c.lifted_at.is_(None),
    or_(
        among_param(STOP.c.contact_id, "people"),
        STOP.c.contact_id.is_(None) & (STOP.c.at >= instant("since")),
    ),
)


def retract(
    session: Session, account_id: int, contact_id: int, since: datetime, now: datetime
) -> list[int]:
    """Take back what an answer of this person did since `since`: a rep knows better what it meant.

    Every stop of the person for good ends, and whatever the answer said of the whole account.
    What was said at an account before it was merged into this one counts, too. Do-not-contact
    rules stay. The ids of the stops that were lifted.
    """
    merged = family(session, [account_id])
    who = [contact_id, *(id_ for id_, head in merged.people.items() if head == contact_id)]
    asked = {"accounts": merged.of([account_id]), "people": who, "since": since}
    found = session.connection().execute(_WRONGLY, asked).all()
    said = {one.reason for one in found if one.contact_id and one.at >= since}
    stops = sorted(
        one.id
        for one in found
        if (one.contact_id and (one.until is None or one.at >= since))
        or (one.contact_id is None and one.reason in said)
    )
    session.connection().execute(_LIFT, {"ids": stops, "now": now})
    _go_on(session, account_id, contact_id, said, since, now)
    return stops


def _go_on(
    session: Session, account_id: int, contact_id: int, said: Collection[str], since: datetime,
    now: datetime,
) -> None:  # fmt: skip
    """Account, plays and person go on where these reasons alone held them."""
    connection = session.connection()
    rested = (
        update(ENROLLMENT)
        .where(
            ENROLLMENT.c.account_id == account_id,
            ENROLLMENT.c.status == "paused",
            among(ENROLLMENT.c.reason, said),
        )
        .values(status="active", reason="", next_due_at=now, resumed_at=now)
        .returning(ENROLLMENT.c.id)
    )
    ask_again(session, connection.execute(rested).scalars().all(), now)
    plays, mine = ENROLLMENT.c.account_id == account_id, ENROLLMENT.c.status
    for statement in (
        update(ACCOUNT)
        .where(ACCOUNT.c.id == account_id, among(ACCOUNT.c.pause_reason, said))
        .values(paused_until=None, pause_reason=""),
        update(ENROLLMENT)
        .where(plays, mine != "ended", among(ENROLLMENT.c.stop_reason, said))
        .values(stop_reason=""),
        update(ENROLLMENT)
        .where(plays, ENROLLMENT.c.goal_at >= since, ENROLLMENT.c.goal.startswith("reply"))
        .values(goal_at=None, goal=""),
        update(CONTACT)
        .where(CONTACT.c.id == contact_id, among(CONTACT.c.left_reason, said))
        .values(left_at=None, left_reason=""),
    ):
        connection.execute(statement)
