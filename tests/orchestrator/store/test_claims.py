"""Whoever claims takes as many as asked for, in whatever way the database looks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlmodel import Session

from orchestrator.store.database import Database
from orchestrator.store.running import advancing, approvals, outgoing
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW

UNTIL = NOW + timedelta(minutes=2)
# Without these PostgreSQL has nothing but loops, as it does with tables that it takes for small.
BETTER = ("hashjoin", "mergejoin", "hashagg", "material", "memoize", "sort")
PLAN = plans.plan(plans.step("mail", "email", "champion"))


def plays(session: Session, limit: int, *, woken: bool = False) -> Sequence[object]:
    return advancing.claim(
        session, NOW, lease_now=NOW, lease_until=UNTIL, owner="me", limit=limit, woken=woken
    )


def woken(session: Session, limit: int) -> Sequence[object]:
    return plays(session, limit, woken=True)


def touches(session: Session, limit: int) -> Sequence[object]:
    return outgoing.claim(session, owner="me", now=NOW, lease_until=UNTIL, limit=limit)


def drafts(session: Session, limit: int) -> Sequence[object]:
    return approvals.take(session, lease_now=NOW, lease_until=UNTIL, limit=limit, swept=0)


@pytest.fixture
def crowd(db: Database) -> Database:
    """Six plays that are due, were woken, and have a mail and a draft each."""
    with db.writing() as session:
        version = cast.version(session, PLAN)
        for number in range(6):
            account = cast.company(session, f"A{number}")
            ann = cast.person(session, account, "Ann Archer")
            play = cast.enrolled(session, account, version, next_due_at=NOW, woken_at=NOW)
            cast.touch(session, play, ann, "mail", due_at=NOW)
            cast.touch(session, play, ann, "other", due_at=NOW, status="draft")
    return db


@pytest.mark.parametrize("claim", [plays, woken, touches, drafts])
def test_no_plan_of_a_query_takes_more_than_asked_for(
    crowd: Database, claim: Callable[[Session, int], Sequence[object]]
):
    for expected in (4, 2, 0):
        with crowd.writing() as session:
            if crowd.dialect == "postgresql":
                for name in BETTER:
                    session.connection().exec_driver_sql(f"SET LOCAL enable_{name} = off")
            assert len(claim(session, 4)) == expected
