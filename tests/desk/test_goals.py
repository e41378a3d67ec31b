"""What a play was for: who reached it, when, and what becomes of that when a word is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from accounts.records import Account
from orchestrator.calendar import parse_span
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.reading import status
from orchestrator.engine.tasks import desk as use
from orchestrator.records import Enrollment
from orchestrator.terms import Goal, RawEvent
from tests.support import cast
from tests.support.cast import BEFORE, NOW
from tests.support.desk import Desk, the_plan

GOAL = Goal(("meeting_booked", "reply.interested"), parse_span("60d"))


@pytest.fixture
def aiming(desk: Desk) -> Desk:
    """A desk whose one account also ended a play of which a meeting is the goal."""
    with desk.ctx.db.writing() as session:
        desk.play = _ended(session, desk)
    return desk


def _ended(session: Session, desk: Desk) -> int:
    acme = session.get_one(Account, desk.acme)
    version = cast.version(session, replace(the_plan(), name="other", title="Other", goal=GOAL))
    row = cast.enrolled(session, acme, version, status="ended", outcome="completed")
    return row.id or 0


def meets(desk: Desk, source_id: str = "m", after: timedelta = timedelta()) -> None:
    person = {"email": "ann.archer@acme.example"}
    desk.clock.set(max(NOW, NOW + after))
    receive(desk.ctx, [RawEvent("crm", source_id, "meeting_booked", NOW + after, person)])


def goal_of(desk: Desk) -> tuple[object, str]:
    row = desk.get(Enrollment, desk.play)
    return row.goal_at, row.goal


def test_an_ended_play_reaches_its_goal_once(aiming: Desk):
    meets(aiming)
    assert goal_of(aiming) == (NOW, "meeting_booked")
    meets(aiming, "again", timedelta(days=1))
    assert goal_of(aiming) == (NOW, "meeting_booked")
    assert aiming.kinds().count("goal") == 1
    assert aiming.get(Enrollment, aiming.play).status == "ended"


def test_two_meetings_in_one_delivery_are_one_goal(aiming: Desk):
    person = {"email": "ann.archer@acme.example"}
    events = [RawEvent("crm", str(n), "meeting_booked", NOW, person) for n in range(2)]
    receive(aiming.ctx, events)
    assert aiming.kinds().count("goal") == 1


def test_what_came_before_the_start_or_too_late_is_not_due_to_the_play(aiming: Desk):
    meets(aiming, "early", BEFORE - NOW - timedelta(seconds=1))
    meets(aiming, "late", timedelta(days=30, seconds=1))
    assert goal_of(aiming) == (None, "")


def test_a_meeting_that_a_rep_takes_back_is_no_goal(aiming: Desk):
    task = aiming.task()
    use.done(aiming.ctx, task, aiming.dana, "meeting_booked")
    assert goal_of(aiming) == (NOW, "meeting_booked")
    use.undo(aiming.ctx, task, aiming.dana)
    assert goal_of(aiming) == (None, "")


def test_status_tells_how_many_of_those_that_started_reached_it(aiming: Desk):
    meets(aiming)
    stands = {
        one.name: (one.goal, one.reached, one.started) for one in status(aiming.ctx).playbooks
    }
    assert stands == {
        "play": ("", 0, 1),
        "other": ("meeting_booked or reply.interested within 60 days", 1, 1),
    }
