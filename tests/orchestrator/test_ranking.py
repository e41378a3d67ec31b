"""The order of the queue: a table of pairs, the same in rules and in SQL, and how it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session

from accounts.records import Account
from orchestrator.ranking import Band, Standing, ahead, band, rank, why
from orchestrator.records import Task
from orchestrator.store.companies import log
from orchestrator.store.database import Database
from orchestrator.store.tasks import queues
from tests.support import cast
from tests.support.cast import NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def task(id_: int = 1, **told: Any) -> Standing:
    known: dict[str, Any] = {"purpose": "step", "kind": "call", "opened_at": NOW}
    return Standing(id_, **(known | told))


# (what comes first, what comes after it, what decides)
PAIRS = [
    ({"agreed_at": NOW}, {"purpose": "reply", "due_at": NOW - DAY}, "band"),
    ({"purpose": "reply", "due_at": NOW + HOUR}, {"moment_at": NOW - HOUR, "tier": 1}, "band"),
    ({"kind": "hand_off", "due_at": NOW}, {"moment_at": NOW}, "band"),
    ({"moment_at": NOW - HOUR}, {"due_at": NOW - DAY, "tier": 1}, "band"),
    ({"due_at": NOW + HOUR, "tier": 3}, {"due_at": NOW + DAY, "tier": 1}, "band"),
    ({"purpose": "reply", "due_at": NOW + DAY, "tier": 1}, {"tier": 2, "score": 90.0}, "tier"),
    ({"tier": 3}, {"score": 90.0}, "tier"),
    ({"tier": 2, "score": 40.0}, {"tier": 2, "score": 39.0, "due_at": NOW + DAY}, "score"),
    ({"due_at": NOW + 3 * DAY}, {"due_at": NOW + 4 * DAY}, "due"),
    ({"due_at": NOW + 3 * DAY}, {}, "due"),
    ({"opened_at": NOW - DAY}, {}, "opened"),
    ({}, {}, "id"),
]


@pytest.mark.parametrize(("first", "second", "decides"), PAIRS)
def test_one_task_comes_before_the_other(
    first: dict[str, Any], second: dict[str, Any], decides: str
):
    one, other = task(1, **first), task(2, **second)
    assert rank(one, NOW) < rank(other, NOW)
    assert ahead(one, other, NOW) == decides


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"agreed_at": NOW + HOUR}, Band.REST),
        ({"agreed_at": NOW + timedelta(minutes=10)}, Band.AGREED),
        ({"purpose": "reply", "due_at": NOW + 3 * HOUR}, Band.REST),
        ({"purpose": "escalate", "due_at": NOW}, Band.LATE),
        ({"purpose": "reply", "due_at": NOW + DAY, "moment_at": NOW}, Band.MOMENT),
    ],
)
def test_what_somebody_waits_for_is_near_before_it_is_urgent(told: dict[str, Any], place: Band):
    assert band(task(**told), NOW) is place


def test_every_place_says_why():
    reasons = why(task(purpose="reply", due_at=NOW, tier=1, score=57.4, moment_at=NOW), NOW)
    assert [one.what for one in reasons] == ["promise", "tier", "score", "opened"]
    assert [one.what for one in why(task(), NOW)] == ["opened"]


# ---------------------------------------------------------------- the same in SQL


LENGTHS = (3, 6, 12, 25, 42, 60)  # of pages: the last lines are of every band


@pytest.fixture
def database(migrated_url: str) -> Iterator[Database]:
    made = Database(migrated_url)
    yield made
    made.dispose()


def test_the_store_sorts_by_the_same_rule(database: Database):
    """Random desks, whatever their rows say: SQL and the rule agree to the last task."""
    draw = Random(20260303)
    with database.writing() as session:
        dana = cast.user(session, "dana", "sales").id or 0
        moments = [_company(session, draw) for _ in range(12)]
        for number in range(120):
            _open(session, draw, draw.choice(list(moments)), dana, number)
    with database.reading() as session:
        found = queues.of_user(session, dana, "sales", NOW, 1_000)
        pages = [queues.of_user(session, dana, "sales", NOW, most) for most in LENGTHS]
        team = [queues.everybodys(session, NOW, most) for most in (1_000, *LENGTHS)]
        left = queues.left(session, dana, "sales", NOW)
    assert found == sorted(found, key=lambda one: rank(one.standing, NOW))
    assert pages == [found[:most] for most in LENGTHS]
    assert team[0] == sorted(team[0], key=lambda one: rank(one.standing, NOW))
    assert team == [team[0][:most] for most in (1_000, *LENGTHS)]
    assert {band(one[-1].standing, NOW) for one in pages} == set(Band)
    assert left.now == len(found)
    assert left.now + left.later < 120  # Max's are not Dana's
    assert left.later
    assert left.next_at
    assert left.next_at > NOW


def _company(session: Session, draw: Random) -> Account:
    tier, score = draw.choice([0, 1, 2, 3]), float(draw.choice([0, 0, 10, 55]))
    row = cast.company(session, f"Company {draw.random()}", tier=tier, engagement=score)
    for kind in draw.sample(["visit", "form.demo", "touch.sent", "formal"], 2):
        at = NOW - timedelta(hours=draw.choice([1, 30, 47, 49, 300]))
        log.write(session, [log.entry(kind, at=at, account_id=row.id)])
    return row


def _open(session: Session, draw: Random, account: Account, dana: int, number: int) -> None:
    def soon() -> datetime | None:
        return draw.choice([None, NOW + timedelta(hours=draw.randint(-50, 50))])

    later = draw.choice([None, soon()])
    team, whose = draw.choice([("sales", dana), ("sales", None), ("marketing", None)])
    session.add(
        Task(
            account_id=draw.choice([account.id, account.id, None]),
            kind=draw.choice(["call", "hand_off"]),
            purpose=draw.choice(["step", "reply", "escalate"]), team=team, assignee_id=whose,
            title=f"Task {number}", opened_at=NOW - timedelta(hours=draw.randint(0, 5)),
            due_at=soon(), later_at=later, agreed_at=draw.choice([None, later]),
        )
    )  # fmt: skip
