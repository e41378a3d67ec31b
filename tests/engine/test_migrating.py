"""Running plays move to another version: previewed, whole, and with nothing done twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from accounts.errors import AbmError
from orchestrator.engine.plays import migrating
from orchestrator.engine.plays.migrating import Migrated
from orchestrator.engine.running.advancing import advance
from orchestrator.planner.moving import PASSED
from orchestrator.records import PlaybookVersion, SeatHolder, StepRun, Touch
from orchestrator.terms import Step, message_key
from tests.engine.world import DAY, World
from tests.planner.plans import step

HELLO = step("hello", "email", "champion", variants=("insight",), always=True)
RING = step("ring", "call", "champion", after=("hello",), wait="2d", always=True)
LAST = step("last", "todo", after=("ring",), wait="3d", always=True)
NUDGE = step("nudge", "todo", after=("hello",), always=True)
V1 = (HELLO, RING, LAST)


def under_way(world: World, *names: str) -> list[int]:
    """Accounts in version 1 whose mail has left and whose call is to come."""
    world.book("play", *V1)
    ids = world.companies(*(names or ("Kelso",)))
    world.enroll("play", ids)
    world.tick()
    world.tick("advance")
    assert [one.status for one in world.touches()] == ["sent"] * len(ids)
    return ids


def move(world: World, **options: Any) -> Migrated:
    return migrating.migrate(world.ctx, "play", **({"dry_run": False} | options))


def fates(done: Migrated) -> dict[str, str]:
    return {one.step: " ".join(one.plays) for one in done.steps}


def runs(world: World) -> dict[str, StepRun]:
    with world.db.reading() as session:
        return {one.step: one for one in session.exec(select(StepRun))}


def test_a_preview_tells_what_becomes_of_each_step_and_writes_nothing(world: World) -> None:
    [kelso] = under_way(world)
    before = world.play(kelso)
    world.book("play", HELLO, NUDGE, replace(RING, wait=step("x", "todo", wait="1d").wait))
    done = move(world, dry_run=True)
    assert (done.number, done.accounts, done.stay) == (2, (kelso,), ())
    assert fates(done) == {"hello": "done", "nudge": "ahead", "ring": "ahead", "last": "gone"}
    assert world.play(kelso) == before
    assert "moved" not in " ".join(world.log(kelso))


def test_what_is_done_stays_done_under_its_new_name_and_its_old_key(world: World) -> None:
    [kelso] = under_way(world)
    renamed = replace(HELLO, id="greeting", was="hello", variants=())
    world.book("play", renamed, replace(RING, after=replace(RING.after, steps=("greeting",))))
    move(world, by="")
    world.clock.advance(2 * DAY)
    world.tick()
    [touch] = world.touches()
    play = world.play(kelso)
    assert (touch.step, touch.key) == ("greeting", message_key(play.id or 0, "hello", "1", 1))
    assert [one.step for one in world.tasks()] == ["ring"]
    assert world.log(kelso, "moved") == ["Play goes on in version 2"]
    with world.db.reading() as session:
        pinned = session.get_one(PlaybookVersion, play.version_id)
        assert (pinned.number, pinned.base_id is None) == (2, False)


def test_an_open_step_finishes_under_its_old_definition(world: World) -> None:
    [kelso] = under_way(world)
    world.clock.advance(2 * DAY)
    world.tick()
    [call] = world.tasks()
    world.book("play", HELLO, replace(RING, text="Ask otherwise", overdue=("skip",), due=None))
    assert fates(move(world))["ring"] == "open"
    world.clock.advance(30 * DAY)  # by the new definition it would never be overdue
    world.tick()
    [call, *escalated] = world.tasks()
    assert call.status == "open"
    assert call.ended_at, "passed over by the old chain"
    assert [one.purpose for one in escalated] == ["escalate"]
    assert world.play(kelso).status == "ended"


def test_an_open_step_that_is_no_more_keeps_the_play_where_it_is(world: World) -> None:
    [kelso] = under_way(world)
    world.clock.advance(2 * DAY)
    world.tick()
    world.book("play", HELLO, replace(LAST, id="talk", after=replace(LAST.after, steps=("hello",))))
    done = move(world)
    assert not done.accounts
    assert done.stay[0].reason == "ring is open, and is no step of the new version"
    assert move(world, names={"ring": "talk"}).accounts == (kelso,)
    assert [one.step for one in world.tasks()] == ["talk"]


def test_a_new_step_that_the_account_is_past_is_skipped_and_says_so(world: World) -> None:
    [kelso] = under_way(world)
    world.clock.advance(2 * DAY)
    world.tick()  # the call is open
    first = step("first", "email", "champion", variants=("insight",), always=True)
    hello = replace(HELLO, after=replace(HELLO.after, steps=("first",)))
    world.book("play", first, hello, RING, LAST)
    assert fates(move(world))["first"] == "passed"
    world.tick()
    assert len(world.touches()) == 1
    assert runs(world)["first"].reason == PASSED
    assert world.log(kelso, "moved")[0].endswith("; already past the new first")


def test_what_is_due_earlier_now_is_due_at_the_move_and_not_late(world: World) -> None:
    [kelso] = under_way(world)
    world.clock.advance(1.5 * DAY)
    soon = step("x", "todo", wait="1h", max_lateness="2h")
    world.book("play", HELLO, replace(RING, wait=soon.wait, max_lateness=soon.max_lateness), LAST)
    move(world)
    world.tick()
    [call] = world.tasks()
    assert (call.status, call.opened_at) == ("open", world.clock.now())
    assert world.play(kelso).moved_at == world.clock.now()


def test_all_plays_of_one_standing_share_a_version(world: World) -> None:
    ids = under_way(world, "Kelso", "Harrow", "Wexford")
    world.book("play", HELLO, NUDGE, RING, LAST)
    assert set(move(world).accounts) == set(ids)
    assert len({world.play(id_).version_id for id_ in ids}) == 1
    assert move(world).accounts == ()  # asking again changes nothing
    world.book("play", HELLO, NUDGE, RING)
    assert set(move(world, source=1).accounts) == set()
    assert set(move(world, source=2, accounts=[ids[0]]).accounts) == {ids[0]}


def test_who_waits_moves_with_nothing_begun(world: World) -> None:
    world.book("play", *V1, pace=1)
    ids = world.companies("Kelso", "Harrow")
    world.enroll("play", ids)
    world.tick()
    waiting = next(id_ for id_ in ids if world.play(id_).status == "waiting")
    world.book("play", NUDGE_ONLY, priority=7)
    done = move(world, accounts=[waiting])
    assert done.accounts == (waiting,)
    play = world.play(waiting)
    assert (play.status, play.priority) == ("waiting", 7)
    with world.db.reading() as session:
        assert session.get_one(PlaybookVersion, play.version_id).base_id is None


NUDGE_ONLY: Step = replace(NUDGE, after=replace(NUDGE.after, steps=()))


def test_a_seat_goes_by_its_new_name(world: World) -> None:
    under_way(world)
    seats = {"friend": replace(V1_SEATS["champion"], name="friend")}
    renamed = [
        replace(one, reach=replace(one.reach, seats=("friend",))) if one.reach.seats else one
        for one in V1
    ]
    world.book("play", *renamed, seats=seats)
    move(world)
    world.clock.advance(2 * DAY)
    world.tick()
    with world.db.reading() as session:
        [holder] = session.exec(select(SeatHolder)).all()
    assert holder.seat == "friend"
    assert [(one.step, one.contact_id) for one in world.tasks()] == [("ring", holder.contact_id)]


V1_SEATS = {one.name: one for one in World.book.__globals__["forms"].SEATS.values()}


def test_a_claim_from_before_the_move_is_void(world: World) -> None:
    [kelso] = under_way(world)
    world.clock.advance(2 * DAY)
    world.book("play", HELLO, replace(RING, id="phone", was="ring"))

    def probe(point: str) -> None:
        if point == "after_claim":
            move(world)

    assert advance(world.context(probe=probe)).lost == 1
    world.tick()
    assert [one.step for one in world.tasks()] == ["phone"]
    assert world.play(kelso).status == "active"


def test_a_letter_in_somebodys_hands_leaves_once_under_its_new_name(world: World) -> None:
    world.book("play", *V1)
    [kelso] = world.companies("Kelso")
    world.enroll("play", [kelso])
    world.tick("advance")
    world.write(lambda session: session.exec(select(Touch)).one().__setattr__("status", "claimed"))
    world.book("play", replace(HELLO, id="greeting", was="hello"))
    assert move(world).accounts == (kelso,)
    [touch] = world.touches()
    assert (touch.step, touch.status, touch.fence) == ("greeting", "ready", 1)
    world.tick()
    [touch] = world.touches()
    assert touch.status == "sent"


def test_a_letter_that_is_leaving_keeps_its_play_where_it_is(world: World) -> None:
    world.book("play", *V1)
    world.enroll("play", world.companies("Kelso"))
    world.tick("advance")

    def leave(session: Any) -> None:
        touch = session.exec(select(Touch)).one()
        touch.status, touch.owner = "sending", "somebody"

    world.write(leave)
    world.book("play", replace(HELLO, id="greeting", was="hello"))
    assert move(world).stay[0].reason.startswith("a message is leaving right now")


def test_a_move_that_dies_has_moved_nobody(world: World) -> None:
    [kelso] = under_way(world)
    world.book("play", replace(HELLO, id="greeting", was="hello"), NUDGE_ONLY)
    before = world.play(kelso)

    def die(point: str) -> None:
        if point == "in_migrate":
            raise RuntimeError(point)

    with pytest.raises(RuntimeError):
        migrating.migrate(world.context(probe=die), "play", dry_run=False)
    assert world.play(kelso) == before
    assert set(runs(world)) == {"hello", "ring"}


def test_two_names_may_be_exchanged_only_where_nothing_was_said_under_them(world: World) -> None:
    under_way(world)
    other = replace(NUDGE, id="hello", after=replace(NUDGE.after, steps=()))
    world.book("play", other, replace(HELLO, id="ring"), LAST)
    with pytest.raises(AbmError, match="another step has its name"):
        move(world, names={"hello": "ring"})
    done = move(world, names={"hello": "ring", "ring": "hello"})
    assert done.stay[0].reason == "hello and ring would both go by the id hello"


def test_bad_names_are_told(world: World) -> None:
    under_way(world)
    world.book("play", HELLO, NUDGE)
    with pytest.raises(AbmError, match="has a step 'hallo'"):
        move(world, names={"hallo": "hello"})
    with pytest.raises(AbmError, match="no step 'nudj'"):
        move(world, names={"ring": "nudj"})
    with pytest.raises(AbmError, match="cannot both be"):
        move(world, names={"ring": "nudge", "last": "nudge"})
    with pytest.raises(AbmError, match="no version 9"):
        move(world, to=9)
    with pytest.raises(AbmError, match="no playbook 'plan'"):
        migrating.migrate(world.ctx, "plan")
