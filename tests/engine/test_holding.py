"""Pause, resume and stop bind at once, whoever is in the middle of something."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import col, select

from accounts.errors import AbmError
from accounts.records import Account
from orchestrator.calendar import parse_span
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding
from orchestrator.engine.plays.enrolling import activate
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.records import Playbook, Stop
from orchestrator.terms import Cap, RawEvent, StopRule
from tests.engine.switches import INSIGHT, LATER, RING, SWITCHES, planned, switch
from tests.engine.world import DAY, Probe, World
from tests.planner import plans
from tests.support.cast import NOW


def at(point: str, act) -> Probe:
    """Act when the engine comes to a point for the first time."""
    left = [act]

    def probe(reached: str) -> None:
        if reached == point and left:
            left.pop()()

    return probe


# ---------------------------------------------------------------- pause


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_letter_on_its_way_out_stays_when_the_pause_comes_first(world: World, kind: str):
    acme = planned(world)
    target = switch(world, kind)

    def pause() -> None:
        holding.pause(world.ctx, target, by="dana", reason="the figures are wrong")

    done = deliver(world.context(at("after_offer", pause)))
    assert done.counts == {"held": 1}
    [touch] = world.touches()
    assert (touch.status, touch.reason) == ("ready", "the figures are wrong (dana)")
    assert world.play(acme).status == "paused"
    [line] = world.log(acme, "paused")
    assert line.endswith("paused: the figures are wrong (dana)")
    world.tick()
    assert world.touches() == [touch]

    holding.resume(world.ctx, target, by="dana")
    assert world.touches()[0].due_at == NOW  # asked again at once, not in an hour
    world.tick()
    assert world.touches()[0].status == "sent"
    assert world.log(acme, "resumed")[0].endswith("goes on: resumed by hand (dana)")


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_letter_waits_for_the_resume_and_is_not_asked_again_before(world: World, kind: str):
    planned(world)
    target = switch(world, kind)
    holding.pause(world.ctx, target, reason="the figures are wrong")
    assert deliver(world.ctx).counts == {"held": 1}
    for _ in range(3):
        world.clock.advance(30 * DAY)
        assert "deliver" not in world.due()
    assert ticking.next_due(world.ctx) is None  # nothing but a person moves it
    holding.resume(world.ctx, target)
    world.tick("deliver")
    assert [one.status for one in world.touches()] == ["sent"]


def test_a_letter_that_grows_stale_in_a_pause_is_dropped_on_its_day(world: World):
    stale = replace(INSIGHT, max_lateness=parse_span("2d"))
    acme = planned(world, stale, RING)
    holding.pause(world.ctx, switch(world, "play"))
    assert deliver(world.ctx).counts == {"held": 1}
    assert ticking.next_due(world.ctx) == NOW + 2 * DAY
    world.clock.advance(2 * DAY)
    world.tick("deliver")
    assert [one.status for one in world.touches()] == ["cancelled"]
    assert world.log(acme, "touch.cancelled") == [
        "insight: not sent, too late: it would have been stale"
    ]


@pytest.mark.parametrize("point", ["after_claim", "after_offer", "in_intent", "after_intent"])
def test_a_resume_at_the_very_moment_in_which_a_letter_is_held_loses_it_not(
    world: World, point: str
):
    planned(world)
    target, others = switch(world, "playbook"), ThreadPoolExecutor(1)
    holding.pause(world.ctx, target)
    resumed = list[Future[object]]()

    def resume() -> None:
        resumed.append(others.submit(holding.resume, world.context(), target))
        if point != "in_intent":  # there it waits for the transaction that holds the letter
            resumed[0].result()

    deliver(world.context(at(point, resume)))
    assert resumed or point == "after_intent"  # nothing was granted, so nothing came that far
    holding.resume(world.ctx, target)
    others.shutdown()
    world.tick("deliver")
    assert [one.status for one in world.touches()] == ["sent"]


def test_whoever_pauses_resumes_and_delivers_at_once_strands_no_letter(world: World):
    world.book("play", INSIGHT)
    world.enroll("play", world.companies(*(f"C{n}" for n in range(12))))
    world.tick("advance")
    target, turns = switch(world, "playbook"), 12

    def turn_switches(ctx: Context) -> None:
        for _ in range(turns):
            holding.pause(ctx, target)
            holding.resume(ctx, target)

    def send(ctx: Context) -> None:
        for _ in range(turns):
            deliver(ctx, limit=2)

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(act, world.context()) for act in (turn_switches, send, send)]
    assert [one.result() for one in done] == [None] * 3
    world.tick("deliver")
    assert Counter(one.status for one in world.touches()) == {"sent": 12}


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_decision_in_the_making_is_lost_to_the_pause(world: World, kind: str):
    acme = planned(world, INSIGHT, LATER)
    world.tick("deliver")
    world.clock.advance(4 * DAY)
    target = switch(world, kind)

    def pause() -> None:
        holding.pause(world.ctx, target)

    done = advance(world.context(at("before_write", pause)))
    assert (done.decided, done.lost) == (0, 1)
    assert world.tasks() == []
    assert world.play(acme).status == "paused"
    assert "advance" not in world.due()
    holding.resume(world.ctx, target)
    world.tick("advance")
    assert [task.step for task in world.tasks()] == ["later"]


def test_tasks_stay_workable_in_a_pause(sqlite_world: World):
    planned(sqlite_world)
    holding.pause(sqlite_world.ctx, switch(sqlite_world, "account"))
    assert [(task.step, task.status) for task in sqlite_world.tasks()] == [("ring", "open")]


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_pause_with_a_date_ends_by_itself_and_not_before(world: World, kind: str):
    acme = planned(world)
    until = NOW + 6 * DAY
    holding.pause(world.ctx, switch(world, kind), reason="their fair", until=until)
    assert world.play(acme).next_due_at == until
    world.clock.advance(6 * DAY - timedelta(seconds=1))
    assert not {"resume", "activate", "advance"} & world.due()
    world.clock.advance(timedelta(seconds=1))
    assert "resume" in world.due()
    world.tick()
    assert world.touches()[0].status == "sent"
    assert world.log(acme, "resumed") == ["Play goes on: the pause is over"]
    assert "resume" not in world.due()
    with world.db.reading() as session:
        account, book = session.get_one(Account, acme), session.get_one(Playbook, "play")
    assert (account.paused_until, account.pause_reason) == (None, "")
    assert (book.paused_at, book.paused_until, book.pause_reason) == (None, None, "")


@pytest.mark.parametrize("order", list(permutations(SWITCHES)))
def test_a_play_goes_on_only_when_nothing_holds_it_any_more(sqlite_world: World, order):
    world = sqlite_world
    acme = planned(world)
    for kind in SWITCHES:
        holding.pause(world.ctx, switch(world, kind), reason=f"held by {kind}")
    for left, kind in zip((2, 1, 0), order, strict=True):
        assert world.play(acme).status == "paused"
        assert world.play(acme).reason == max(
            (f"held by {one}" for one in order[2 - left :]), key=_strength
        )
        holding.resume(world.ctx, switch(world, kind))
        world.tick("advance")
    play = world.play(acme)
    assert (play.status, play.hold, play.reason) == ("active", "", "")


def _strength(reason: str) -> int:
    return ("account", "playbook", "play").index(reason.rpartition(" ")[2])


def test_the_day_of_one_pause_does_not_end_another(sqlite_world: World):
    world = sqlite_world
    acme = planned(world)
    holding.pause(world.ctx, switch(world, "account"), until=NOW + DAY)
    holding.pause(world.ctx, switch(world, "playbook"), reason="the page is down")
    world.clock.advance(2 * DAY)
    world.tick("advance")
    assert world.play(acme).reason == "the page is down"
    assert "resume" not in world.due()
    holding.resume(world.ctx, switch(world, "playbook"))
    assert world.play(acme).status == "active"


def test_not_now_during_a_pause_by_hand_leaves_the_pause(sqlite_world: World):
    world = sqlite_world
    acme = planned(world)
    holding.pause(world.ctx, switch(world, "account"), reason="the board decides")
    said = {"email": "ann.archer@acme.example"}
    receive(world.ctx, [RawEvent("mail", "1", "reply.not_now", NOW, said)])
    holding.stop(world.ctx, switch(world, "play"))
    world.clock.advance(200 * DAY)
    world.tick("advance")
    world.book("other")
    world.enroll("other", [acme])
    world.tick("advance")
    assert world.play(acme).status == "ended"
    waits = world.play(acme, "other")
    assert (waits.status, waits.reason) == ("waiting", "the account rests: the board decides")


def test_not_now_during_a_pause_with_a_date_leaves_that_date_and_rests_after_it(
    sqlite_world: World,
):
    world = sqlite_world
    acme = planned(world)
    holding.pause(world.ctx, switch(world, "play"), reason="their fair", until=NOW + 3 * DAY)
    said = {"email": "ann.archer@acme.example", "until": NOW + 9 * DAY}
    receive(world.ctx, [RawEvent("mail", "1", "reply.not_now", NOW, said)])
    play = world.play(acme)
    assert (play.hold, play.reason, play.next_due_at) == ("play", "their fair", NOW + 3 * DAY)
    holding.resume(world.ctx, switch(world, "account"))
    assert world.play(acme).status == "paused"
    world.clock.advance(3 * DAY)
    world.tick("advance")
    assert world.play(acme).status == "active"


def test_a_rest_that_an_answer_asked_for_ends_by_hand_as_well(world: World):
    acme = planned(world, INSIGHT, RING, LATER)
    world.tick("deliver")
    said = {"email": "ann.archer@acme.example"}
    receive(world.ctx, [RawEvent("mail", "1", "reply.not_now", NOW, said)])
    assert world.play(acme).status == "paused"
    assert str(holding.resume(world.ctx, switch(world, "account"))) == "Acme: 1 of 1 plays resumed"
    assert world.play(acme).status == "active"


def test_what_fell_due_in_a_pause_leaves_spaced_by_the_caps_and_not_bunched(sqlite_world: World):
    world = sqlite_world
    more = plans.step("more", "email", "champion", variants=("insight",), after=(), wait="2h",
                      always=True)  # fmt: skip
    world.book("play", INSIGHT, more, caps=(Cap("contact", 1, parse_span("1d")),))
    [acme] = world.companies("Acme")
    world.enroll("play", [acme])
    world.tick("advance")
    holding.pause(world.ctx, switch(world, "account"))
    world.clock.advance(6 * DAY)
    holding.resume(world.ctx, switch(world, "account"))
    world.tick("advance", "deliver", "advance", "deliver")
    world.clock.advance(timedelta(hours=2))
    world.tick("advance", "deliver")
    assert [(one.status, one.reason) for one in world.touches()] == [
        ("sent", ""),
        ("ready", "the contact was reached once in 1 day"),
    ]
    world.clock.advance(DAY)
    world.tick("advance", "deliver")
    assert [one.status for one in world.touches()] == ["sent", "sent"]


def test_whoever_pauses_again_moves_the_date(sqlite_world: World):
    world = sqlite_world
    acme = planned(world)
    for days in (9, 3):
        holding.pause(world.ctx, switch(world, "account"), until=NOW + days * DAY)
    assert world.play(acme).next_due_at == NOW + 3 * DAY


def test_many_plays_go_on_batch_by_batch(sqlite_world: World):
    world = sqlite_world
    world.book()
    world.enroll("play", world.companies(*(f"Company {n}" for n in range(7))))
    world.tick("advance")
    target = holding.target(world.ctx, "playbook", "play")
    holding.pause(world.ctx, target, until=NOW + DAY)
    world.clock.advance(DAY)
    more, passes = True, []
    while more:
        number, more = holding.wake(world.ctx, world.clock.now(), limit=3)
        passes.append(number)
    assert passes == [3, 3, 1]
    assert set(world.statuses().values()) == {"active"}


# ---------------------------------------------------------------- stop


@pytest.mark.parametrize("kind", SWITCHES)
def test_a_stop_keeps_the_letter_in_and_ends_the_play_with_its_reason(
    sqlite_world: World, kind: str
):
    world = sqlite_world
    acme = planned(world)
    target = switch(world, kind)

    def stop() -> None:
        holding.stop(world.ctx, target, by="dana", reason="they went to a rival")

    assert deliver(world.context(at("after_offer", stop))).counts == {"cancelled": 1}
    world.tick("react")
    play = world.play(acme)
    why = "they went to a rival (dana)"
    assert (play.status, play.outcome, play.reason) == ("ended", "stopped", why)
    assert [(task.status, task.reason) for task in world.tasks()] == [("cancelled", why)]
    assert world.touches()[0].status == "cancelled"
    assert world.log(acme, "stopped")[0].endswith(f"stopped: {why}")


def test_a_paused_play_can_be_stopped(world: World):
    acme = planned(world)
    for kind in SWITCHES:
        holding.pause(world.ctx, switch(world, kind))
    holding.stop(world.ctx, switch(world, "playbook"))
    world.tick()
    assert world.play(acme).status == "ended"
    assert [one.status for one in world.touches()] == ["cancelled"]


def test_what_waits_is_stopped_before_it_begins(world: World):
    world.book(pace=1)
    acme, globex = world.companies("Acme", "Globex")
    world.enroll("play", [acme, globex])
    activate(world.ctx, NOW)
    done = holding.stop(world.ctx, holding.target(world.ctx, "playbook", "play"), reason="old")
    assert (done.plays, done.of) == (2, 2)
    assert world.play(globex).status == "ended"
    assert world.play(globex).outcome == "stopped"
    assert world.enroll("play", [globex]).accounts == (globex,)


def test_a_stop_by_hand_ends_what_an_earlier_one_kept(sqlite_world: World):
    world = sqlite_world
    ads = plans.step("air", "ads", after=(), lasts="30d", always=True)
    world.book("play", ads, RING, stops=(StopRule("meeting_booked", keep=frozenset({"ads"})),))
    [acme] = world.companies("Acme")
    world.enroll("play", [acme])
    world.tick("advance")
    said = {"email": "ann.archer@acme.example"}
    receive(world.ctx, [RawEvent("crm", "1", "meeting_booked", NOW, said)])
    world.tick("react")
    assert world.play(acme).status == "active"  # the ads go on
    holding.stop(world.ctx, holding.target(world.ctx, "account", "Acme"))
    world.tick("react")
    assert world.play(acme).status == "ended"
    with world.db.reading() as session:
        standing = session.exec(select(Stop).where(col(Stop.lifted_at).is_(None))).all()
    assert [one.reason for one in standing] == ["stopped by hand"]


def test_a_stop_of_one_account_leaves_the_others(sqlite_world: World):
    world = sqlite_world
    planned(world)
    world.enroll("play", world.companies("Globex"))
    world.tick("advance")
    holding.stop(world.ctx, holding.target(world.ctx, "account", "Acme"))
    world.tick()
    assert world.statuses() == {"Acme": "ended", "Globex": "active"}


# ---------------------------------------------------------------- what cannot be


@pytest.mark.parametrize(
    ("asked", "reason", "hint"),
    [
        (("playbook", "plya", ""), "no playbook 'plya'", "did you mean 'play'?"),
        (("account", "Acne", ""), "no account 'Acne'", "did you mean Acme?"),
        (("account", "Acme", "plya"), "no playbook 'plya'", "did you mean 'play'?"),
    ],
)
def test_an_unknown_name_names_the_nearest(sqlite_world: World, asked, reason: str, hint: str):
    planned(sqlite_world)
    with pytest.raises(AbmError, match=reason) as error:
        holding.target(sqlite_world.ctx, *asked)
    assert error.value.hint == hint


def test_a_date_that_has_passed_pauses_nothing(sqlite_world: World):
    acme = planned(sqlite_world)
    with pytest.raises(AbmError, match="has passed"):
        holding.pause(sqlite_world.ctx, switch(sqlite_world, "account"), until=NOW)
    assert sqlite_world.play(acme).status == "active"


def test_an_account_does_not_run_a_play_that_it_is_not_in(sqlite_world: World):
    planned(sqlite_world)
    sqlite_world.companies("Globex")
    other = holding.target(sqlite_world.ctx, "account", "Globex", "play")
    with pytest.raises(AbmError, match="Globex, Play does not run"):
        holding.pause(sqlite_world.ctx, other)


def test_resuming_what_was_not_paused_changes_nothing(sqlite_world: World):
    acme = planned(sqlite_world)
    before = sqlite_world.play(acme)
    for kind in SWITCHES:
        assert holding.resume(sqlite_world.ctx, switch(sqlite_world, kind)).plays == 0
    assert sqlite_world.play(acme) == before
