"""Who is let in, for how long, and who is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from accounts.errors import AbmError
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access, users
from orchestrator.records import Credential, SignInLink, Tries, WebSession
from orchestrator.store.database import Database
from tests.support.desk import Desk, furnish

GOOD = "four stray badgers sing"


class RealClock(ManualClock):
    """A clock whose real time a test can move."""

    real = datetime(2026, 3, 3, 11, tzinfo=UTC)

    def lease_now(self) -> datetime:
        return self.real


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> RealClock:
    """PostgreSQL's own clock, which it would ask, cannot be moved."""
    found = RealClock(RealClock.real)
    monkeypatch.setattr(access, "lease_now", lambda _session, clock: clock.lease_now())
    return found


@pytest.fixture
def desk(migrated_url: str, clock: RealClock, tmp_path: Path) -> Iterator[Desk]:
    database = Database(migrated_url)
    found = furnish(database, tmp_path)
    found.ctx = replace(found.ctx, clock=clock)
    yield found
    database.dispose()


@pytest.fixture
def ctx(desk: Desk) -> Context:
    return desk.ctx


def name_in(ctx: Context, secret: str) -> str | None:
    found = access.visitor(ctx, secret)
    return found.name if found else None


# ---------------------------------------------------------------- passwords


def test_a_password_lets_its_user_in_and_nobody_else(ctx: Context):
    access.set_password(ctx, "dana", GOOD)
    assert name_in(ctx, access.sign_in(ctx, " Dana ", GOOD).secret) == "dana"
    for name, password in [("dana", GOOD + "!"), ("sam", GOOD), ("nobody", GOOD), ("dana", "")]:
        with pytest.raises(AbmError, match="the name or the password is wrong"):
            access.sign_in(ctx, name, password)


@pytest.mark.parametrize(
    "password", ["", "short", "x" * 129, "aaaaaaaaaaaaaaaa", "dana dana dana", "My DANA is nice"]
)
def test_a_bad_password_is_refused(ctx: Context, password: str):
    with pytest.raises(AbmError):
        access.set_password(ctx, "dana", password)


def test_another_password_throws_everybody_out(ctx: Context):
    access.set_password(ctx, "dana", GOOD)
    before = access.sign_in(ctx, "dana", GOOD)
    access.set_password(ctx, "dana", GOOD[::-1])
    assert name_in(ctx, before.secret) is None
    with pytest.raises(AbmError):
        access.sign_in(ctx, "dana", GOOD)


def test_whoever_left_is_not_let_in(ctx: Context, desk: Desk):
    access.set_password(ctx, "dana", GOOD)
    inside = access.sign_in(ctx, "dana", GOOD)
    link = access.link(ctx, "dana")
    deactivate(desk, desk.dana)
    assert name_in(ctx, inside.secret) is None
    with pytest.raises(AbmError):
        access.sign_in(ctx, "dana", GOOD)
    assert name_in(ctx, access.by_link(ctx, link).secret) is None
    with pytest.raises(AbmError, match="not active"):
        access.link(ctx, "dana")


def deactivate(desk: Desk, user: int) -> None:
    from accounts.records import User

    with desk.ctx.db.writing() as session:
        session.get_one(User, user).active = False


def test_other_rights_want_another_session(ctx: Context):
    inside = access.by_link(ctx, access.link(ctx, "dana"))
    access.move(ctx, "dana", "Leader")
    assert name_in(ctx, inside.secret) is None
    again = access.visitor(ctx, access.by_link(ctx, access.link(ctx, "dana")).secret)
    assert (again and again.team) == "leader"
    access.set_active(ctx, "dana", False)
    with pytest.raises(AbmError, match="not active"):
        access.link(ctx, "dana")


# ---------------------------------------------------------------- links


def test_a_link_lets_in_once(ctx: Context):
    secret = access.link(ctx, "dana")
    assert name_in(ctx, access.by_link(ctx, secret).secret) == "dana"
    with pytest.raises(AbmError, match="used or is too old"):
        access.by_link(ctx, secret)


def test_a_link_is_good_for_a_quarter_of_an_hour(ctx: Context, clock: RealClock):
    secret = access.link(ctx, "dana")
    clock.real += access.LINK_LASTS
    with pytest.raises(AbmError, match="too old"):
        access.by_link(ctx, secret)


def test_a_made_up_link_lets_nobody_in(ctx: Context):
    with pytest.raises(AbmError):
        access.by_link(ctx, "../../etc/passwd")


# ---------------------------------------------------------------- sessions


def test_a_session_ends_when_it_is_idle_or_old(ctx: Context, clock: RealClock):
    entry = access.by_link(ctx, access.link(ctx, "dana"))
    began = clock.real
    clock.real = began + access.IDLE
    assert name_in(ctx, entry.secret) is None
    entry = access.by_link(ctx, access.link(ctx, "dana"))
    began = clock.real
    while clock.real < began + access.LONGEST - timedelta(hours=6):
        clock.real += timedelta(hours=6)
        assert name_in(ctx, entry.secret) == "dana"
    clock.real = began + access.LONGEST
    assert name_in(ctx, entry.secret) is None


def test_a_jump_of_business_time_throws_nobody_out(ctx: Context, clock: RealClock):
    entry = access.by_link(ctx, access.link(ctx, "dana"))
    clock.advance(timedelta(days=90))
    assert name_in(ctx, entry.secret) == "dana"


def test_signing_out_ends_this_session_or_all(ctx: Context):
    one, two, three = (access.by_link(ctx, access.link(ctx, "dana")) for _ in range(3))
    sams = access.by_link(ctx, access.link(ctx, "sam"))
    visit = access.visitor(ctx, one.secret)
    assert visit
    assert len(access.sessions(ctx, visit.user_id)) == 3
    access.sign_out(ctx, visit)
    assert (name_in(ctx, one.secret), name_in(ctx, two.secret)) == (None, "dana")
    again = access.visitor(ctx, two.secret)
    assert again
    access.sign_out(ctx, again, everywhere=True)
    assert name_in(ctx, three.secret) is None
    assert name_in(ctx, sams.secret) == "sam"


def test_nothing_that_is_stored_lets_anybody_in(ctx: Context, desk: Desk):
    access.set_password(ctx, "dana", GOOD)
    entry, link = access.sign_in(ctx, "dana", GOOD), access.link(ctx, "dana")
    rows = [*desk.all(Credential), *desk.all(SignInLink), *desk.all(WebSession)]
    stored = " ".join(str(row.model_dump()) for row in rows)
    assert len(rows) == 3
    assert not any(secret in stored for secret in (GOOD, entry.secret, link))


# ---------------------------------------------------------------- tries


def test_ten_tries_at_once_then_one_in_six_seconds(ctx: Context, clock: RealClock):
    assert [access.may_try(ctx, "name dana") for _ in range(11)] == [True] * 10 + [False]
    assert access.may_try(ctx, "name sam")
    assert not access.may_try(ctx, "name sam", "name dana")
    for seconds, allowed in ((5, False), (1, True), (0, False), (600, True)):
        clock.real += timedelta(seconds=seconds)
        assert access.may_try(ctx, "name dana") is allowed, seconds
    with ctx.db.reading() as session:
        assert len(list(session.exec(select(Tries)))) == 1


def test_one_session_may_be_ended_at_another_browser_and_nobody_elses(ctx: Context, desk: Desk):
    one, two = (access.by_link(ctx, access.link(ctx, "dana")) for _ in range(2))
    visit = access.visitor(ctx, two.secret)
    assert visit
    access.end(ctx, desk.users["sam"], visit.digest)
    assert name_in(ctx, two.secret) == "dana"
    access.end(ctx, desk.dana, visit.digest)
    assert (name_in(ctx, one.secret), name_in(ctx, two.secret)) == ("dana", None)


def test_the_last_admin_neither_leaves_nor_moves(ctx: Context):
    users.add(ctx, "ada", "admin", "ada@us.example")
    users.add(ctx, "ben", "admin", "ben@us.example")
    access.set_active(ctx, "ben", False)
    for go in (
        lambda: access.set_active(ctx, "ada", False),
        lambda: access.move(ctx, "ada", "ops"),
    ):
        with pytest.raises(AbmError, match="ada is the last admin"):
            go()
    access.move(ctx, "ada", "admin")
    access.set_active(ctx, "ben", True)
    access.move(ctx, "ada", "ops")
    teams = {one.name: one.team for one in users.everybody(ctx)}
    assert (teams["ada"], teams["ben"]) == ("ops", "admin")
