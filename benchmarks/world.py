"""A synthetic population for the benchmarks: accounts in the middle of a ten-step play.

Sizes are arguments; everything is a function of the row's number, so that two runs and two
databases hold the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, SQLModel

from accounts.records import Account, Contact
from orchestrator.language import canonical, check, digest
from orchestrator.records import (
    Activity,
    Enrollment,
    Playbook,
    PlaybookVersion,
    SeatHolder,
    StepRun,
    Touch,
)
from orchestrator.store.database import Database
from orchestrator.terms import Plan, message_key

NOW = datetime(2027, 3, 3, 11, 0, tzinfo=UTC)  # a Wednesday, inside everybody's hours
STEPS = 10
ROLES = ("economic_buyer", "champion", "influencer", "user")
KINDS = ("visit", "opened", "clicked", "intent", "note")
ACTIVITIES = 20
CHUNK = 5_000

PLAYBOOK = """
name: bench
title: Ten steps
for: {signed: no}
committee:
  buyer: {role: economic_buyer}
  champion: {role: champion}
caps: {contact: 3 per 7d, account: 8 per 7d}
steps:
""" + "\n".join(
    f"""  - id: s{n}
    email: {{to: {"buyer" if n % 2 else "champion"}, template: email/bench}}
    wait: 3 business days
"""
    + ("    when: happened('visit') >= 1 or account.engagement >= 40\n" if n == 5 else "")
    for n in range(STEPS)
)


def plan() -> Plan:
    """The compiled ten-step playbook."""
    checked = check(PLAYBOOK, "bench.yaml", None)
    if checked.plan is None:
        raise SystemExit("\n".join(map(str, checked.problems)))
    return checked.plan


def populate(
    db: Database, size: int, *, due: int | None = None, activities: int = ACTIVITIES
) -> None:
    """`size` accounts, each enrolled and between two steps; the first `due` are due at NOW."""
    db.upgrade()
    compiled = plan()
    with db.writing() as session:
        session.add(Playbook(name="bench", title="Ten steps", current=1))
        session.flush()
        session.add(
            PlaybookVersion(
                id=1, playbook="bench", number=1, digest=digest(compiled), format=1,
                source=PLAYBOOK, canonical=canonical(compiled), created_at=NOW,
            )
        )  # fmt: skip
    due = size if due is None else due
    for start in range(1, size + 1, CHUNK):
        with db.writing() as session:
            _chunk(session, range(start, min(start + CHUNK, size + 1)), due, activities)


def _chunk(session: Session, ids: range, due: int, activities: int) -> None:
    old = NOW - timedelta(days=60)
    insert_many(session, Account, [_account(n, old) for n in ids])
    insert_many(session, Contact, [row for n in ids for row in _contacts(n, old)])
    insert_many(session, Enrollment, [_enrollment(n, n <= due) for n in ids])
    insert_many(session, SeatHolder, [row for n in ids for row in _holders(n)])
    insert_many(session, StepRun, [row for n in ids for row in _runs(n)])
    insert_many(session, Touch, [row for n in ids for row in _touches(n)])
    insert_many(session, Activity, [row for n in ids for row in _activities(n, activities)])


def insert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal keys with one prepared statement; no rows, no statement."""
    if rows:
        session.connection().execute(insert(table), rows)


def crowd(db: Database, first: int, last: int) -> None:
    """Accounts `first` to `last` beside a population: each waits, one person and step behind it.

    A million of them are there to be looked past; whole ones would take five times the disk.
    """
    for start in range(first, last + 1, CHUNK):
        with db.writing() as session:
            _thin_chunk(session, range(start, min(start + CHUNK, last + 1)))


def _thin_chunk(session: Session, ids: range) -> None:
    old = NOW - timedelta(days=60)
    insert_many(session, Account, [_account(n, old) for n in ids])
    insert_many(session, Contact, [_first_reached(n, old) for n in ids])
    insert_many(session, Enrollment, [_enrollment(n, False) for n in ids])
    for table, rows in ((SeatHolder, _holders), (StepRun, _runs), (Touch, _touches)):
        insert_many(session, table, [row for n in ids for row in islice(rows(n), 1)])


def _first_reached(n: int, at: datetime) -> dict[str, Any]:
    return next(row for row in _contacts(n, at) if row["id"] == _person(n, 0))


def position(n: int) -> int:
    """How many steps the play of account `n` has behind it."""
    return n % (STEPS - 1)


def _sent(n: int, step: int) -> datetime:
    """When a step's mail went out: three business days apart, the last one three before NOW."""
    return NOW - timedelta(days=5 * (position(n) - step), minutes=n % 50)


def _account(n: int, at: datetime) -> dict[str, Any]:
    return {
        "id": n, "name": f"Company {n}", "name_key": f"company {n}", "domain": f"c{n}.example",
        "website": "", "country": "", "state": "", "city": "", "zone": "UTC", "sector": "",
        "industry": "", "market_cap": "", "segment": "", "tier": 1, "stage": "", "fit": 0.0,
        "engagement": 0.0, "pause_reason": "", "holdout": False, "digest": "", "created_at": at,
        "email": "", "phone": "", "extra": {},
    }  # fmt: skip


def _contacts(n: int, at: datetime) -> Iterator[dict[str, Any]]:
    for place, role in enumerate(ROLES):
        yield {
            "id": n * 4 + place, "account_id": n, "name": f"{role} {n}", "first_name": role,
            "email": f"p{place}@c{n}.example", "email_key": f"p{place}@c{n}.example",
            "phone": "+4930123", "social": "", "title": "", "role": role, "persona": "",
            "country": "", "zone": "UTC", "language": "", "engagement": 0.0,
            "consent": "unknown", "left_reason": "", "digest": "", "created_at": at, "extra": {},
        }  # fmt: skip


def due_at(n: int) -> datetime:
    """When the play of account `n` fell due: neighbours at different seconds, so that whoever
    claims the longest due first finds them scattered over the table."""
    return NOW - timedelta(seconds=n % 1000)


def _enrollment(n: int, due: bool) -> dict[str, Any]:
    at = due_at(n) if due else NOW + timedelta(days=2)
    return {
        "id": n, "account_id": n, "playbook": "bench", "version_id": 1, "status": "active",
        "priority": 0, "reason": "", "next_due_at": at, "fence": 0, "owner": "",
        "stop_reason": "", "waiting_since": at, "activated_at": NOW - timedelta(days=50),
        "outcome": "", "flow_run_id": "",
    }  # fmt: skip


def _person(n: int, step: int) -> int:
    return n * 4 + (0 if step % 2 else 1)


def _holders(n: int) -> Iterator[dict[str, Any]]:
    for seat, step in (("champion", 0), ("buyer", 1))[: position(n)]:
        yield {
            "enrollment_id": n, "seat": seat, "contact_id": _person(n, step),
            "bound_at": _sent(n, step), "left_reason": "",
        }  # fmt: skip


def _runs(n: int) -> Iterator[dict[str, Any]]:
    for step in range(position(n)):
        at = _sent(n, step)
        yield {
            "enrollment_id": n, "step": f"s{step}", "status": "done", "due_at": at, "reason": "",
            "cast_ids": str(_person(n, step)), "opened_at": at, "done_at": at,
            "outcome": "reached",
        }  # fmt: skip


def _touches(n: int) -> Iterator[dict[str, Any]]:
    for step in range(position(n)):
        at, who = _sent(n, step), _person(n, step)
        yield {
            "enrollment_id": n, "account_id": n, "contact_id": who, "step": f"s{step}",
            "party_key": str(who), "occurrence": 1, "resend": 0,
            "key": message_key(n, f"s{step}", str(who), 1), "channel": "email",
            "template": "email/bench", "variant": "", "status": "sent", "reason": "",
            "planned_at": at, "due_at": at, "fence": 1, "owner": "", "attempt": 1, "reply": "",
            "intent_at": at, "ended_at": at, "outcome": "reached", "flow_run_id": "",
        }  # fmt: skip


def _activities(n: int, number: int) -> Iterator[dict[str, Any]]:
    for place in range(number):
        yield {
            "at": NOW - timedelta(days=place + 1), "id": n * 64 + place, "account_id": n,
            "contact_id": n * 4 + place % 4, "enrollment_id": n, "step": "",
            "kind": KINDS[place % len(KINDS)], "team": "contact", "text": "", "data": {},
            "flow_run_id": "",
        }  # fmt: skip


WORDS = """subject: A thought on {{ account.name }}

Hello {{ contact.first_name }},

companies in your position lose most of the time between two systems that nobody owns. What we see
at others: the handover is counted twice, once by each side, and checked by neither.

Is that a question at {{ account.name }}, too?

{{ sender.name }}

Unsubscribe: {{ unsubscribe }}
"""


def plan_mail(db: Database, templates: Path) -> None:
    """For every account the next step's mail, due at NOW; its words in the folder `templates`."""
    (templates / "email").mkdir(parents=True, exist_ok=True)
    (templates / "email" / "bench.j2").write_text(WORDS, "utf-8")
    with db.writing() as session:
        size = session.connection().exec_driver_sql("SELECT count(*) FROM enrollment").scalar_one()
        insert_many(session, Touch, [_planned(n) for n in range(1, size + 1)])


def _planned(n: int) -> dict[str, Any]:
    step, who = position(n), _person(n, position(n))
    return {
        "enrollment_id": n, "account_id": n, "contact_id": who, "step": f"s{step}",
        "party_key": str(who), "occurrence": 1, "resend": 0,
        "key": message_key(n, f"s{step}", str(who), 1), "channel": "email",
        "template": "email/bench", "variant": "", "status": "ready", "reason": "",
        "planned_at": NOW, "due_at": NOW, "fence": 0, "owner": "", "attempt": 0, "reply": "",
        "outcome": "", "flow_run_id": "",
    }  # fmt: skip
