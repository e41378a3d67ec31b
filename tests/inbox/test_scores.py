"""Engagement follows every event at once and fades by the hour, the same however it is reached."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.records import Account, Contact
from accounts.scoring import Happening, engagement
from orchestrator.engine import agreement
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.fading import fade, stale
from orchestrator.engine.scoring import score_of
from orchestrator.engine.tasks import desk as use
from orchestrator.engine.ticking import due, tick
from orchestrator.planner.scores import reads_scores
from orchestrator.records import Enrollment
from orchestrator.terms import RawEvent
from tests.planner.plans import plan, step
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEIGHTS = {"clicked": 5.0, "reply": 20.0, "meeting_booked": 50.0}


def agree(desk: Desk, weights: str = "{clicked: 5, reply: 20, meeting_booked: 50}") -> None:
    agreement.apply(desk.ctx, f"score:\n  half_life: 30d\n  weights: {weights}\n")


def click(number: int, desk: Desk) -> None:
    who = {"email": "ann.archer@acme.example"}
    receive(desk.ctx, [RawEvent("t", str(number), "clicked", desk.clock.now(), who)])


def scores(desk: Desk) -> tuple[float, float, float]:
    return (
        desk.get(Account, desk.acme).engagement,
        desk.get(Contact, desk.ann).engagement,
        desk.get(Contact, desk.bob).engagement,
    )


def is_stale(desk: Desk) -> bool:
    with desk.ctx.db.reading() as session:
        return stale(session, desk.clock.now())


def test_without_an_agreement_nothing_is_worth_anything(desk: Desk):
    click(1, desk)
    assert scores(desk) == (0, 0, 0)
    assert not is_stale(desk)


def test_scores_halve_in_a_half_life(desk: Desk):
    agree(desk)
    click(1, desk)
    assert scores(desk) == pytest.approx((5, 5, 0))
    desk.clock.advance(30 * DAY)
    assert is_stale(desk)
    fade(desk.ctx)
    assert scores(desk) == pytest.approx((2.5, 2.5, 0))
    assert not is_stale(desk)
    assert fade(desk.ctx).counts["faded"] == 0


def test_a_new_agreement_weighs_everything_anew(desk: Desk):
    agree(desk)
    click(1, desk)
    agree(desk, "{clicked: 7}")
    assert "fade" in due(desk.ctx)
    assert tick(desk.ctx, "advance").counts["rescored"] == 1
    assert scores(desk) == pytest.approx((7, 7, 0))
    agree(desk, "{}")
    fade(desk.ctx)
    assert scores(desk) == (0, 0, 0)


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(waits=st.lists(st.integers(0, 30_000), min_size=1, max_size=6))
def test_however_hours_pass_the_score_is_what_the_log_says(here: Desk, waits: list[int]):
    agree(here)
    happened = []
    for number, minutes in enumerate(waits):
        here.clock.advance(timedelta(minutes=minutes))
        fade(here.ctx)
        click(hash((number, here.clock.now())), here)
        happened.append(Happening("clicked", here.clock.now()))
    with here.ctx.db.reading() as session:
        now = score_of(session, here.acme, here.clock.now()).value
    assert scores(here)[0] == pytest.approx(now, rel=0.002)
    assert now >= engagement(happened, here.clock.now(), WEIGHTS, 30).value - 1e-6


def test_what_a_rep_took_back_did_not_happen(desk: Desk):
    agree(desk)
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "meeting_booked")
    assert scores(desk) == pytest.approx((50, 50, 0))
    use.undo(desk.ctx, task, desk.dana)
    assert scores(desk) == (0, 0, 0)


def test_a_play_that_asks_for_the_score_is_woken_when_it_changes(desk: Desk):
    agree(desk)
    asks = plan(step("ads", "ads", when="account.engagement >= 40"))
    assert reads_scores(asks)
    with desk.ctx.db.writing() as session:
        bolt = cast.company(session, "Bolt")
        cast.person(session, bolt, "Cleo Case")
        version = cast.version(session, asks, number=2)
        play = cast.enrolled(session, bolt, version)
        id_ = play.id or 0
    click(1, desk)
    assert desk.play_now().woken_at is None
    receive(desk.ctx, [RawEvent("t", "c", "clicked", NOW, {"email": "cleo.case@bolt.example"})])
    assert desk.get(Enrollment, id_).woken_at == NOW
