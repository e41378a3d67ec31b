"""Two engines on one database, frozen processes, and servers that lie: nobody gets a mail twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from accounts.records import Account, Contact
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.sweeping import sweep
from orchestrator.records import Activity, Body, Task
from orchestrator.terms import RawEvent
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import After, Post
from tests.support.cast import NOW
from tests.support.processes import wait_until
from tests.support.sinks import HttpSink, SmtpSink

House = Callable[..., Context]
SHORT = timedelta(seconds=1)  # long enough for a busy machine to send two mails in


def run_together(*jobs: worker.Job) -> None:
    """All the jobs at once, each in a process of its own, to a good end."""
    processes = [worker.start(job) for job in jobs]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * len(jobs)


def clock(ctx: Context) -> ManualClock:
    """Its business time, to be moved."""
    assert isinstance(ctx.clock, ManualClock)
    return ctx.clock


# ---------------------------------------------------------------- at once


def test_two_runners_at_once_send_each_mail_once(house: House, post: Post):
    ctx = house(post)
    seed.mails(ctx.db, 24)
    job = worker.Job("deliver", ctx.settings, limit=4)
    while any(row.status == "ready" for row in witness.touches(ctx.db)):
        run_together(job, job, job)
    found = witness.verdict(ctx.db, witness.mails(post.accepted()))
    assert found.honest, found
    assert found.unknown == []
    assert len(found.accepted) == 24


def test_two_runners_at_once_decide_each_play_once(house: House):
    ctx = house()
    seed.play(ctx.db, number=40)
    job = worker.Job("advance", ctx.settings)
    run_together(job, job, job)
    with ctx.db.reading() as session:
        tasks = Counter((task.enrollment_id, task.step) for task in session.exec(select(Task)))
        opened = Counter(
            (one.enrollment_id, one.step)
            for one in session.exec(select(Activity).where(Activity.kind == "task.opened"))
        )
    assert tasks == opened == Counter((n, "ring") for n in range(1, 41))
    assert len(witness.touches(ctx.db)) == 80


def test_eight_workers_and_a_cap_of_one_send_one(house: House, post: Post):
    ctx = house(post)
    seed.committee(ctx.db, 8, seed.letters_plan(caps=(seed.per_day(1),)))
    job = worker.Job("deliver", ctx.settings, limit=1)
    run_together(*[job] * 8)
    assert len(post.accepted()) == 1
    rows = witness.touches(ctx.db)
    assert Counter(row.status for row in rows) == {"sent": 1, "ready": 7}
    held = [row for row in rows if row.status == "ready"]
    assert all(row.reason.startswith("the account was reached") for row in held)
    assert {row.due_at for row in held} == {NOW + timedelta(days=1)}


def test_a_cap_counts_within_one_group_too(house: House, post: Post):
    ctx = house(post)
    seed.committee(ctx.db, 8, seed.letters_plan(caps=(seed.per_day(3),)))
    assert deliver(ctx, width=8).counts == {"sent": 3, "held": 5}
    assert len(post.accepted()) == 3


# ---------------------------------------------------------------- frozen, then awake again


@pytest.mark.parametrize("point", ["after_claim", "after_intent", "after_send"])
def test_a_process_that_was_frozen_past_its_lease_writes_nothing_any_more(
    house: House, post: Post, point: str
):
    ctx = house(post)
    seed.mails(ctx.db, 2)
    job = worker.Job("deliver", ctx.settings, point, signal=signal.SIGSTOP, lease=SHORT)
    zombie = worker.start(job)
    wait_until(lambda: _is_frozen(zombie.pid), "the freeze")
    wait_until(lambda: sum(sweep(ctx).counts.values()) == 2, "the lease's end")
    if point == "after_claim":
        assert deliver(ctx).counts == {"sent": 2}
    stood = [row.model_dump() for row in witness.touches(ctx.db)]
    assert zombie.pid
    os.kill(zombie.pid, signal.SIGCONT)
    zombie.join(30)
    assert zombie.exitcode == 0
    assert [row.model_dump() for row in witness.touches(ctx.db)] == stood
    found = witness.verdict(ctx.db, witness.mails(post.accepted()))
    assert found.honest, found
    assert len(found.unknown) == (0 if point == "after_claim" else 2)
    # Its deadline passed while it slept: what had not begun to leave never does.
    assert found.unknown_accepted == (2 if point == "after_send" else 0)


def _is_frozen(pid: int | None) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_claim_that_was_swept_meanwhile_is_lost_and_said_so(house: House, post: Post):
    ctx = house(post)
    seed.mails(ctx.db, 2)

    def fall_asleep() -> None:
        time.sleep(1.1)
        assert sweep(ctx).counts == {"ready": 2}
        assert post.accepted() == []

    slow = house(post, probe=After("after_offer", fall_asleep))
    # It finds them in the queue again, and is no slower than anybody else by then.
    assert deliver(slow, lease=SHORT).counts == {"lost": 2, "sent": 2}
    assert len(post.accepted()) == 2


# ---------------------------------------------------------------- servers that lie


@pytest.mark.parametrize(
    ("mode", "unknown"),
    [
        ("drop", 2),  # accepted, then gone before 250
        ("stall", 2),  # accepted, then silent for ever
        ("reset", 0),  # 250, and gone
        ("slow", 0),  # 250, a byte at a time
        ("close", 0),  # 421 in the middle
        ("mute", 0),  # nothing after DATA
        ("tempfail", 0),  # 451 to the dot
        ("refuse", 0),  # 554 to the dot
        ("defer", 0),  # 450 to RCPT
        ("bounce", 0),  # 550 to RCPT
    ],
)
def test_a_server_that_lies_to_every_third_mail_never_makes_us_lie(
    house: House, make_smtp_sink: Callable[..., SmtpSink], mode: str, unknown: int
):
    sink = make_smtp_sink(mode=mode, every=3)
    ctx = house(sink, timeout=0.3)
    seed.mails(ctx.db, 6)
    witness.finish(ctx)
    found = witness.verdict(ctx.db, witness.mails(sink.accepted()))
    assert found.honest, found
    assert (len(found.unknown), found.unknown_accepted) == (unknown, unknown)


def test_a_silent_line_does_not_make_its_neighbours_answer_unheard(
    house: House, make_smtp_sink: Callable[..., SmtpSink]
):
    sink = make_smtp_sink(mode="stall", every=8)
    ctx = house(sink, timeout=0.5)
    seed.mails(ctx.db, 8)
    assert deliver(ctx, width=8).counts == {"sent": 7, "unknown": 1}


# ---------------------------------------------------------------- the same bytes


def test_a_mail_that_is_tried_again_leaves_with_the_bytes_of_its_first_intent(
    house: House, make_smtp_sink: Callable[..., SmtpSink], post: Post
):
    full = house(make_smtp_sink(mode="tempfail"))
    (one,) = seed.mails(full.db, 1)
    assert deliver(full).counts == {"held": 1}
    with full.db.writing() as session:
        first = session.get_one(Body, one).content
        session.get_one(Contact, 1).first_name = "Somebody else"
    ctx = house(post, domain="elsewhere.example")
    clock(ctx).advance(timedelta(minutes=1))
    assert deliver(ctx).counts == {"sent": 1}
    assert Path(post.accepted()[0]["raw"]).read_bytes() == first
    with ctx.db.reading() as session:
        assert session.get_one(Body, one).content == first


@pytest.mark.parametrize("path", ["/500", "/drop-after-accept"])
def test_a_webhook_that_is_tried_again_is_the_same_request(
    house: House, http_sink: HttpSink, path: str
):
    ctx = house(http_sink)
    (one,) = seed.hooks(ctx.db, 1, http_sink.url(path))
    for _ in range(2):
        assert deliver(ctx).counts == {"held": 1}
        with ctx.db.writing() as session:
            session.get_one(Account, 1).name = "Another name"
        clock(ctx).advance(timedelta(minutes=5))
    first, second = http_sink.accepted()
    assert first["body"] == second["body"]
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"]
    assert seed.touch(ctx.db, one).attempt == 2


def test_a_webhook_whose_sender_died_goes_again_as_the_same_request(
    house: House, http_sink: HttpSink
):
    ctx = house(http_sink)
    seed.hooks(ctx.db, 1, http_sink.url())
    process = worker.start(worker.Job("deliver", ctx.settings, "after_send"))
    process.join(30)
    witness.lapse(ctx.db)
    with ctx.db.writing() as session:
        session.get_one(Account, 1).name = "Another name"
    witness.finish(ctx)
    first, second = http_sink.accepted()
    assert first["body"] == second["body"]
    assert first["headers"]["webhook-id"] == second["headers"]["webhook-id"]
    assert [row.status for row in witness.touches(ctx.db)] == ["sent"]


# ---------------------------------------------------------------- time


def test_a_jump_of_business_time_frees_no_lease(house: House, post: Post):
    ctx = house(post)
    seed.mails(ctx.db, 4)
    seen: list[int] = []

    def jump() -> None:
        other = house(post)
        clock(other).set(NOW + timedelta(days=30))
        seen.append(deliver(other).claimed)
        seen.append(sum(sweep(other).counts.values()))
        seen.append(advance(other).decided)

    assert deliver(house(post, probe=After("after_claim", jump))).counts == {"sent": 4}
    assert seen == [0, 0, 0]
    assert len(post.accepted()) == 4


def test_a_jump_of_business_time_does_not_claim_a_play_twice(house: House):
    ctx = house()
    seed.play(ctx.db, number=3)
    seen: list[int] = []

    def jump() -> None:
        other = house()
        clock(other).set(NOW + timedelta(days=30))
        seen.append(advance(other).decided)

    assert advance(house(probe=After("before_write", jump))).decided == 3
    assert seen == [0]


# ---------------------------------------------------------------- events in between


def test_an_event_between_facts_and_write_drops_the_decision_and_keeps_the_wake(house: House):
    ctx = house()
    first, second = seed.play(ctx.db, number=2)

    def reply() -> None:
        receive(
            ctx,
            [RawEvent("test", "1", "reply.refusal", NOW, {"email": "bea.buyer@company-0.example"})],
        )

    done = advance(house(probe=After("before_write", reply)))
    assert (done.decided, done.lost) == (1, 1)
    woken = seed.enrollment(ctx.db, first)
    assert (woken.woken_at, woken.next_due_at, woken.owner) == (NOW, NOW, "")
    assert {row.enrollment_id for row in witness.touches(ctx.db)} == {second}
    assert advance(ctx, woken=True).decided == 1  # now it knows of the reply
    with ctx.db.reading() as session:
        rings = session.exec(select(Task).where(Task.step == "ring")).all()
    assert {(task.enrollment_id, task.status) for task in rings} == {
        (first, "cancelled"),
        (second, "open"),
    }


@pytest.mark.parametrize("kind", ["sqlite"])
def test_another_writer_on_sqlite_only_makes_us_wait(house: House, post: Post, kind: str):
    ctx = house(post)
    seed.mails(ctx.db, 6)
    stop, busy = threading.Event(), house(post)

    def hold() -> None:
        while not stop.is_set():
            with busy.db.writing():
                time.sleep(0.05)
            time.sleep(0.01)

    writer = threading.Thread(target=hold)
    writer.start()
    try:
        assert deliver(ctx, width=2).counts == {"sent": 6}
    finally:
        stop.set()
        writer.join()
    assert len(post.accepted()) == 6
