"""Everybody turns switches at once: nobody fails, and nothing is stranded afterwards."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding
from orchestrator.engine.plays.enrolling import enroll
from orchestrator.engine.plays.holding import Target, pause, resume, stop, wake
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.starting import start_batch
from orchestrator.records import Enrollment
from orchestrator.terms import RawEvent
from tests.engine.world import DAY, World
from tests.support.cast import NOW

BOOKS = ("first", "second", "third")
WORKERS, ACTS = 4, 30


def act(ctx: Context, world: World, ids: list[int], chance: random.Random, name: str) -> None:
    """Something that a user, an event or a runner does."""
    book, account = chance.choice(BOOKS), chance.choice(ids)
    target = chance.choice(
        [
            Target(book, playbook=book),
            Target("one", account_id=account),
            Target("play", playbook=book, account_id=account),
        ]
    )
    now = ctx.clock.now()
    said = RawEvent("mail", name, "reply.not_now", now, {"email": f"ann.archer@c{account}.example"})
    chance.choice(
        [
            lambda: enroll(ctx, book, accounts=ids),
            lambda: start_batch(ctx, now, batch=4),
            lambda: start_batch(ctx, now, batch=4),
            lambda: advance(ctx, batch=3),
            lambda: wake(ctx, now, limit=3),
            lambda: pause(ctx, target),
            lambda: pause(ctx, target, until=now + chance.randrange(1, 9) * DAY),
            lambda: resume(ctx, target),
            lambda: stop(ctx, target),
            lambda: receive(ctx, [said]),
        ]
    )()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 7))]
)
def test_whoever_turns_switches_at_once_strands_nobody(world: World, seed: int):
    for name in BOOKS:
        world.book(name, priority=len(name), pace=0 if name == "first" else 4)
    ids = world.companies(*(f"C{n}" for n in range(1, 7)))
    contexts = [world.context() for _ in range(WORKERS)]

    def run(number: int) -> None:
        chance = random.Random(f"{seed}/{number}")
        for turn in range(ACTS):
            try:
                act(contexts[number], world, ids, chance, f"{number}/{turn}")
            except AbmError as error:
                if "does not run" not in error.reason:  # the play of an account that is not in it
                    raise

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(run, range(WORKERS)))
    assert_one_live_play_each(world)
    release_everything(world, ids)
    for _ in range(20):
        world.clock.advance(8 * DAY)
        world.tick("advance", "advance")
    assert_one_live_play_each(world)
    with world.db.reading() as session:
        left = session.exec(select(Enrollment).where(col(Enrollment.status) != "ended")).all()
    for one in left:
        live = [two for two in left if two.account_id == one.account_id and two is not one]
        assert one.status == "active" or [two.status for two in live].count("active") == 1, one


def assert_one_live_play_each(world: World) -> None:
    with world.db.reading() as session:
        live = select(Enrollment.account_id).where(col(Enrollment.status).in_(["active", "paused"]))
        assert max(Counter(session.exec(live)).values(), default=0) <= 1


def release_everything(world: World, ids: list[int]) -> None:
    for book in BOOKS:
        holding.resume(world.ctx, Target(book, playbook=book))
        for one in ids:
            try:
                holding.resume(world.ctx, Target("play", playbook=book, account_id=one))
            except AbmError:
                continue
    for one in ids:
        holding.resume(world.ctx, Target("one", account_id=one))
    assert world.ctx.clock.now() == NOW
