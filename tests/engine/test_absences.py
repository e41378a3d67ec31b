"""Who is away stalls nothing: open work goes to the stand-in, new work to whoever is there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.errors import AbmError
from accounts.records import AccountTeam
from orchestrator.clock import ManualClock
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.engine.staff import absences
from orchestrator.engine.staff.leave import Leave
from orchestrator.settings import Settings, Workspace
from orchestrator.store.database import Database
from orchestrator.store.staff.absences import Absent
from orchestrator.store.staff.rosters import Colleague, Teammate
from orchestrator.store.tables import ACTIVITY, TASK
from orchestrator.terms import CalendarSpec
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW

TODAY = NOW.date()


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """Dana owns Acme; erin sells, too, and finn did."""
    database = Database(migrated_url)
    with database.writing() as session:
        acme = cast.company(session, "Acme")
        dana = cast.user(session, "dana", "sales", role="owner")
        cast.user(session, "erin", "sales")
        cast.user(session, "finn", "sales", active=False)
        assert acme.id
        assert dana.id
        session.add(AccountTeam(account_id=acme.id, role="owner", user_id=dana.id))
        keeps = plans.step("keep", "call", "buyer", overdue=("skip",), away="wait")
        goes = plans.step("ring", "call", "buyer", overdue=("skip",))
        play = cast.enrolled(session, acme, cast.version(session, plans.plan(goes, keeps)))
        for step in ("ring", "keep"):
            due_at = NOW + timedelta(days=9)
            cast.task(session, play, None, step=step, assignee_id=dana.id, due_at=due_at)
    settings = Settings(project=tmp_path, workspace=Workspace(zone="UTC"))
    yield Context(database, ManualClock(NOW), settings, {})
    database.dispose()


def owners(ctx: Context) -> dict[str, int | None]:
    with ctx.db.reading() as session:
        rows = session.connection().execute(select(TASK.c.step, TASK.c.assignee_id)).all()
    return dict(rows)


def test_open_tasks_go_to_the_stand_in_on_the_first_day_but_for_what_waits(ctx: Context):
    absences.add(ctx, "Dana", TODAY + timedelta(days=1), TODAY + timedelta(days=3), "erin")
    ticking.tick_once(ctx)
    assert owners(ctx) == {"ring": 1, "keep": 1}
    assert isinstance(ctx.clock, ManualClock)
    ctx.clock.set(NOW + timedelta(days=1))
    assert "cover" in ticking.due(ctx)
    ticking.tick_once(ctx)
    assert owners(ctx) == {"ring": 2, "keep": 1}
    assert "cover" not in ticking.due(ctx)
    with ctx.db.reading() as session:
        told = select(ACTIVITY.c.text).where(ACTIVITY.c.kind == "task.handed_over")
        texts = session.connection().execute(told).scalars().all()
    assert texts == ["'Ring them' goes to erin: dana is away until 2026-03-07"]


def test_without_a_stand_in_they_go_to_the_next_of_the_team(ctx: Context):
    absences.add(ctx, "dana", TODAY, TODAY)
    ticking.tick_once(ctx)
    assert owners(ctx) == {"ring": 2, "keep": 1}


def test_when_everybody_is_away_they_lie_in_the_shared_queue(ctx: Context):
    absences.add(ctx, "dana", TODAY, TODAY, "erin")
    absences.add(ctx, "erin", TODAY, TODAY, "dana")
    ticking.tick_once(ctx)
    assert owners(ctx) == {"ring": None, "keep": 1}


def test_who_is_back_is_there_at_once_and_what_was_to_come_is_taken_back(ctx: Context):
    absences.add(ctx, "dana", TODAY, TODAY + timedelta(days=20))
    absences.add(ctx, "dana", TODAY + timedelta(days=30), TODAY + timedelta(days=40), "erin")
    assert [(one.first, one.cover) for one in absences.coming(ctx)] == [
        (TODAY, ""), (TODAY + timedelta(days=30), "erin"),
    ]  # fmt: skip
    assert absences.back(ctx, "dana") == 2
    assert absences.coming(ctx) == []
    assert absences.back(ctx, "dana") == 0


def test_what_makes_no_sense_is_refused(ctx: Context):
    absences.add(ctx, "erin", TODAY, TODAY + timedelta(days=2))
    for name, first, last, cover, error in (
        ("nobody", 0, 0, "", "no user 'nobody'"),
        ("dana", 0, -1, "", "before the first"),
        ("dana", -9, -8, "", "are over"),
        ("dana", 0, 500, "", "more than a year"),
        ("dana", 0, 0, "dana", "cannot stand in"),
        ("dana", 0, 0, "finn", "finn is not active"),
        ("dana", 0, 0, "x\x1b", "there is no user"),
        ("erin", 2, 9, "", "from .* already"),
    ):
        begins, ends = TODAY + timedelta(days=first), TODAY + timedelta(days=last)
        with pytest.raises(AbmError, match=error):
            absences.add(ctx, name, begins, ends, cover)
    assert len(absences.coming(ctx)) == 1


# ---------------------------------------------------------------- the rule itself

DAYS = st.integers(0, 12)


@st.composite
def leaves(draw: st.DrawFn) -> Leave:
    rows = []
    for number in range(draw(st.integers(0, 6))):
        first, last = sorted((draw(DAYS), draw(DAYS)))
        who, cover = draw(st.integers(1, 4)), draw(st.sampled_from((None, 1, 2, 3, 4)))
        times = NOW + timedelta(days=first), NOW + timedelta(days=last + 1)
        rows.append(Absent(number, who, f"u{who}", "UTC", *times, cover, "", "UTC", ""))
    return Leave(rows)


@given(leaves(), DAYS, st.integers(1, 4))
def test_nobody_who_is_away_stands_in_and_the_planner_sees_the_same(one: Leave, day: int, who: int):
    at: datetime = NOW + timedelta(days=day)
    found, mates = one.stand_in(who, at), [Teammate("owner", who, "sales", "UTC", "")]
    assert found is None or one.absence(found.cover_id or 0, at) is None
    assert all(one.absence(mate.user_id, at) is None for mate in one.team(mates, at))
    everybody = [Colleague(id_, "sales", "") for id_ in range(1, 5)]
    assert all(one.absence(mate.user_id, at) is None for mate in one.roster(everybody, at))
    pieces = one.away(CalendarSpec(), mates).get("owner", ())
    there = [piece for piece in pieces if piece.since <= at < piece.until]
    assert bool(there) is (one.absence(who, at) is not None)
    assert {piece.hours is not None for piece in there} <= {found is not None}
