"""Scores fade slice by slice: whatever comes between two of them, they come out as if anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from accounts.records import Account, Contact
from accounts.scoring import Happening, engagement
from orchestrator.clock import ManualClock
from orchestrator.engine import agreement
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running import fading
from orchestrator.engine.running.fading import Faded, fade, stale
from orchestrator.engine.ticking import due, tick
from orchestrator.records import Activity
from orchestrator.store.companies import fading as store
from orchestrator.store.companies.fading import LAST
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.desk import Desk
from tests.support.plans import plan_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRMS = 7
WEIGHTS = ({"clicked": 5.0, "reply": 20.0}, {"clicked": 7.0}, {"clicked": -3.0, "visit": 1.0})
_numbers = count(1)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few accounts are as many slices as a million."""
    for name, size in (("SLICES", 1), ("SCORED", 2), ("ANEW", 2), ("LOOKED", 3)):
        monkeypatch.setattr(fading, name, size)


def agree(desk: Desk, weights: dict[str, float]) -> None:
    body = ", ".join(f"{kind}: {points}" for kind, points in weights.items())
    text = f"# {next(_numbers)}\nscore:\n  half_life: 30d\n  weights: {{{body}}}\n"
    agreement.apply(desk.ctx, text)


def furnished(desk: Desk) -> list[int]:
    """Seven firms of two people beside Acme; the ids of the firms."""
    with desk.ctx.db.writing() as session:
        firms = [cast.company(session, f"Firm {number}") for number in range(FIRMS)]
        for number, firm in enumerate(firms):
            cast.person(session, firm, f"Cleo Case {number}")
            cast.person(session, firm, f"Dean Dole {number}")
        return [firm.id or 0 for firm in firms]


def click(desk: Desk, number: int, who: str = "cleo.case", ago: timedelta = timedelta(0)) -> None:
    said = {"email": f"{who}.{number}@firm-{number}.example"}
    at = desk.clock.now() - ago
    receive(desk.ctx, [RawEvent("t", str(next(_numbers)), "clicked", at, said)])


def scored(desk: Desk) -> list[int]:
    """Every firm has clicks of different ages, and all scores are of this hour."""
    firms = furnished(desk)
    agree(desk, WEIGHTS[0])
    finish(desk)
    for number in range(FIRMS):
        click(desk, number)
        desk.clock.advance(timedelta(minutes=50))
        click(desk, number, "dean.dole")
    finish(desk)
    return firms


def is_stale(desk: Desk) -> bool:
    with desk.ctx.db.reading() as session:
        return stale(session, desk.clock.now())


def finish(desk: Desk) -> None:
    while is_stale(desk):
        fade(desk.ctx)


def half_way(desk: Desk) -> None:
    """An hour passes, and the first slice of scores fades."""
    desk.clock.advance(HOUR)
    assert fade(desk.ctx).more


def hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def anew(desk: Desk, weights: dict[str, float]) -> tuple[dict[int, float], dict[int, float]]:
    """What the log says that accounts and people are worth as of this hour."""
    now = hour(desk.clock.now())
    there: dict[int, list[Happening]] = defaultdict(list)
    theirs: dict[int, list[Happening]] = defaultdict(list)
    for one in desk.all(Activity):
        happened = Happening(one.kind, hour(one.at))
        there[one.account_id or 0].append(happened)
        theirs[one.contact_id or 0].append(happened)
    return (
        {a.id: engagement(there[a.id], now, weights, 30).value for a in desk.all(Account)},
        {c.id: engagement(theirs[c.id], now, weights, 30).value for c in desk.all(Contact)},
    )


def stored(desk: Desk) -> tuple[dict[int, float], dict[int, float]]:
    return (
        {one.id: one.engagement for one in desk.all(Account)},
        {one.id: one.engagement for one in desk.all(Contact)},
    )


def check(desk: Desk, weights: dict[str, float] = WEIGHTS[0]) -> None:
    """All scores are what they would be if they had been worked out just now."""
    for found, right in zip(stored(desk), anew(desk, weights), strict=True):
        assert found == pytest.approx(right, abs=1e-5)
    assert any(stored(desk)[0].values())


# ---------------------------------------------------------------- whatever happens


ACTS = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 4_000)),
    st.tuples(st.just("click"), st.integers(0, FIRMS - 1)),
    st.tuples(st.just("fade"), st.integers(1, 4)),
    st.tuples(st.just("crash"), st.just(0)),
    st.tuples(st.just("agree"), st.integers(0, len(WEIGHTS) - 1)),
)


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(acts=st.lists(ACTS, min_size=3, max_size=14))
def test_whatever_comes_between_the_scores_come_out_as_if_anew(
    here: Desk, acts: list[tuple[str, int]]
):
    if not here.all(Account)[1:]:
        furnished(here)
    agree(here, WEIGHTS[0])
    weights = WEIGHTS[0]
    click(here, 0)
    for act, number in acts:
        if act == "wait":
            here.clock.advance(timedelta(minutes=number))
        elif act == "click":
            click(here, number)
        elif act == "fade":
            for _ in range(number):
                fade(here.ctx)
        elif act == "crash":
            crash(here)
        else:
            weights = WEIGHTS[number]
            agree(here, weights)
    finish(here)
    check(here, weights)


class Crash(Exception):
    """The process is gone."""


def crash(desk: Desk, at: str = "in_slice") -> bool:
    """Fade until the point; whether it was reached."""

    def die(point: str) -> None:
        if point == at:
            raise Crash

    try:
        fade(replace(desk.ctx, probe=die))
    except Crash:
        return True
    return False


# ---------------------------------------------------------------- one thing after the other


@pytest.mark.parametrize("point", ["in_slice", "after_slice"])
def test_a_crash_leaves_nothing_out_and_fades_nothing_twice(desk: Desk, point: str):
    scored(desk)
    desk.clock.advance(5 * DAY)
    while crash(desk, point):  # with each slice a process dies
        fade(desk.ctx)
    finish(desk)
    check(desk)


def test_whoever_has_come_there_stands_at_the_new_hour_and_the_others_at_the_old_one(here: Desk):
    firms = scored(here)
    before = stored(here)[0]
    here.clock.advance(30 * DAY)
    assert fade(here.ctx).counts == {"faded": 2, "rescored": 0}
    now = stored(here)[0]
    shares = [now[firm] / before[firm] for firm in firms]
    assert shares[:2] == pytest.approx([0.5, 0.5])
    assert shares[2:] == [1] * (FIRMS - 2)


def test_an_event_counts_as_of_the_hour_at_which_its_account_stands(desk: Desk):
    firms = scored(desk)
    before = stored(desk)[0]
    desk.clock.advance(30 * DAY)
    fade(desk.ctx)
    click(desk, 0)
    click(desk, FIRMS - 1)
    now = stored(desk)[0]
    assert now[firms[0]] == pytest.approx(before[firms[0]] / 2 + 5)
    assert now[firms[-1]] == pytest.approx(before[firms[-1]] + 5)
    finish(desk)
    check(desk)


def test_an_hour_that_passes_on_the_way_is_the_next_ones(here: Desk):
    scored(here)
    half_way(here)
    here.clock.advance(3 * HOUR)
    click(here, 0)
    click(here, FIRMS - 1)
    finish(here)
    check(here)


def test_a_new_agreement_on_the_way_begins_anew(desk: Desk):
    scored(desk)
    half_way(desk)
    agree(desk, WEIGHTS[1])
    assert fade(desk.ctx).counts["faded"] == 0
    click(desk, 0)
    click(desk, FIRMS - 1)
    agree(desk, WEIGHTS[2])  # and another one, before the first has come round
    finish(desk)
    check(desk, WEIGHTS[2])


def test_a_new_agreement_passes_quickly_over_accounts_at_which_nothing_happened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    scored(desk)
    with desk.ctx.db.writing() as session:
        quiet = [cast.company(session, f"Quiet {number}") for number in range(20)]
        heard = cast.person(session, quiet[-1], "Gwen Good")
    said = {"email": heard.email}
    receive(desk.ctx, [RawEvent("t", "late", "clicked", desk.clock.now(), said)])
    monkeypatch.setattr(fading, "LOOKED", 10)
    agree(desk, WEIGHTS[1])
    batches = 0
    while is_stale(desk):
        fade(desk.ctx)
        batches += 1
    assert batches < FIRMS
    check(desk, WEIGHTS[1])


def test_what_happened_before_the_agreement_knew_its_kind_counts_from_then_on(here: Desk):
    scored(here)
    receive(here.ctx, [RawEvent("t", "v", "visit", here.clock.now(), {"domain": "firm-1.example"})])
    agree(here, WEIGHTS[2])
    finish(here)
    check(here, WEIGHTS[2])


def test_a_score_of_next_to_nothing_becomes_nothing(here: Desk):
    scored(here)
    here.clock.advance(900 * DAY)
    finish(here)
    assert not any(stored(here)[0].values())
    assert not any(stored(here)[1].values())
    here.clock.advance(HOUR)
    assert fade(here.ctx).counts["faded"] == 0


def test_a_firm_of_many_people_is_a_slice_of_its_own(here: Desk):
    firms = scored(here)
    with here.ctx.db.writing() as session:
        firm = session.get_one(Account, firms[0])
        for number in range(9):
            cast.person(session, firm, f"Eve Else {number}", engagement=1.0)
        assert store.slice_end(session, 0, 2) == firms[0]
        assert store.slice_end(session, firms[0], 2) == firms[2]
        assert store.slice_end(session, firms[-1], 2) == LAST


def test_people_whose_account_comes_out_at_nothing_fade_too(desk: Desk):
    firms = scored(desk)
    with desk.ctx.db.writing() as session:
        nothing = update(Account).where(col(Account.id) != firms[0]).values(engagement=0.0)
        session.connection().execute(nothing)
    before = stored(desk)[1]
    desk.clock.advance(30 * DAY)
    while fade(desk.ctx).counts["faded"] or is_stale(desk):
        pass
    now = stored(desk)[1]
    assert now == pytest.approx({id_: score / 2 for id_, score in before.items()}, rel=0.01)


# ---------------------------------------------------------------- stopping


def test_a_stop_is_heard_between_batches_and_the_next_tick_goes_on(desk: Desk):
    scored(desk)
    desk.clock.advance(DAY)
    asked = iter((False, False, True))
    stopped = tick(desk.ctx, "advance", stopping=lambda: next(asked, True))
    assert not stopped.error
    assert stopped.counts["faded"] == 4
    assert "fade" in due(desk.ctx)
    went_on = tick(desk.ctx, "advance")
    assert went_on.counts["faded"] == FIRMS - 4
    assert "fade" not in due(desk.ctx)
    check(desk)


# ---------------------------------------------------------------- several at once


@contextmanager
def beside(desk: Desk, work: Callable[[Desk], object]) -> Iterator[Future[object]]:
    """Work of another process: it has connections and a clock of its own."""
    db, clock = Database(desk.ctx.db.url), ManualClock(desk.clock.now())
    other = replace(desk, ctx=replace(desk.ctx, db=db, clock=clock), clock=clock)
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work, other)
        yield done
        done.result(30)
    db.dispose()


def test_two_at_once_share_the_work_while_events_come_in(desk: Desk):
    scored(desk)
    desk.clock.advance(5 * DAY)
    start = Barrier(3)

    def fades(one: Desk) -> None:
        start.wait(10)
        for _ in range(3):
            finish(one)
            one.clock.advance(HOUR)

    def clicks(one: Desk) -> None:
        start.wait(10)
        for number in range(3 * FIRMS):
            click(one, number % FIRMS)

    with beside(desk, fades), beside(desk, fades), beside(desk, clicks):
        pass
    desk.clock.advance(3 * HOUR)
    finish(desk)
    check(desk)


def test_an_event_that_has_counted_but_not_committed_is_waited_for(desk: Desk):
    """Its score is as of the old hour, and fades with the others though it is its first."""
    furnished(desk)
    agree(desk, WEIGHTS[0])
    finish(desk)
    desk.clock.advance(30 * DAY)
    counted, go_on = Barrier(2), Barrier(2)

    def clicks(one: Desk) -> None:
        def linger(point: str) -> None:
            if point == "in_inbox":
                counted.wait(10)
                go_on.wait(10)

        click(replace(one, ctx=replace(one.ctx, probe=linger)), 0, ago=40 * DAY)

    with beside(desk, clicks):
        counted.wait(10)
        with beside(desk, finish) as faded:
            wait([faded], 0.3)
            assert not faded.done()
            go_on.wait(10)
    check(desk)


def test_a_fade_gives_way_to_whoever_has_a_row(desk: Desk):
    if desk.ctx.db.dialect == "sqlite":
        pytest.skip("one writer at a time, and rows have no locks")
    firms = scored(desk)
    desk.clock.advance(HOUR)
    taken = Barrier(2)

    def fades(one: Desk) -> Faded:
        taken.wait(10)
        return fade(one.ctx)

    rest = update(Account).where(col(Account.id) == firms[1]).values(pause_reason="holiday")
    with beside(desk, fades) as faded, desk.ctx.db.writing() as session:
        session.connection().execute(rest)
        taken.wait(10)
        assert faded.result(10) == ({"faded": 0, "rescored": 0}, True)
    finish(desk)
    check(desk)


# ---------------------------------------------------------------- what it reads


def test_scores_are_found_without_looking_at_those_who_have_none(unused_url: str):
    database = Database(unused_url)
    queries = {
        "account_scored": "SELECT id FROM account WHERE engagement != 0 AND id > 5 ORDER BY id",
        "contact_scored": (
            "UPDATE contact SET engagement = engagement / 2"
            " WHERE engagement != 0 AND account_id > 5 AND account_id <= 9"
        ),
    }
    with database.writing() as session:
        for index, query in queries.items():
            found = plan_of(session, query)
            assert index in found, found
    database.dispose()
