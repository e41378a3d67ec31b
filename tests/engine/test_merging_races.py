"""Merges beside one another, beside events and runners, and in processes that die."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, select

from accounts.errors import AbmError
from accounts.records import Account, Contact, Merge
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays.enrolling import enroll
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.starting import start_batch
from orchestrator.records import Activity, Enrollment, Stop
from orchestrator.store.companies import people
from orchestrator.store.running import guards
from orchestrator.terms import RawEvent
from tests.engine.merging import whole
from tests.engine.switches import INSIGHT, RING
from tests.engine.test_holding_races import assert_one_live_play_each
from tests.engine.world import World
from tests.support import cast
from tests.support.cast import NOW


@pytest.fixture
def crowd(world: World) -> list[int]:
    """Six companies in a play; dana merges."""
    world.book("play", INSIGHT, RING)
    world.book("other", RING)
    ids = world.companies(*(f"C{number}" for number in range(6)))
    world.write(lambda session: cast.user(session, "dana", "sales"))
    world.enroll("play", ids[:4])
    world.tick("advance")
    return ids


# ---------------------------------------------------------------- two at once


def test_of_two_merges_of_one_account_one_is_told_of_the_other(world: World, crowd: list[int]):
    one, two, three, *_ = crowd

    def run(survivor: int) -> str:
        try:
            merge(world.context(), survivor, [three], "dana")
        except AbmError as error:
            return error.reason
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(run, (one, two)))
    assert said[0] == ""
    assert "was merged into C" in said[1]
    with world.db.reading() as session:
        assert len(session.exec(select(Merge)).all()) == 1


def test_of_two_accounts_that_are_merged_into_each_other_one_lives(world: World, crowd: list[int]):
    one, two, *_ = crowd

    def run(pair: tuple[int, int]) -> bool:
        try:
            merge(world.context(), pair[0], [pair[1]], "dana")
        except AbmError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, ((one, two), (two, one)))) == [False, True]
    with world.db.reading() as session:
        gone = session.exec(select(Account).where(col(Account.merged_into).is_not(None))).all()
    assert len(gone) == 1


def act(ctx: Context, crowd: list[int], dice: Random, name: str) -> None:
    """Something that a user, an event or a runner does."""
    one, two = dice.sample(crowd, 2)
    said = {"email": f"ann.archer@c{dice.randrange(6)}.example"}
    event = RawEvent("mail", name, "reply.opt_out", NOW, said)
    dice.choice(
        [
            lambda: merge(ctx, one, [two], "dana"),
            lambda: unmerge(ctx, dice.randrange(1, 6), "dana"),
            lambda: receive(ctx, [event]),
            lambda: advance(ctx, batch=2),
            lambda: start_batch(ctx, NOW, batch=2),
            lambda: deliver(ctx, limit=2),
            lambda: enroll(ctx, "other", accounts=crowd),
        ]
    )()


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_whatever_happens_beside_merges_nobody_fails_and_no_account_has_two_plays(
    world: World, crowd: list[int], seed: int
):
    contexts = [world.context() for _ in range(4)]

    def run(number: int) -> None:
        dice = Random(f"{seed}/{number}")
        for turn in range(12):
            try:
                act(contexts[number], crowd, dice, f"{number}/{turn}")
            except AbmError as error:
                if "merge" not in error.reason:
                    raise

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert_one_live_play_each(world)
    with world.db.reading() as session:
        assert session.exec(select(Merge)).all()
        gone = select(Account.id).where(col(Account.merged_into).is_not(None))
        running = select(Enrollment).where(
            col(Enrollment.account_id).in_(gone), col(Enrollment.status) != "ended"
        )
        assert session.exec(running).all() == []
        left = select(Contact).where(
            col(Contact.account_id).in_(gone), col(Contact.merged_into).is_(None)
        )
        assert session.exec(left).all() == []


def test_an_opt_out_that_comes_with_the_merge_binds_the_survivor(world: World, crowd: list[int]):
    one, two, *_ = crowd
    said = {"email": "ann.archer@c1.example"}
    event = RawEvent("mail", "1", "reply.opt_out", NOW, said)
    with ThreadPoolExecutor(2) as pool:
        merged = pool.submit(merge, world.context(), one, [two], "dana")
        heard = pool.submit(receive, world.context(), [event])
        merged.result()
        heard.result()
    with world.db.reading() as session:
        [stop] = session.exec(select(Stop).where(col(Stop.contact_id).is_not(None)))
        family = people.family(session, [one])
        marks = guards.stops(session, [one], family, NOW)[one]
        [mark] = [mark for mark in marks if mark.contact_id]
        assert mark.contact_id == stop.contact_id


# ---------------------------------------------------------------- processes that die

DYING = """
import os, sys
from pathlib import Path
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.support.cast import NOW

url, point, act, one, two = sys.argv[1:]
def probe(reached):
    if reached == point:
        os._exit(9)
ctx = Context(Database(url), ManualClock(NOW), Settings(project=Path.cwd()), {}, probe=probe)
if act == "merge":
    merge(ctx, int(one), [int(two)], "dana")
else:
    unmerge(ctx, int(one), "dana")
"""


def dies(world: World, point: str, act: str, one: int, two: int = 0) -> None:
    words = (world.url, point, act, str(one), str(two))
    ended = subprocess.run(
        [sys.executable, "-c", DYING, *words], cwd=Path(__file__).parents[2], check=False
    )
    assert ended.returncode == 9


def test_a_merge_that_dies_half_way_has_not_happened(world: World, crowd: list[int]):
    one, two, *_ = crowd
    before, told = whole(world.db), len(log_of(world))
    dies(world, "in_merge", "merge", one, two)
    assert (whole(world.db), len(log_of(world))) == (before, told)
    [done] = merge(world.ctx, one, [two], "dana")  # and nobody holds a lock
    merged = whole(world.db)
    dies(world, "in_unmerge", "unmerge", done.id)
    assert whole(world.db) == merged
    assert unmerge(world.ctx, done.id, "dana").left == ()
    assert whole(world.db) == before


def log_of(world: World) -> list[Activity]:
    with world.db.reading() as session:
        return list(session.exec(select(Activity)))
