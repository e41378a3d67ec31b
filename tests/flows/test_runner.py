"""The runner's lanes: nobody waits for Prefect, for a broken neighbour, or for the next tick."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from flows import runner, shared
from flows.ending import stopping
from flows.runner import Lane, tick_by_flow
from orchestrator.app import build
from orchestrator.clock import ManualClock
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.records import Tick, Touch
from tests.ledger import seed
from tests.support.cast import NOW
from tests.support.processes import free_port, wait_until


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    """A project with a play that is due, at a clock that stands still."""
    project = seed.project(tmp_path)
    settings = seed.settings(project, f"sqlite:///{tmp_path / 'abm.db'}")
    app = build(settings, clock=ManualClock(NOW))
    app.ctx.db.upgrade()
    seed.play(app.ctx.db)
    yield app.ctx
    app.close()


@pytest.fixture
def nobody() -> str:
    """The URL of an API at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}/api"


@pytest.fixture
def mute() -> Iterator[str]:
    """The URL of an API that takes calls and never answers."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/api"


@pytest.fixture
def running(ctx: Context, nobody: str) -> Iterator[Context]:
    """The same, with all lanes at work and no Prefect to be had."""
    stopping.clear()
    ready = threading.Event()
    lanes = threading.Thread(target=runner.run, args=(ctx, nobody, ready.set))
    lanes.start()
    ready.wait()
    yield ctx
    stopping.set()
    lanes.join(30)
    assert not lanes.is_alive()
    stopping.clear()


def last(ctx: Context, concern: str) -> Tick | None:
    with ctx.db.reading() as session:
        return session.get(Tick, concern)


def delivered(ctx: Context) -> bool:
    """Whether the mail has left; nobody takes the webhook."""
    with ctx.db.reading() as session:
        return "sent" in session.exec(select(Touch.status)).all()


def taken(ctx: Context, name: str) -> bool:
    return (ctx.settings.drop / "done" / name).exists()


def drop(ctx: Context, name: str) -> None:
    ctx.settings.drop.mkdir(parents=True, exist_ok=True)
    file = ctx.settings.project / name
    file.write_text(json.dumps({"kind": "visit", "email": "ann.archer@company-0.example"}), "utf-8")
    os.utime(file, (0, 0))  # written long ago, and so whole
    file.rename(ctx.settings.drop / name)


# ---------------------------------------------------------------- without Prefect


def test_without_prefect_a_tick_does_its_work_and_says_so(ctx: Context, nobody: str):
    assert tick_by_flow(ctx, "advance", nobody) == {"decided": 1, "touches": 2, "tasks": 1}
    tick = last(ctx, "advance")
    assert tick
    assert tick.error == f"ran without Prefect: {nobody} does not answer"
    assert tick.flow_run_id == ""


def test_a_prefect_that_never_answers_keeps_nobody_waiting(ctx: Context, mute: str):
    assert tick_by_flow(ctx, "advance", mute)["decided"] == 1


def test_a_flow_that_prefect_loses_is_done_without_it(
    ctx: Context, nobody: str, monkeypatch: pytest.MonkeyPatch
):
    def lost() -> dict[str, int]:
        raise ConnectionError("the server hung up\nwith details")

    monkeypatch.setattr(runner, "healthy", lambda _url: True)
    monkeypatch.setattr(runner, "flow_of", lambda _concern: lost)
    assert tick_by_flow(ctx, "advance", nobody)["decided"] == 1
    tick = last(ctx, "advance")
    assert tick
    assert tick.error == "ran without Prefect: ConnectionError: the server hung up"


def test_a_tick_that_failed_by_itself_is_not_repeated_at_once(
    ctx: Context, nobody: str, monkeypatch: pytest.MonkeyPatch
):
    def failed() -> dict[str, int]:
        raise shared.TickFailed("advance: no")

    monkeypatch.setattr(runner, "healthy", lambda _url: True)
    monkeypatch.setattr(runner, "flow_of", lambda _concern: failed)
    assert tick_by_flow(ctx, "advance", nobody) == {}
    assert last(ctx, "advance") is None


# ---------------------------------------------------------------- lanes


def test_the_lanes_take_a_play_from_due_to_sent(running: Context):
    """What was planned nudges the delivery: the next tick would be half a minute away."""
    wait_until(lambda: delivered(running), "the delivery")


def test_an_event_is_reacted_to_while_ticks_rest(running: Context):
    wait_until(lambda: delivered(running), "the first tick")
    drop(running, "visit.json")
    wait_until(lambda: taken(running, "visit.json"), "the reaction")


def test_a_broken_lane_holds_up_no_other(
    ctx: Context, nobody: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
):
    def broken(_ctx: Context) -> ticking.Work:
        raise ValueError("advance is broken")

    monkeypatch.setitem(ticking.BATCHES, "advance", broken)
    running = request.getfixturevalue("running")
    wait_until(lambda: last(running, "advance") is not None, "the failure")
    tick = last(running, "advance")
    assert tick
    assert tick.error == "ValueError: advance is broken"
    drop(running, "visit.json")
    wait_until(lambda: taken(running, "visit.json"), "the reaction")


def test_a_lane_that_finds_nothing_says_so(running: Context):
    wait_until(lambda: last(running, "sweep") is not None, "the pulse")
    tick = last(running, "sweep")
    assert tick
    assert (tick.counts, tick.error) == ({}, "")


@pytest.mark.parametrize("fails", [False, True])
def test_a_lane_that_gets_nowhere_asks_less_and_less_often(
    ctx: Context, nobody: str, monkeypatch: pytest.MonkeyPatch, fails: bool
):
    counts = iter([{}, {}, {}, {}, {"decided": 1}])

    def look(*_args: object) -> dict[str, int]:
        if fails:
            raise OSError("the disk is full")
        return next(counts)

    monkeypatch.setattr(runner, "tick_by_flow", look)
    lane = Lane(ctx, "advance", nobody, every=1, longest=5, stopped=lambda: False)
    pauses = []
    for _ in range(5):
        lane._pause = lane._once()
        pauses.append(lane._pause)
    assert pauses == ([2, 4, 5, 5, 5] if fails else [2, 4, 5, 5, 1])


def test_all_work_of_one_instant_is_done_before_time_moves(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
):
    passes: Counter[str] = Counter()

    def flow(concern: str):
        def run() -> dict[str, int]:
            passes[concern] += 1
            return ticking.tick(ctx, concern).counts

        return run

    monkeypatch.setattr(runner, "flow_of", flow)
    with runner.until_quiet(ctx) as flows:
        done = flows()
        assert not flows()
    assert done["sent"] == 1
    assert delivered(ctx)
    assert not ticking.due(ctx)
    assert passes["advance"] >= 2  # once more for what the delivery woke


# ---------------------------------------------------------------- one pass


def test_an_event_and_what_it_wakes_are_one_pass(ctx: Context):
    ticking.tick_once(ctx)
    drop(ctx, "visit.json")
    counts = ticking.tick(ctx, "react").counts
    assert (counts["applied"], counts.get("decided", 0)) == (1, 0)  # nothing listens to visits
    file = ctx.settings.drop / "reply.json"
    reply = {"kind": "reply.interested", "email": "ann.archer@company-0.example"}
    file.write_text(json.dumps(reply), "utf-8")
    os.utime(file, (0, 0))
    file.rename(ctx.settings.drop / "whole.json")
    counts = ticking.tick(ctx, "react").counts
    assert (counts["applied"], counts["decided"], counts["ended"]) == (1, 1, 1)


def test_a_pass_stops_between_two_batches_when_asked(ctx: Context, monkeypatch: pytest.MonkeyPatch):
    ran = []

    def endless(_ctx: Context) -> ticking.Work:
        ran.append(1)
        return ticking.Work(Counter(decided=1), more=True)

    monkeypatch.setitem(ticking.BATCHES, "advance", endless)
    done = ticking.tick(ctx, "advance", stopping=lambda: len(ran) >= 3)
    assert (len(ran), done.counts, done.error) == (3, {"decided": 3}, "")
