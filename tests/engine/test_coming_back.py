"""`recycle`: who comes back is asked what everybody is asked, and the log tells who does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from accounts.records import Suppression
from orchestrator.calendar import parse_span
from orchestrator.engine.plays import holding
from orchestrator.engine.plays.inviting import enroll_invited
from orchestrator.engine.review import merging
from orchestrator.records import Invitation
from orchestrator.store.running import inviting
from orchestrator.terms import Recycle
from tests.engine.world import DAY, World
from tests.planner import plans as forms
from tests.support import cast
from tests.support.cast import NOW

AGAIN = Recycle(parse_span("90d"))
BEFORE = timedelta(hours=2)  # in summer time by then


@pytest.fixture
def acme(sqlite_world: World) -> int:
    """A company that went through a play of one day, which comes back after 90."""
    return went_through(sqlite_world)


def went_through(world: World) -> int:
    world.book("play", waits(), recycle=AGAIN)
    [acme] = world.companies("Acme", domain="acme.com")
    world.enroll("play", [acme])
    world.tick()
    world.clock.set(NOW + DAY)
    world.tick()
    return acme


def waits() -> object:
    return forms.step(
        "sign", "wait_for", after=(), until="any.happened('visit')", at_most="1d", always=True
    )


def again(world: World) -> None:
    world.clock.set(NOW + 91 * DAY)
    world.tick()


def test_a_new_enrollment_begins_on_its_day_and_not_before(world: World):
    acme = went_through(world)
    first = world.play(acme)
    assert (first.status, first.outcome) == ("ended", "completed")
    assert first.reason == "it comes back on 2026-06-02"
    world.clock.set(NOW + 91 * DAY - BEFORE)
    assert "enroll" not in world.due()
    world.clock.set(NOW + 91 * DAY)
    assert "enroll" in world.due()
    world.tick()
    second = world.play(acme)
    assert (second.id != first.id, second.status, second.round) == (True, "active", 2)
    assert "enrolled in Play, round 2; starts with the next tick" in world.log(acme)
    assert "enroll" not in world.due()


def test_the_version_is_the_newest_then(sqlite_world: World, acme: int):
    first = sqlite_world.play(acme).version_id
    sqlite_world.book("play", waits(), recycle=AGAIN, priority=3)
    again(sqlite_world)
    assert sqlite_world.play(acme).version_id != first
    assert sqlite_world.play(acme).priority == 3


def test_who_must_not_be_enrolled_any_more_is_told_why(sqlite_world: World, acme: int):
    rule = Suppression(scope="domain", value="acme.com", reason="legal", source="us", at=NOW)
    sqlite_world.write(lambda session: session.add(rule))
    again(sqlite_world)
    assert sqlite_world.log(acme, "not_enrolled") == [
        "not enrolled in Play, round 2: nobody at acme.com is to be contacted: legal"
    ]
    assert sqlite_world.play(acme).round == 1


def test_a_version_that_asks_for_signed_accounts_asks_for_them_here_too(
    sqlite_world: World, acme: int
):
    sqlite_world.book("play", waits(), recycle=AGAIN, unsigned=False)
    again(sqlite_world)
    [told] = sqlite_world.log(acme, "not_enrolled")
    assert told.startswith("not enrolled in Play, round 2: ")


def test_who_was_enrolled_by_hand_meanwhile_is_not_enrolled_twice(sqlite_world: World, acme: int):
    sqlite_world.clock.set(NOW + 90 * DAY + DAY / 2)
    sqlite_world.enroll("play", [acme])
    sqlite_world.tick()
    again(sqlite_world)
    assert sqlite_world.log(acme, "not_enrolled") == [
        "not enrolled in Play, round 2: enrolled already since 2026-06-01: active"
    ]


def test_another_play_keeps_it_waiting(sqlite_world: World, acme: int):
    sqlite_world.book("other")
    sqlite_world.enroll("other", [acme])
    sqlite_world.tick()
    again(sqlite_world)
    play = sqlite_world.play(acme)
    assert (play.status, play.reason) == ("waiting", "another play drives the account: Other")


def test_a_stop_by_hand_is_for_good(sqlite_world: World, acme: int):
    what = holding.target(sqlite_world.ctx, "account", "Acme")
    holding.stop(sqlite_world.ctx, what)
    again(sqlite_world)
    assert sqlite_world.play(acme).round == 1


def test_what_was_merged_meanwhile_comes_back_as_what_it_is_now(sqlite_world: World, acme: int):
    [bolt] = sqlite_world.companies("Bolt")
    with sqlite_world.db.writing() as session:
        cast.user(session, "mona", "marketing")
    merging.merge(sqlite_world.ctx, bolt, [acme], "mona")
    again(sqlite_world)
    assert sqlite_world.play(bolt).round == 2


def test_batches_leave_nobody_out_and_ask_nobody_twice(sqlite_world: World):
    sqlite_world.book("play", recycle=AGAIN)
    ids = sqlite_world.companies("Acme", "Bolt", "Cato")
    rows = [
        {"account_id": id_, "playbook": "play", "due_at": NOW, "because": "x", "round": 2}
        for id_ in (*ids, ids[0])
    ]
    sqlite_world.write(lambda session: inviting.invite(session, rows))
    found = [enroll_invited(sqlite_world.ctx, NOW, limit=2) for _ in range(3)]
    assert found == [(2, True), (1, True), (0, False)]
    with sqlite_world.db.reading() as session:
        assert session.exec(select(Invitation)).all() == []
