"""What got no clear answer goes again under its key; if it must not, it may have arrived all the
same, and nobody says that it did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from accounts.consent import address_hash
from accounts.records import Account, Contact, Suppression
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding
from orchestrator.engine.running.advancing import advance, advance_all
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.running.outcomes import BACK_OFF
from orchestrator.engine.running.sweeping import sweep
from orchestrator.engine.running.unknowns import unknowns
from orchestrator.engine.ticking import due, next_due
from orchestrator.records import Activity, Enrollment, Stop, Touch
from orchestrator.records.outgoing import WAITING
from orchestrator.store.database import Database
from orchestrator.terms import Cap, Plan, RawEvent
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import After
from tests.ledger.recorder import Books, Recorder
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW
from tests.support.plans import plan_of
from tests.support.sinks import HttpSink

House = Callable[..., Context]
UNCLEAR = "hangs up after taking"
MINUTE = timedelta(minutes=1)
on_one = pytest.mark.parametrize("kind", ["sqlite"])


class Desk:
    """A house whose channels answer as the books say, and take no message twice."""

    def __init__(self, house: House) -> None:
        self.house, self.clock = house, ManualClock(NOW)
        self.books = Books(self.clock.now)
        self.ctx = self.context()

    def context(self, **options: Any) -> Context:
        channels = {
            "email": Recorder("email", "natural", self.books),
            "webhook": Recorder("webhook", "keyed", self.books),
        }
        return replace(self.house(**options), clock=self.clock, channels=channels)

    def seed(self, plan: Plan | None = None) -> None:
        """Acme with Ann, whose mail is due now."""
        with self.ctx.db.writing() as session:
            acme = cast.company(session, "Acme")
            play = cast.enrolled(session, acme, cast.version(session, plan or seed.letters_plan()))
            ann = cast.person(session, acme, "Ann Archer", role="champion")
            cast.touch(session, play, ann, "insight", late_at=NOW + timedelta(hours=1))

    def send(self, mood: str) -> dict[str, int]:
        """One pass while the other side is in this mood."""
        self.books.mood = mood
        return dict(deliver(self.ctx).counts)

    def write(self, happens: Callable[[Session], object]) -> None:
        """What somebody else's transaction does."""
        with self.ctx.db.writing() as session:
            happens(session)

    @property
    def touch(self) -> Touch:
        (only,) = witness.touches(self.ctx.db)
        return only

    def lines(self) -> list[str]:
        """The log, oldest first."""
        with self.ctx.db.reading() as session:
            return list(session.exec(select(Activity.text).order_by(col(Activity.id))))


@pytest.fixture
def desk(house: House) -> Desk:
    """The house."""
    return Desk(house)


def _of(table: type[Any], **changes: Any) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        for name, value in changes.items():
            setattr(session.get(table, 1), name, value)

    return change


def _rule(scope: str, value: str, reason: str) -> Callable[[Session], None]:
    return lambda session: session.add(Suppression(scope=scope, value=value, reason=reason, at=NOW))


def _stop(**more: Any) -> Callable[[Session], None]:
    return lambda session: session.add(Stop(account_id=1, reason="a stop", at=NOW, **more))


# name -> what happens, a word of the reason
FORBIDS: dict[str, tuple[Callable[[Session], None], str]] = {
    "a stop of the person": (_stop(contact_id=1), "a stop"),
    "a stop of the account": (_stop(), "a stop"),
    "a stop of the play": (_stop(enrollment_id=1), "a stop"),
    "the end of the play": (_of(Enrollment, status="ended", reason="won"), "won"),
    "an opt-out": (_of(Contact, consent="refused"), "asked not to be"),
    "a suppression": (_rule("address", "ann.archer@acme.example", "manual"), "manual"),
    "an erasure": (_rule("address", address_hash("ann.archer@acme.example"), "erased"), "erased"),
    "a departure": (_of(Contact, left_at=NOW, left_reason="left the company"), "left the company"),
    "a merge": (_of(Account, merged_into=1), "merged"),
    "an address that is gone": (_of(Contact, email="", email_key=""), "no e-mail address"),
}


@on_one
@pytest.mark.parametrize("at_once", [False, True], ids=["before-its-claim", "after-its-claim"])
@pytest.mark.parametrize("name", FORBIDS)
def test_it_may_have_arrived_whatever_forbids_the_next_try(desk: Desk, name: str, at_once: bool):
    happens, word = FORBIDS[name]
    desk.seed()
    assert desk.send(UNCLEAR) == {"held": 1}
    desk.clock.advance(MINUTE)
    point = "after_claim" if at_once else "before_claim"
    ctx = desk.context(probe=After(point, lambda: desk.write(happens)))
    assert deliver(ctx).counts == {"unknown": 1}
    assert len(desk.books.taken) == 1
    touch = desk.touch
    assert (touch.status, touch.outcome, touch.owner) == ("unknown", "not_done", "")
    assert touch.intent_at == touch.ended_at == NOW  # it ends as sent when it was
    assert touch.reason.startswith("it may or may not have arrived; it does not go again: ")
    assert word in touch.reason
    assert f"insight: unknown, {touch.reason}" in desk.lines()
    assert [one.id for one in unknowns(desk.ctx)] == [touch.id]
    assert touch.lease_until is not None  # and not sent again before


@on_one
def test_too_late_for_the_next_try_is_not_as_if_nothing_had_left(desk: Desk):
    desk.seed()
    desk.send(UNCLEAR)
    desk.clock.advance(timedelta(hours=2))
    assert desk.send("takes") == {"unknown": 1}
    assert "too late" in desk.touch.reason


@on_one
@pytest.mark.parametrize("mood", ["refuses", "knows nobody"])
def test_a_refusal_of_the_next_try_says_nothing_of_the_first(desk: Desk, mood: str):
    desk.seed()
    desk.send(UNCLEAR)
    desk.clock.advance(MINUTE)
    assert desk.send(mood) == {"unknown": 1}
    assert (desk.touch.status, desk.touch.intent_at, desk.touch.bounced_at) == (
        "unknown",
        NOW,
        None,
    )
    assert desk.touch.reply.startswith("55")


@on_one
@pytest.mark.parametrize(
    ("first", "then", "status"),
    [
        (UNCLEAR, "puts off", "unknown"),
        ("puts off", UNCLEAR, "unknown"),
        ("puts off", "puts off", "failed"),
    ],
)
def test_when_its_tries_are_over_one_unclear_answer_is_enough(
    desk: Desk, first: str, then: str, status: str
):
    desk.seed(plans.plan(seed.letters_plan().steps[0]))
    desk.write(_of(Touch, late_at=None))
    desk.send(first)
    for pause in BACK_OFF:
        desk.clock.advance(pause)
        desk.send(then)
    assert desk.touch.status == status
    assert desk.touch.attempt == len(BACK_OFF)


@on_one
def test_a_clear_try_later_after_an_unclear_one_forgets_nothing(desk: Desk):
    desk.seed()
    desk.send(UNCLEAR)
    desk.clock.advance(MINUTE)
    assert desk.send("puts off") == {"held": 1}
    assert (desk.touch.status, desk.touch.owner, desk.touch.intent_at) == ("sending", "", NOW)
    assert desk.touch.reason == "the other side asked to try later"
    desk.clock.advance(timedelta(minutes=5))
    assert desk.send("takes") == {"sent": 1}
    assert {taken.name for taken in desk.books.taken} == {witness.name(desk.touch)}


@on_one
def test_a_hold_of_the_next_try_forgets_nothing(desk: Desk):
    desk.seed()
    desk.send(UNCLEAR)
    until = NOW + timedelta(minutes=30)
    desk.write(_of(Account, paused_until=until, pause_reason="not now"))
    desk.clock.advance(MINUTE)
    assert desk.send("takes") == {"held": 1}
    assert (desk.touch.status, desk.touch.intent_at, desk.touch.due_at) == ("sending", NOW, until)
    desk.clock.set(until)
    desk.write(_stop())
    assert desk.send("takes") == {"unknown": 1}


def test_it_is_due_and_counts_as_held_until_it_goes_again(desk: Desk):
    desk.seed()
    desk.send(UNCLEAR)
    assert "deliver" not in due(desk.ctx)
    assert next_due(desk.ctx) == NOW + BACK_OFF[0]
    desk.clock.advance(BACK_OFF[0])
    assert "deliver" in due(desk.ctx)
    assert sweep(desk.ctx).counts == {}  # nobody has forgotten it
    assert desk.send("takes") == {"sent": 1}


# ---------------------------------------------------------------- caps


def _capped(limit: int) -> Plan:
    return seed.letters_plan(caps=(Cap("account", limit, seed.per_day(1).window),))


def _bob(session: Session, due_at: datetime) -> None:
    acme, play = session.get_one(Account, 1), session.get_one(Enrollment, 1)
    bob = cast.person(session, acme, "Bob Brown", role="champion")
    cast.touch(session, play, bob, "insight", due_at=due_at)


@on_one
def test_it_counts_to_the_caps_of_others_while_it_waits(desk: Desk):
    desk.seed(_capped(1))
    desk.send(UNCLEAR)
    desk.write(lambda session: _bob(session, NOW))
    assert desk.send("takes") == {"held": 1}
    assert len(desk.books.taken) == 1


@on_one
@pytest.mark.parametrize(("limit", "counts"), [(1, {"sent": 1, "held": 1}), (2, {"sent": 2})])
def test_it_counts_once_and_never_against_itself(desk: Desk, limit: int, counts: dict[str, int]):
    desk.seed(_capped(limit))
    desk.send(UNCLEAR)
    desk.write(lambda session: _bob(session, NOW + MINUTE))
    desk.clock.advance(MINUTE)
    assert desk.send("takes") == counts
    ann, bob = witness.touches(desk.ctx.db)
    assert ann.status == "sent"
    assert bob.status == ("sent" if limit == 2 else "ready")


# ---------------------------------------------------------------- the planner


def _play(desk: Desk) -> None:
    """A play that has opened a webhook, which got no clear answer."""
    hook = plans.step("hook", "webhook", after=(), url="https://hooks.example/x", always=True)
    later = plans.step("later", "todo", after=("hook",), wait="3d", always=True)
    with desk.ctx.db.writing() as session:
        due_now = {"next_due_at": NOW, "activated_at": NOW}
        version = cast.version(session, plans.plan(hook, later))
        cast.enrolled(session, cast.company(session, "Acme", domain="acme.io"), version, **due_now)
        cast.user(session, "dana", "marketing")
    advance(desk.ctx)
    assert desk.send(UNCLEAR) == {"held": 1}


def _enrollment(desk: Desk) -> Enrollment:
    return seed.enrollment(desk.ctx.db, 1)


@pytest.mark.parametrize("claimed", [False, True], ids=["waiting", "claimed"])
def test_a_stopped_play_waits_for_it_and_ends_when_it_has(desk: Desk, claimed: bool):
    _play(desk)

    def stop() -> None:
        holding.stop(desk.ctx, holding.target(desk.ctx, "account", "acme.io"))
        advance_all(desk.ctx)

    if not claimed:
        stop()
        assert (desk.touch.status, _enrollment(desk).status) == ("sending", "active")
    desk.clock.advance(MINUTE)
    ctx = desk.context(probe=After("after_claim", stop if claimed else int))
    assert deliver(ctx).counts == {"unknown": 1}
    assert desk.touch.ended_at == NOW
    advance_all(desk.ctx)
    assert (_enrollment(desk).status, _enrollment(desk).outcome) == ("ended", "stopped")
    assert not [line for line in desk.lines() if "not sent" in line]
    assert len(desk.books.taken) == 1


@on_one
@pytest.mark.parametrize("paused", [False, True])
def test_a_stop_by_hand_settles_it_at_once(desk: Desk, paused: bool):
    _play(desk)
    whom = holding.target(desk.ctx, "account", "acme.io")
    if paused:
        holding.pause(desk.ctx, whom)
        desk.clock.advance(MINUTE)
        assert desk.send("takes") == {"held": 1}
    holding.stop(desk.ctx, whom)
    advance_all(desk.ctx)
    assert desk.send("takes") == {"unknown": 1}
    advance_all(desk.ctx)
    assert _enrollment(desk).outcome == "stopped"


@on_one
def test_it_goes_again_after_a_pause(desk: Desk):
    _play(desk)
    whom = holding.target(desk.ctx, "account", "acme.io")
    holding.pause(desk.ctx, whom)
    desk.clock.advance(MINUTE)
    assert desk.send("takes") == {"held": 1}
    holding.resume(desk.ctx, whom)
    assert desk.send("takes") == {"sent": 1}


@on_one
def test_a_stop_by_an_event_binds_it_too(desk: Desk):
    _play(desk)
    event = RawEvent("crm", "1", "opportunity", NOW, {"domain": "acme.io"})
    assert receive(desk.ctx, [event]).counts == {"applied": 1}
    advance_all(desk.ctx)
    desk.clock.advance(MINUTE)
    assert desk.send("takes") == {"unknown": 1}
    assert len(desk.books.taken) == 1


# ---------------------------------------------------------------- the sweep


@on_one
@pytest.mark.parametrize("point", ["after_claim", "after_intent"])
def test_what_dies_in_its_second_try_may_have_arrived_at_the_first(
    house: House, http_sink: HttpSink, point: str
):
    ctx = house(http_sink)
    seed.hooks(ctx.db, 1, http_sink.url("/drop-after-accept"))
    assert deliver(ctx).counts == {"held": 1}
    later = NOW + MINUTE
    worker.start(worker.Job("deliver", ctx.settings, point, at=later)).join(30)
    witness.lapse(ctx.db)
    assert sweep(ctx).counts == {"ready": 1}
    (touch,) = witness.touches(ctx.db)
    assert (touch.status, touch.owner, touch.lease_until) == ("sending", "", None)
    with ctx.db.writing() as session:
        _stop()(session)
    ctx.clock.set(later)  # type: ignore[attr-defined]
    assert deliver(ctx).counts == {"unknown": 1}
    assert len(http_sink.accepted()) == 1


def test_what_may_be_claimed_is_found_by_its_index(unused_url: str):
    database = Database(unused_url)
    query = select(Touch.id).where(WAITING).order_by(col(Touch.due_at))
    with database.reading() as session:
        sql = str(query.compile(database.engine, compile_kwargs={"literal_binds": True}))
        plan = plan_of(session, sql)
    database.dispose()
    assert "touch_ready" in plan, plan
    assert "B-TREE" not in plan, plan  # SQLite's word for sorting
    assert "Sort" not in plan, plan
