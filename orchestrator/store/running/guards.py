"""What an intent reads again in its own transaction: all that may keep a touch in the house.

A handful of bulk queries for a whole group, built once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select, union_all
from sqlmodel import Session

from accounts.consent import Reason, Rule, Scope
from orchestrator.records.outgoing import COUNTED
from orchestrator.store.bulk import Query
from orchestrator.store.companies.people import Family
from orchestrator.store.statements import among_param, instant
from orchestrator.store.tables import (
    ACCOUNT,
    CONTACT,
    ENROLLMENT,
    PLAYBOOK,
    STOP,
    SUPPRESSION,
    TASK,
    TOUCH,
)
from orchestrator.terms import REACHES_PERSON, OutcomeClass, Reached, StopMark

TO_PEOPLE = sorted(REACHES_PERSON)


class Standing(NamedTuple):
    """How a touch of ours stands at its intent; what is the person's is None without one."""

    fence: int
    enrollment_status: str
    enrollment_reason: str
    resumes_at: datetime | None
    playbook_paused_at: datetime | None
    playbook_reason: str
    account_paused_until: datetime | None
    account_reason: str
    merged_into: int | None
    domain: str
    works_at: int | None  # the account to which the person belongs now
    consent: str | None
    left_at: datetime | None
    left_reason: str | None


_STANDING = Query(
    select(
        TOUCH.c.id,
        TOUCH.c.fence,
        ENROLLMENT.c.status,
        ENROLLMENT.c.reason,
        ENROLLMENT.c.next_due_at,
        PLAYBOOK.c.paused_at,
        PLAYBOOK.c.pause_reason,
        ACCOUNT.c.paused_until,
        ACCOUNT.c.pause_reason,
        ACCOUNT.c.merged_into,
        ACCOUNT.c.domain,
        CONTACT.c.account_id,
        CONTACT.c.consent,
        CONTACT.c.left_at,
        CONTACT.c.left_reason,
    )
    .join_from(TOUCH, ENROLLMENT, ENROLLMENT.c.id == TOUCH.c.enrollment_id)
    .join(PLAYBOOK, PLAYBOOK.c.name == ENROLLMENT.c.playbook)
    .join(ACCOUNT, ACCOUNT.c.id == TOUCH.c.account_id)
    .outerjoin(CONTACT, CONTACT.c.id == TOUCH.c.contact_id)
    .where(
        among_param(TOUCH.c.id, "ids"),
        TOUCH.c.owner == bindparam("owner"),
        TOUCH.c.status.in_(("claimed", "sending")),
    )
)
RULES = select(SUPPRESSION.c.scope, SUPPRESSION.c.value, SUPPRESSION.c.reason)
_SUPPRESSIONS = Query(RULES.where(among_param(SUPPRESSION.c.value, "values")))
# A stop that still binds at `now`, a parameter.
IN_FORCE = and_(
    STOP.c.lifted_at.is_(None), or_(STOP.c.until.is_(None), STOP.c.until > instant("now"))
)
_STOPS = Query(
    select(
        STOP.c.account_id,
        STOP.c.contact_id,
        STOP.c.enrollment_id,
        STOP.c.reason,
        STOP.c.keep,
        STOP.c.at,
        STOP.c.until,
    ).where(
        among_param(STOP.c.account_id, "ids"),
        IN_FORCE,
    )
)
_SINCE = instant("since")
_REACHED = Query(
    union_all(
        select(TOUCH.c.account_id, TOUCH.c.id, TOUCH.c.contact_id, TOUCH.c.intent_at).where(
            COUNTED,
            among_param(TOUCH.c.account_id, "ids"),
            TOUCH.c.intent_at > _SINCE,
            TOUCH.c.contact_id.is_not(None),
            TOUCH.c.channel.in_(TO_PEOPLE),
        ),
        select(TASK.c.account_id, -TASK.c.id, TASK.c.contact_id, TASK.c.ended_at).where(
            among_param(TASK.c.account_id, "ids"),
            TASK.c.ended_at > _SINCE,
            TASK.c.outcome.in_((OutcomeClass.REACHED, OutcomeClass.REFUSED)),
            TASK.c.contact_id.is_not(None),
            TASK.c.purpose == "step",
            TASK.c.kind.in_(TO_PEOPLE),
        ),
    )
)


def standings(session: Session, touch_ids: Collection[int], owner: str) -> dict[int, Standing]:
    """Touches that `owner` still holds for sending, by id."""
    rows = _STANDING.rows(session, ids=touch_ids, owner=owner)
    return {id_: Standing(*standing) for id_, *standing in rows}


def suppressions(session: Session, values: Collection[str]) -> list[Rule]:
    """The do-not-contact rules that stand under these values."""
    return as_rules(_SUPPRESSIONS.rows(session, values=values))


def as_rules(rows: Iterable[tuple[str, str, str]]) -> list[Rule]:
    """Rows of `RULES` as values."""
    return [Rule(Scope(scope), value, Reason(reason)) for scope, value, reason in rows]


def stops(
    session: Session, account_ids: Collection[int], family: Family, now: datetime
) -> dict[int, list[StopMark]]:
    """The stops in force, by account; those of what was merged into it bind it, too."""
    found: dict[int, list[StopMark]] = defaultdict(list)
    rows = _STOPS.rows(session, ids=family.of(account_ids), now=now)
    for account_id, contact_id, enrollment_id, reason, keep, at, until in rows:
        who = family.person(contact_id)
        mark = StopMark(who, enrollment_id, reason, frozenset(keep), at, until)
        found[family.account(account_id)].append(mark)
    return found


def reached(
    session: Session, account_ids: Collection[int], family: Family, since: datetime
) -> dict[int, dict[int, Reached]]:
    """What reached somebody, or may have, after `since`, by account: touches and tasks alike.

    Touches stand under their ids, tasks under theirs with a minus. What reached somebody of an
    account that was merged into it counts, too.
    """
    found: dict[int, dict[int, Reached]] = defaultdict(dict)
    rows = _REACHED.rows(session, ids=family.of(account_ids), since=since)
    for account_id, id_, contact_id, at in rows:
        who = family.people.get(contact_id, contact_id)
        found[family.account(account_id)][id_] = Reached(who, at)
    return found
