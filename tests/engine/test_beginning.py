"""`start`: accounts begin by themselves, on a signal or once both teams have signed them.

That an unknown company's hand-raiser is looked at by a rep, `tests/inbox/test_events.py` tells.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.calendar import parse_span
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import targets
from orchestrator.terms import RawEvent, Start
from tests.engine.world import DAY, World
from tests.support import cast
from tests.support.cast import NOW

ON_INTENT = Start(on=("intent",))


def hears(world: World, kind: str = "intent", ago: timedelta = timedelta()) -> None:
    """Something happens at Acme."""
    at = world.clock.now() - ago
    raw = RawEvent("ads", f"{kind} {at}", kind, at, {"domain": "acme-works.com"})
    assert receive(world.ctx, [raw]).counts == {"applied": 1}
    world.tick()


def acme_of(world: World) -> int:
    [acme] = world.companies("Acme", domain="acme-works.com")
    return acme


def test_a_signal_lets_the_account_begin_at_once(world: World):
    world.book("play", start=ON_INTENT)
    acme = acme_of(world)
    hears(world)
    assert world.play(acme).status == "active"
    assert "enrolled in Play, for intent; starts with the next tick" in world.log(acme)


@pytest.mark.parametrize(
    ("kind", "ago"), [("visit", timedelta()), ("intent", 8 * DAY), ("reply.auto", timedelta())]
)
def test_another_kind_and_what_is_told_late_begin_nothing(
    sqlite_world: World, kind: str, ago: timedelta
):
    sqlite_world.book("play", start=Start(on=("intent", "reply")))
    acme = acme_of(sqlite_world)
    if kind != "reply.auto":
        hears(sqlite_world, kind, ago)
    assert sqlite_world.statuses() == {}
    assert sqlite_world.log(acme, "not_enrolled") == []


def test_who_may_not_be_enrolled_is_told_why(sqlite_world: World):
    sqlite_world.book("play", start=ON_INTENT, unsigned=False)
    acme = acme_of(sqlite_world)
    hears(sqlite_world)
    [told] = sqlite_world.log(acme, "not_enrolled")
    assert told.startswith("not enrolled in Play, for intent: ")


def test_a_signal_of_who_runs_it_already_is_no_news(sqlite_world: World):
    sqlite_world.book("play", start=ON_INTENT)
    acme = acme_of(sqlite_world)
    hears(sqlite_world)
    sqlite_world.clock.set(NOW + DAY)
    hears(sqlite_world)
    assert sqlite_world.log(acme, "not_enrolled") == []
    assert len(sqlite_world.log(acme, "enrolled")) == 1


@pytest.mark.parametrize(("again", "begins"), [("", False), ("30d", False), ("5d", True)])
def test_who_went_through_it_begins_again_only_when_it_says_so(
    sqlite_world: World, again: str, begins: bool
):
    sqlite_world.book("play", start=Start(("intent",), again=parse_span(again) if again else None))
    acme = acme_of(sqlite_world)
    hears(sqlite_world)
    first = sqlite_world.play(acme)
    sqlite_world.write(
        lambda session: session.merge(
            first.__class__(**first.model_dump() | {"status": "ended", "ended_at": NOW})
        )
    )
    sqlite_world.clock.set(NOW + 6 * DAY)
    hears(sqlite_world)
    assert (sqlite_world.play(acme).id != first.id) is begins
    assert len(sqlite_world.log(acme, "not_enrolled")) == (not begins)


@pytest.mark.parametrize(
    ("start", "begins"),
    [(Start(stage=("target",)), True), (Start(lists=("q3",)), True), (Start(lists=("q4",)), False)],
)
def test_both_signatures_let_the_accounts_of_the_list_begin(
    sqlite_world: World, start: Start, begins: bool
):
    sqlite_world.book("play", start=start, unsigned=False)
    acme = acme_of(sqlite_world)
    with sqlite_world.db.writing() as session:
        cast.user(session, "mara", "marketing")
        cast.user(session, "dana", "sales")
    targets.nominate(sqlite_world.ctx, "q3", [acme], "mara", "met at a fair")
    targets.sign(sqlite_world.ctx, "q3", "mara")
    sqlite_world.tick()
    assert sqlite_world.statuses() == {}
    targets.sign(sqlite_world.ctx, "q3", "dana")
    sqlite_world.tick()
    assert bool(sqlite_world.statuses()) is begins
