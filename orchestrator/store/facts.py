"""All that deciding on a batch of enrollments reads: their state and the facts around them.

One statement for each kind of row, however many enrollments there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import Session

from accounts.consent import Rule, suppressed_by, values_of
from orchestrator.sentences import REFUSED
from orchestrator.store import guards, people
from orchestrator.store.bulk import Query
from orchestrator.store.people import Family
from orchestrator.store.rosters import Teammate, teams
from orchestrator.store.statements import among_param
from orchestrator.store.tables import ACCOUNT, ACTIVITY, CONTACT, HOLDER, RUN, TASK, TOUCH
from orchestrator.terms import (
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
) -> Batch:
    """Read state and facts of `enrollments` (id -> account id) as of `now`.

    `kinds` are the activity kinds that conditions count; `since` is the start of the longest cap's
    window, None where no plan of the batch has caps.
    """
    ids, account_ids = list(enrollments), sorted(set(enrollments.values()))
    family = people.family(session, account_ids)
    return Batch(
        _runs(session, ids),
        _parties(session, ids),
        _holders(session, ids),
        guards.stops(session, account_ids, family, now),
        _accounts(session, account_ids),
        _people(session, account_ids),
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
    for row in _RUNS.rows(session, ids=ids):
        found[row[0]][row[1]] = Run(*row[1:])
    return found


_TOUCHES = Query(
    select(
        TOUCH.c.enrollment_id, TOUCH.c.step, TOUCH.c.party_key, TOUCH.c.occurrence, TOUCH.c.id,
        TOUCH.c.status, TOUCH.c.outcome, TOUCH.c.planned_at, TOUCH.c.ended_at, TOUCH.c.due_at,
        TOUCH.c.delivered_at, TOUCH.c.opened_at, TOUCH.c.clicked_at, TOUCH.c.replied_at,
        TOUCH.c.bounced_at,
    )
    .where(among_param(TOUCH.c.enrollment_id, "ids"))
    .order_by(TOUCH.c.enrollment_id, TOUCH.c.id)
)  # fmt: skip
_TASKS = Query(
    select(
        TASK.c.enrollment_id, TASK.c.step, TASK.c.party_key, TASK.c.occurrence, TASK.c.id,
        TASK.c.status, TASK.c.outcome, TASK.c.opened_at, TASK.c.ended_at, TASK.c.due_at,
        TASK.c.overdue, TASK.c.purpose,
    )
    .where(among_param(TASK.c.enrollment_id, "ids"))
    .order_by(TASK.c.enrollment_id, TASK.c.id)
)  # fmt: skip


def _parties(session: Session, ids: Collection[int]) -> dict[int, list[Party]]:
    found: dict[int, list[Party]] = defaultdict(list)
    for row in _TOUCHES.rows(session, ids=ids):
        of, rest = (*row[1:4], "touch", *row[4:10], 0, "step"), row[10:]
        found[row[0]].append(Party(*of, *rest))
    for row in _TASKS.rows(session, ids=ids):
        found[row[0]].append(Party(row[1], row[2], row[3], "task", *row[4:]))
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
    for row in _HOLDERS.rows(session, ids=ids):
        found[row[0]].append(Holder(*row[1:]))
    return found


# ---------------------------------------------------------------- facts of their accounts

_ACCOUNTS = Query(
    select(
        ACCOUNT.c.id, ACCOUNT.c.zone, ACCOUNT.c.country, ACCOUNT.c.tier, ACCOUNT.c.fit,
        ACCOUNT.c.engagement, ACCOUNT.c.paused_until, ACCOUNT.c.pause_reason,
    ).where(among_param(ACCOUNT.c.id, "ids"))
)  # fmt: skip


def _accounts(session: Session, account_ids: Collection[int]) -> dict[int, AccountFacts]:
    return {row[0]: AccountFacts(*row) for row in _ACCOUNTS.rows(session, ids=account_ids)}


_PEOPLE = Query(
    select(
        CONTACT.c.account_id, CONTACT.c.id, CONTACT.c.role, CONTACT.c.persona,
        CONTACT.c.engagement, CONTACT.c.created_at, CONTACT.c.zone, CONTACT.c.country,
        CONTACT.c.left_at, CONTACT.c.email_key, CONTACT.c.phone, CONTACT.c.social,
        CONTACT.c.consent,
    ).where(among_param(CONTACT.c.account_id, "ids"))
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
    found: dict[int, list[Person]] = defaultdict(list)
    rows = list(_PEOPLE.rows(session, ids=account_ids))
    forbidden = _forbidden(session, {row[1]: (row[9], row[0]) for row in rows})
    for row in rows:
        account_id, id_, role, persona, engagement, since, zone, country, left_at, *reach = row
        email, phone, social, consent = reach
        addresses = _ADDRESSES[bool(email), bool(phone), bool(social)]
        refused = REFUSED if consent == "refused" else forbidden.get(id_, "")
        found[account_id].append(
            Person(
                id_, role, persona, engagement, since, zone, country, addresses, refused, left_at
            )
        )
    return found


_RULES = Query(guards.RULES.limit(bindparam("most")))
_DOMAINS = Query(select(ACCOUNT.c.id, ACCOUNT.c.domain).where(among_param(ACCOUNT.c.id, "ids")))


def _forbidden(session: Session, contacts: Mapping[int, tuple[str, int]]) -> dict[int, str]:
    """Why each of these (id -> e-mail key, account id) must not be contacted, if a rule says so.

    The same rules as at the intent of a mail, so that no call is planned for somebody to whom no
    mail may go. Most workspaces have few rules: those are read whole, before anything is looked up.
    """
    few = list(_RULES.rows(session, most=len(contacts) + 1))
    if not few:
        return {}
    domains = dict(_DOMAINS.rows(session, ids=sorted({id_ for _, id_ in contacts.values()})))
    values = {
        id_: values_of(key, domains[account_id], account_id)
        for id_, (key, account_id) in contacts.items()
    }
    if len(few) > len(contacts):
        rules = guards.suppressions(session, set().union(*values.values()))
    else:
        rules = guards.as_rules(few)
    by_value: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_value[rule.value].append(rule)
    reasons = {}
    for id_, (key, account_id) in contacts.items():
        near = [rule for value in values[id_] for rule in by_value.get(value, ())]
        if near and (found := suppressed_by(key, domains[account_id], account_id, near)):
            reasons[id_] = found.reason
    return reasons


def _happenings(
    session: Session, account_ids: Collection[int], family: Family, kinds: frozenset[str]
) -> dict[int, list[Happening]]:
    found: dict[int, list[Happening]] = defaultdict(list)
    rows = _activities_of(kinds).rows(session, ids=family.of(account_ids))
    for account_id, kind, contact_id, at in rows:
        one = Happening(kind, family.person(contact_id), at)
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
