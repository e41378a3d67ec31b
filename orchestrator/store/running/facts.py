"""All that deciding on a batch of enrollments reads: their state and the facts around them.

One statement for each kind of row, however many enrollments there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import Session

from accounts.consent import Rule, suppressed_by, values_of
from orchestrator.sentences import REFUSED
from orchestrator.store.bulk import Query
from orchestrator.store.companies import people
from orchestrator.store.companies.people import Family
from orchestrator.store.running import guards
from orchestrator.store.staff.rosters import Teammate, teams
from orchestrator.store.statements import among_param
from orchestrator.store.tables import ACCOUNT, ACTIVITY, CONTACT, HOLDER, RUN, TASK, TOUCH
from orchestrator.terms import (
    AN_ANSWER,
    AccountFacts,
    Happening,
    Holder,
    Party,
    Person,
    Reached,
    Run,
    StopMark,
)


class Batch(NamedTuple):
    """What deciding on a batch needs, keyed by enrollment or by account."""

    runs: Mapping[int, dict[str, Run]]
    parties: Mapping[int, list[Party]]
    holders: Mapping[int, list[Holder]]
    stops: Mapping[int, list[StopMark]]
    accounts: Mapping[int, AccountFacts]
    people: Mapping[int, list[Person]]
    reached: Mapping[int, dict[int, Reached]]
    happenings: Mapping[int, list[Happening]]
    teams: Mapping[int, list[Teammate]]


def load(
    session: Session,
    enrollments: Mapping[int, int],
    now: datetime,
    *,
    kinds: Collection[str],
    since: datetime | None,
    roles: Collection[str] | None = None,
) -> Batch:
    """Read state and facts of `enrollments` (id -> account id) as of `now`.

    `kinds` are the activity kinds that conditions count; `since` is the start of the longest cap's
    window, None where no plan of the batch has caps; `roles` are those that its seats want, None
    where a seat takes anybody.
    """
    ids, account_ids = list(enrollments), sorted(set(enrollments.values()))
    family = people.family(session, account_ids)
    return Batch(
        _runs(session, ids),
        _parties(session, ids),
        _holders(session, ids),
        guards.stops(session, account_ids, family, now),
        _accounts(session, account_ids),
        _people(session, enrollments, roles),
        guards.reached(session, account_ids, family, since) if since else {},
        _happenings(session, account_ids, family, frozenset(kinds)) if kinds else {},
        teams(session, account_ids),
    )


# ---------------------------------------------------------------- the enrollments' own

_RUNS = Query(
    select(
        RUN.c.enrollment_id, RUN.c.step, RUN.c.status, RUN.c.due_at, RUN.c.reason, RUN.c.cast_ids,
        RUN.c.opened_at, RUN.c.done_at, RUN.c.outcome,
    ).where(among_param(RUN.c.enrollment_id, "ids"))
)  # fmt: skip


def _runs(session: Session, ids: Collection[int]) -> dict[int, dict[str, Run]]:
    found: dict[int, dict[str, Run]] = defaultdict(dict)
    rows, at = _RUNS.raw(session, ids=ids)
    for of, step, status, due, reason, cast, opened, done, outcome in rows:
        found[of][step] = Run(
            step, status, due and at(due), reason, cast, opened and at(opened), done and at(done),
            outcome,
        )  # fmt: skip
    return found


# Without an order: sorting is cheaper here than where the rows are.
_TOUCHES = Query(
    select(
        TOUCH.c.enrollment_id, TOUCH.c.id, TOUCH.c.step, TOUCH.c.party_key, TOUCH.c.occurrence,
        TOUCH.c.status, TOUCH.c.outcome, TOUCH.c.planned_at, TOUCH.c.ended_at, TOUCH.c.due_at,
        TOUCH.c.delivered_at, TOUCH.c.opened_at, TOUCH.c.clicked_at, TOUCH.c.replied_at,
        TOUCH.c.bounced_at,
    ).where(among_param(TOUCH.c.enrollment_id, "ids"), TOUCH.c.step != AN_ANSWER)
)  # fmt: skip
_TASKS = Query(
    select(
        TASK.c.enrollment_id, TASK.c.id, TASK.c.step, TASK.c.party_key, TASK.c.occurrence,
        TASK.c.status, TASK.c.outcome, TASK.c.opened_at, TASK.c.ended_at, TASK.c.due_at,
        TASK.c.overdue, TASK.c.purpose,
    ).where(among_param(TASK.c.enrollment_id, "ids"))
)  # fmt: skip
_BY_ID = itemgetter(1)


def _parties(session: Session, ids: Collection[int]) -> dict[int, list[Party]]:
    """The touches of each enrollment as they were planned, then its tasks."""
    found: dict[int, list[Party]] = defaultdict(list)
    rows, at = _TOUCHES.raw(session, ids=ids)
    for row in sorted(rows, key=_BY_ID):
        of, id_, step, who, occurrence, status, outcome, planned, ended, due, *stamps = row
        delivered, viewed, clicked, replied, bounced = stamps
        found[of].append(
            Party(
                step, who, occurrence, "touch", id_, status, outcome, at(planned),
                ended and at(ended), at(due), 0, "step", delivered and at(delivered),
                viewed and at(viewed), clicked and at(clicked), replied and at(replied),
                bounced and at(bounced),
            )
        )  # fmt: skip
    rows, at = _TASKS.raw(session, ids=ids)
    for row in sorted(rows, key=_BY_ID):
        of, id_, step, who, occurrence, status, outcome, opened, ended, due, overdue, purpose = row
        found[of].append(
            Party(
                step, who, occurrence, "task", id_, status, outcome, at(opened),
                ended and at(ended), due and at(due), overdue, purpose,
            )
        )  # fmt: skip
    return found


_HOLDERS = Query(
    select(
        HOLDER.c.enrollment_id, HOLDER.c.seat, HOLDER.c.contact_id, HOLDER.c.bound_at,
        HOLDER.c.left_at, HOLDER.c.left_reason,
    )
    .where(among_param(HOLDER.c.enrollment_id, "ids"))
    .order_by(HOLDER.c.bound_at, HOLDER.c.contact_id)
)  # fmt: skip


def _holders(session: Session, ids: Collection[int]) -> dict[int, list[Holder]]:
    found: dict[int, list[Holder]] = defaultdict(list)
    rows, at = _HOLDERS.raw(session, ids=ids)
    for of, seat, contact_id, bound, left, reason in rows:
        found[of].append(Holder(seat, contact_id, at(bound), left and at(left), reason))
    return found


# ---------------------------------------------------------------- facts of their accounts

_ACCOUNTS = Query(
    select(
        ACCOUNT.c.id, ACCOUNT.c.zone, ACCOUNT.c.country, ACCOUNT.c.tier, ACCOUNT.c.fit,
        ACCOUNT.c.engagement, ACCOUNT.c.paused_until, ACCOUNT.c.pause_reason,
        ACCOUNT.c.lost_reason,
    ).where(among_param(ACCOUNT.c.id, "ids"))
)  # fmt: skip


def _accounts(session: Session, account_ids: Collection[int]) -> dict[int, AccountFacts]:
    return {row[0]: AccountFacts(*row) for row in _ACCOUNTS.rows(session, ids=account_ids)}


_MAY_SIT = (
    select(
        CONTACT.c.account_id, CONTACT.c.id, CONTACT.c.role, CONTACT.c.persona,
        CONTACT.c.engagement, CONTACT.c.created_at, CONTACT.c.zone, CONTACT.c.country,
        CONTACT.c.left_at, CONTACT.c.consent == "refused", CONTACT.c.email_key != "",
        CONTACT.c.phone != "", CONTACT.c.social != "",
    ).where(among_param(CONTACT.c.account_id, "ids"))
)  # fmt: skip
_SITTING = select(HOLDER.c.contact_id).where(among_param(HOLDER.c.enrollment_id, "plays"))
_PEOPLE = Query(_MAY_SIT)
_WANTED = Query(
    _MAY_SIT.where(or_(among_param(CONTACT.c.role, "roles"), CONTACT.c.id.in_(_SITTING)))
)
_ADDRESSES = {
    (email, phone, social): frozenset(
        name for name, there in (("email", email), ("phone", phone), ("social", social)) if there
    )
    for email in (False, True)
    for phone in (False, True)
    for social in (False, True)
}


def _people(
    session: Session, enrollments: Mapping[int, int], roles: Collection[str] | None
) -> dict[int, list[Person]]:
    """The accounts' people: those who sit in a play, and those who may; None: of any role."""
    found: dict[int, list[Person]] = defaultdict(list)
    account_ids = sorted(set(enrollments.values()))
    forbidden = _forbidden(session, account_ids)
    if roles is None:
        rows, at = _PEOPLE.raw(session, ids=account_ids)
    else:
        rows, at = _WANTED.raw(session, ids=account_ids, plays=list(enrollments), roles=roles)
    for account_id, id_, role, persona, engagement, since, zone, country, left, *rest in rows:
        refuses, email, phone, social = rest
        refused = REFUSED if refuses else forbidden.get(id_, "")
        found[account_id].append(
            Person(
                id_, role, persona, engagement, at(since), zone, country,
                _ADDRESSES[email, phone, social], refused, left and at(left),
            )
        )  # fmt: skip
    return found


_RULES = Query(guards.RULES.limit(bindparam("most")))
_BY_ADDRESS = Query(
    select(CONTACT.c.id, CONTACT.c.email_key, ACCOUNT.c.domain, ACCOUNT.c.id)
    .join_from(CONTACT, ACCOUNT, ACCOUNT.c.id == CONTACT.c.account_id)
    .where(among_param(CONTACT.c.account_id, "ids"))
)


def _forbidden(session: Session, account_ids: Collection[int]) -> dict[int, str]:
    """Why people of these accounts must not be contacted, by contact, where a rule says so.

    The same rules as at the intent of a mail, so that no call is planned for somebody to whom no
    mail may go. Most workspaces have few rules: those are read whole, before anybody is looked up.
    """
    few = list(_RULES.rows(session, most=len(account_ids) + 1))
    if not few:
        return {}
    known = list(_BY_ADDRESS.rows(session, ids=account_ids))
    values = {id_: values_of(*told) for id_, *told in known}
    if len(few) > len(account_ids):
        rules = guards.suppressions(session, set().union(*values.values()))
    else:
        rules = guards.as_rules(few)
    by_value: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_value[rule.value].append(rule)
    reasons = {}
    for id_, key, domain, account_id in known:
        near = [rule for value in values[id_] for rule in by_value.get(value, ())]
        if near and (found := suppressed_by(key, domain, account_id, near)):
            reasons[id_] = found.reason
    return reasons


def _happenings(
    session: Session, account_ids: Collection[int], family: Family, kinds: frozenset[str]
) -> dict[int, list[Happening]]:
    found: dict[int, list[Happening]] = defaultdict(list)
    rows, at = _activities_of(kinds).raw(session, ids=family.of(account_ids))
    for account_id, kind, contact_id, when in rows:
        one = Happening(kind, family.person(contact_id), at(when))
        found[family.account(account_id)].append(one)
    return found


@lru_cache(maxsize=1024)
def _activities_of(kinds: Iterable[str]) -> Query:
    """Activities of the kinds and of their sub-kinds ("form" and "form.demo")."""
    kind = ACTIVITY.c.kind
    wanted = or_(*(and_(kind >= name, kind < name + "/") for name in sorted(kinds)))
    return Query(
        select(ACTIVITY.c.account_id, kind, ACTIVITY.c.contact_id, ACTIVITY.c.at).where(
            among_param(ACTIVITY.c.account_id, "ids"), wanted
        )
    )
