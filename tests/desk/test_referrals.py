"""Somebody names a colleague: the task has the address, the log has only the name."""

from __future__ import annotations

from typing import Any

from accounts.records import Account
from orchestrator.engine.tasks import desk as use
from orchestrator.planner.apply import apply
from orchestrator.records import Task
from orchestrator.terms import Event, Scene
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk


def words(referral: str) -> tuple[str, str]:
    event = Event("reply.referral", NOW, 1, referral=referral)
    effects = apply(event, Scene("Acme", "Ann Archer"))
    return effects.text, effects.tasks[0].title


def test_the_log_and_the_title_name_the_colleague_without_the_address():
    for text in words("Robin Sand robin.sand@acme.example"):
        assert "Robin Sand" in text
        assert "@" not in text


def test_an_address_alone_is_a_colleague():
    for text in words("robin.sand@acme.example"):
        assert "a colleague" in text


def body_of(desk: Desk, referral: str) -> str:
    """What the rep is told who is to add the person."""
    use.done(desk.ctx, desk.task(), desk.dana, "referral", referral=referral)
    task: Task
    (task,) = [one for one in desk.all(Task) if one.purpose == "add_person"]
    return task.body


def test_a_colleague_whom_we_know_is_pointed_out(desk: Desk):
    person(desk, "William Sand", title="CFO", email="w.sand@acme.example")
    told = body_of(desk, "Bill Sand")
    assert "William Sand (CFO" in told
    assert "Bill is short for William" in told
    assert "@" not in told


def test_an_address_of_ours_is_known_whatever_its_name(desk: Desk):
    person(desk, "Robin Sand", email="robin.sand@acme.example", left_at=NOW)
    told = body_of(desk, "robin.sand@ACME.example")
    assert "known here: Robin Sand (" in told
    assert "has left" in told


def test_whoever_we_do_not_know_is_only_named(desk: Desk):
    assert body_of(desk, "Robin Sand robin.sand@acme.example") == (
        "Robin Sand robin.sand@acme.example"
    )


def person(desk: Desk, name: str, **more: Any) -> None:
    with desk.ctx.db.writing() as session:
        cast.person(session, session.get_one(Account, desk.acme), name, **more)
