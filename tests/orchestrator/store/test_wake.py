"""Waking makes a live enrollment due and voids the claim on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from accounts.records import Account
from orchestrator.records import Enrollment, Playbook, PlaybookVersion
from orchestrator.store.database import Database
from orchestrator.store.plays import plays

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
STATUSES = ("active", "paused", "waiting", "ended")


@pytest.fixture
def claimed(db: Database) -> Database:
    """One claimed enrollment of each status, on accounts of their own; ids 1 to 4."""
    with db.writing() as session:
        session.add(Playbook(name="p", current=1))
        session.add_all([Account(id=n, name=str(n), created_at=NOW) for n in range(1, 5)])
        session.flush()
        version: dict[str, Any] = {
            "digest": "d",
            "format": 1,
            "source": "",
            "canonical": {},
            "created_at": NOW,
        }
        session.add(PlaybookVersion(id=1, playbook="p", number=1, **version))
        session.flush()
        claim: dict[str, Any] = {
            "fence": 5,
            "owner": "w",
            "lease_until": LATER,
            "next_due_at": LATER,
        }
        session.add_all(
            Enrollment(
                id=n, account_id=n, playbook="p", version_id=1, status=status,
                waiting_since=NOW, **claim,
            )
            for n, status in enumerate(STATUSES, 1)
        )  # fmt: skip
    return db


def wake(
    db: Database, ids: list[int], *, urgent: bool = False
) -> tuple[int, dict[str, Enrollment]]:
    with db.writing() as session:
        count = plays.wake(session, ids, NOW, urgent=urgent)
    with db.reading() as session:
        return count, {row.status: row for row in session.exec(select(Enrollment))}


def test_live_ones_lose_their_claim_and_active_ones_are_due(claimed: Database):
    count, rows = wake(claimed, [1, 2, 3, 4, 99])
    assert count == 2
    assert rows["active"].next_due_at == NOW
    assert rows["paused"].next_due_at == LATER  # a pause keeps its date
    for status in ("active", "paused"):
        assert (rows[status].fence, rows[status].owner, rows[status].lease_until) == (6, "", None)
        assert rows[status].woken_at is None
    for status in ("waiting", "ended"):
        assert (rows[status].fence, rows[status].owner) == (5, "w")


def test_an_urgent_wake_is_stamped(claimed: Database):
    _, rows = wake(claimed, [1, 4], urgent=True)
    assert rows["active"].woken_at == NOW
    assert rows["ended"].woken_at is None


def test_waking_twice_voids_twice(claimed: Database):
    wake(claimed, [1])
    _, rows = wake(claimed, [1])
    assert rows["active"].fence == 7


def test_waking_nobody(claimed: Database):
    assert wake(claimed, [])[0] == 0
