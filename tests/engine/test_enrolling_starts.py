"""What waits starts in its turn: at the pace, by priority, one play for each account at a time."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from accounts.records import Account
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding, playbooks
from orchestrator.engine.plays.enrolling import activate
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.starting import start_batch
from orchestrator.records import Enrollment, Playbook
from orchestrator.terms import RawEvent
from tests.engine.world import DAY, WEEK, World
from tests.support import cast
from tests.support.cast import NOW


def rests(account_id: int, until: datetime | None, reason: str = "they asked for spring"):
    def change(session: Session) -> None:
        account = session.get_one(Account, account_id)
        account.paused_until, account.pause_reason = until, reason

    return change


# ---------------------------------------------------------------- pace


def test_a_play_without_a_pace_starts_for_everybody_at_the_next_tick(world: World):
    world.book()
    ids = world.companies("Acme", "Globex")
    assert "activate" not in world.due()
    world.enroll("play", ids)
    assert "activate" in world.due()
    assert activate(world.ctx, NOW) == 2
    assert world.started() == ["Acme", "Globex"]
    play = world.play(ids[0])
    assert (play.status, play.next_due_at, play.activated_at) == ("active", NOW, NOW)
    assert world.log(ids[0], "started") == ["Play starts"]
    assert "activate" not in world.due()


def test_the_pace_lets_so_many_start_in_a_rolling_week_and_tells_the_next_when(world: World):
    world.book(pace=2)
    ids = world.companies(*"ABCDE")
    world.enroll("play", ids)
    assert activate(world.ctx, NOW) == 2
    assert world.started() == ["A", "B"]
    assert [world.play(one).reason for one in ids[2:]] == [
        "pace: 2 accounts per week; next place on 2026-03-10",
        "pace: 2 accounts per week; next place on 2026-03-10",
        "pace: 2 accounts per week",
    ]
    world.clock.advance(WEEK - timedelta(minutes=1))
    assert "activate" not in world.due()
    assert activate(world.ctx, world.clock.now()) == 0
    world.clock.advance(timedelta(minutes=1))
    assert "activate" in world.due()
    assert activate(world.ctx, world.clock.now()) == 2
    assert world.started() == ["A", "B", "C", "D"]
    assert world.play(ids[4]).reason == "pace: 2 accounts per week; next place on 2026-03-17"


def test_each_place_is_free_again_a_week_after_its_own_start(sqlite_world: World):
    world = sqlite_world
    world.book(pace=2)
    first, second, third, fourth = world.companies(*"ABCD")
    world.enroll("play", [first])
    activate(world.ctx, NOW)
    world.clock.advance(3 * DAY)
    world.enroll("play", [second, third, fourth])
    activate(world.ctx, world.clock.now())
    assert "2026-03-10" in world.play(third).reason
    assert "2026-03-13" in world.play(fourth).reason
    world.clock.advance(4 * DAY)
    assert activate(world.ctx, world.clock.now()) == 1
    world.clock.advance(3 * DAY)
    assert activate(world.ctx, world.clock.now()) == 1


def test_who_ends_early_gives_no_place_back(sqlite_world: World):
    """The pace is about how many conversations we begin, not about how many go on."""
    world = sqlite_world
    world.book(pace=1)
    acme, globex = world.companies("Acme", "Globex")
    world.enroll("play", [acme, globex])
    activate(world.ctx, NOW)
    holding.stop(world.ctx, holding.Target("Acme", account_id=acme))
    world.tick("advance", "advance")
    assert world.statuses() == {"Acme": "ended", "Globex": "waiting"}


HELLO = """\
name: play
for: {signed: no}
pace: 1 accounts per week
committee: {champion: {role: champion}}
steps:
  - {id: ring, call: {to: champion}, overdue: [proceed]}
"""


def test_a_playbook_that_goes_faster_from_now_on_starts_more_at_once(sqlite_world: World):
    world = sqlite_world
    playbooks.apply(world.ctx, HELLO, "hello.yaml")
    world.enroll("play", world.companies(*"ABC"))
    activate(world.ctx, NOW)
    assert "activate" not in world.due()
    playbooks.apply(world.ctx, HELLO.replace("pace: 1", "pace: 2"), "hello.yaml")
    assert "activate" in world.due()
    assert activate(world.ctx, NOW) == 1
    assert world.started() == ["A", "B"]


# ---------------------------------------------------------------- order


def test_priority_then_waiting_since_then_the_account(world: World):
    world.book(pace=1, priority=1)
    old, same = world.companies("Old", "Same")
    world.enroll("play", [same, old])
    world.clock.advance(DAY)
    world.book("play", pace=1, priority=9)
    world.enroll("play", world.companies("Urgent"))
    world.book("play", pace=1, priority=1)
    world.enroll("play", world.companies("New"))
    order = []
    for _ in range(4):
        activate(world.ctx, world.clock.now())
        order += [name for name in world.started() if name not in order]
        world.clock.advance(WEEK)
    assert order == ["Urgent", "Old", "Same", "New"]


def test_the_higher_priority_drives_the_account_and_the_other_says_who(sqlite_world: World):
    world = sqlite_world
    world.book("nurture", priority=1)
    world.book("opener", priority=5)
    [acme] = world.companies("Acme")
    world.enroll("nurture", [acme])
    world.enroll("opener", [acme])
    assert activate(world.ctx, NOW) == 1
    assert world.play(acme, "opener").status == "active"
    waits = world.play(acme, "nurture")
    assert (waits.status, waits.reason) == (
        "waiting",
        "another play drives the account: Opener",
    )
    assert world.log(acme, "waiting") == ["Nurture waits: another play drives the account: Opener"]
    assert "activate" not in world.due()


def test_a_running_play_is_not_disturbed_by_a_higher_priority(sqlite_world: World):
    world = sqlite_world
    world.book("nurture", priority=1)
    world.book("opener", priority=5)
    [acme] = world.companies("Acme")
    world.enroll("nurture", [acme])
    activate(world.ctx, NOW)
    world.enroll("opener", [acme])
    assert activate(world.ctx, NOW) == 0
    assert world.play(acme, "opener").reason.endswith("Nurture")


def test_the_waiting_play_starts_at_the_tick_after_the_other_ended(world: World):
    world.book("nurture")
    world.book("opener", priority=5)
    [acme] = world.companies("Acme")
    for name in ("nurture", "opener"):
        world.enroll(name, [acme])
    world.tick("advance")
    holding.stop(world.ctx, holding.Target("Opener", playbook="opener"))
    world.tick("advance")
    assert world.play(acme, "opener").status == "ended"
    assert "activate" in world.due()
    world.tick("advance")
    assert world.play(acme, "nurture").status == "active"
    assert world.log(acme, "started") == ["Opener starts", "Nurture starts"]


def test_an_end_that_is_not_yet_stored_does_not_strand_who_waits(world: World):
    """Enrolled in the very moment in which the live play's end is being written."""
    world.book("nurture")
    world.book("opener")
    [acme] = world.companies("Acme")
    world.enroll("opener", [acme])
    activate(world.ctx, NOW)
    holding.stop(world.ctx, holding.Target("Opener", playbook="opener"))

    def enrolled_meanwhile(point: str) -> None:
        if point == "before_write":
            world.enroll("nurture", [acme])
            activate(world.ctx, NOW)

    advance(world.context(enrolled_meanwhile))
    assert world.play(acme, "nurture").reason.startswith("another play drives")
    world.tick("advance")
    assert world.play(acme, "nurture").status == "active"


# ---------------------------------------------------------------- rest, switches, stops


def test_an_account_that_rests_starts_on_its_day_and_not_before(sqlite_world: World):
    world = sqlite_world
    world.book()
    acme, globex = world.companies("Acme", "Globex")
    world.write(rests(acme, NOW + 3 * DAY))
    world.enroll("play", [acme, globex])
    assert activate(world.ctx, NOW) == 1
    assert world.play(acme).reason == "the account rests: they asked for spring"
    assert "activate" not in world.due()
    world.clock.advance(3 * DAY)
    assert "activate" in world.due()
    assert activate(world.ctx, world.clock.now()) == 1
    with world.db.reading() as session:
        account = session.get_one(Account, acme)
    assert (account.paused_until, account.pause_reason) == (None, "")


def test_a_paused_playbook_starts_nothing_until_it_goes_on(sqlite_world: World):
    world = sqlite_world
    book = world.book()
    target = holding.Target(book.title, playbook=book.name)
    holding.pause(world.ctx, target, reason="the page is wrong")
    world.enroll("play", world.companies("Acme"))
    assert "activate" not in world.due()
    assert activate(world.ctx, NOW) == 0
    holding.resume(world.ctx, target)
    assert activate(world.ctx, NOW) == 1


def test_what_an_event_stopped_while_it_waited_ends_before_it_begins(sqlite_world: World):
    world = sqlite_world
    world.book("opener", priority=5)
    world.book("nurture", pace=1)
    acme, globex = world.companies("Acme", "Globex")
    world.enroll("opener", [acme])
    world.enroll("nurture", [acme])
    activate(world.ctx, NOW)
    said = {"email": "ann.archer@acme.example"}
    receive(world.ctx, [RawEvent("crm", "1", "meeting_booked", NOW, said)])
    world.tick("react", "advance", "advance")
    world.enroll("nurture", [globex])
    world.tick("advance")
    assert world.play(acme, "nurture").outcome == "stopped"
    assert world.log(acme, "started") == ["Opener starts"]
    assert world.play(globex, "nurture").status == "active"  # no place was used up


def test_a_play_that_is_kept_from_starting_by_hand_waits(sqlite_world: World):
    world = sqlite_world
    world.book()
    [acme] = world.companies("Acme")
    world.enroll("play", [acme])
    target = holding.target(world.ctx, "account", "Acme", "play")
    holding.pause(world.ctx, target, reason="after the fair")
    world.tick("advance")
    assert (world.play(acme).status, world.play(acme).reason) == ("waiting", "after the fair")
    assert "activate" not in world.due()
    holding.resume(world.ctx, target)
    world.tick("advance")
    assert world.play(acme).status == "active"


# ---------------------------------------------------------------- many at once


def test_runners_at_once_keep_to_one_play_an_account_and_to_the_pace(world: World):
    ids = world.companies(*(f"Company {n}" for n in range(24)))
    for name, pace in (("slow", 7), ("fast", 0), ("other", 5)):
        world.book(name, pace=pace, priority=len(name))
        world.enroll(name, ids)
    contexts = [world.context() for _ in range(4)]

    def run(ctx: Any) -> int:
        total = 0
        for _ in range(12):
            total += start_batch(ctx, NOW, batch=5).started
        return total

    with ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(run, contexts))
    with world.db.reading() as session:
        live = session.exec(select(Enrollment).where(col(Enrollment.status) == "active")).all()
    assert len(live) == total == len({one.account_id for one in live}) == 24
    assert Counter(one.playbook for one in live) == {"other": 5, "slow": 7, "fast": 12}


def reference(rows: list[Enrollment], paces: dict[str, int], resting: set[int]) -> set[int | None]:
    """Who starts: one after the other, in the order of the rule, as one would on paper."""
    started: set[int | None] = set()
    taken: set[int] = set()
    places = Counter(paces)
    for one in sorted(rows, key=lambda e: (-e.priority, e.waiting_since, e.account_id, e.id)):
        if one.account_id in taken or one.account_id in resting:
            continue
        if paces[one.playbook] and not places[one.playbook]:
            continue
        places[one.playbook] -= 1
        taken.add(one.account_id)
        started.add(one.id)
    return started


@pytest.mark.parametrize("seed", range(12))
def test_batches_of_any_size_start_whom_one_long_list_would(sqlite_world: World, seed: int):
    world, chance = sqlite_world, random.Random(seed)
    ids = world.companies(*(f"Company {n}" for n in range(8)))
    paces = {name: chance.choice((0, 1, 3)) for name in "abc"}
    resting = set(chance.sample(ids, 2))
    for one in resting:
        world.write(rests(one, NOW + DAY))
    for name, pace in paces.items():
        world.book(name, pace=pace)
        world.enroll(name, chance.sample(ids, 6))
    with world.db.writing() as session:
        for row in session.exec(select(Enrollment)):
            row.priority = chance.randrange(3)
            row.waiting_since = NOW - timedelta(hours=chance.randrange(3))
    with world.db.reading() as session:
        rows = list(session.exec(select(Enrollment)))
    more = True
    while more:
        more = start_batch(world.ctx, NOW, batch=chance.choice((1, 2, 5))).more
    with world.db.reading() as session:
        live = select(Enrollment.id).where(col(Enrollment.status) == "active")
        assert set(session.exec(live)) == reference(rows, paces, resting)
    assert "activate" not in world.due()


def crowd(world: World, number: int) -> None:
    """So many accounts in turn for a play that starts one a week."""
    world.book("crowd", pace=1)
    with world.db.writing() as session:
        ids = [cast.company(session, f"Company {n}").id or 0 for n in range(number)]
    assert len(world.enroll("crowd", ids).accounts) == number


def test_a_crowd_costs_nothing_while_it_waits(world: World):
    crowd(world, 600)
    assert activate(world.ctx, NOW) == 1
    assert "activate" not in world.due()
    with world.db.reading() as session:
        told = session.exec(select(Enrollment).where(col(Enrollment.reason).like("%next place%")))
        assert len(told.all()) == 1  # nobody writes hundreds of rows for one place
        book = session.get_one(Playbook, "crowd")
    assert book.next_start_at == NOW + WEEK


def test_whoever_asks_walks_an_index_and_never_the_table(sqlite_world: World):
    world, asked = sqlite_world, list[str]()
    crowd(world, 300)

    def listen(_conn, cursor, statement, parameters, *_rest):
        if statement.startswith("SELECT") and "enrollment" in statement:
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            asked.extend(row[3] for row in plan)

    event.listen(world.db.engine, "before_cursor_execute", listen)
    world.due()
    activate(world.ctx, NOW)
    event.remove(world.db.engine, "before_cursor_execute", listen)
    assert any("enrollment_waiting" in line for line in asked)
    assert any("enrollment_resting" in line for line in asked)
    assert any("enrollment_paused" in line for line in asked)
    assert not [line for line in asked if line.startswith("SCAN enrollment")]
    # By the dates that have passed it would find everybody, and sort them.
    assert not [line for line in asked if "enrollment_resting" in line and "next_due_at<" in line]
