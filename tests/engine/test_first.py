"""The first of us comes in by a token, and there is one first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from accounts.errors import AbmError
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access, first, passwords, users
from orchestrator.records import SetUp
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.support.cast import NOW

PASSWORD = "four stray badgers dig"


@pytest.fixture
def ctx(unused_url: str, tmp_path: Path) -> Iterator[Context]:
    database = Database(unused_url)
    yield Context(database, ManualClock(NOW), Settings(project=tmp_path), {})
    database.dispose()


def come(ctx: Context, token: str, name: str = "ada", password: str = PASSWORD) -> access.Entry:
    return first.set_up(ctx, token, name, f"{name}@us.example", password)


def test_the_first_of_us_is_admin_and_signed_in(ctx: Context):
    assert not first.anybody(ctx)
    entry = come(ctx, f" {first.offer(ctx)}\n", "Ada")
    visit = access.visitor(ctx, entry.secret)
    assert visit is not None
    assert (visit.name, visit.team) == ("ada", "admin")
    assert access.is_recent(ctx, visit)
    assert access.sign_in(ctx, "ada", PASSWORD)
    assert first.anybody(ctx)


def test_a_token_is_chance_enough_kept_as_a_digest_and_works_once(ctx: Context):
    token = first.offer(ctx)
    assert len(bytes.fromhex(token)) * 8 == 128
    with ctx.db.reading() as session:
        assert token not in str(session.get_one(SetUp, 1))
    come(ctx, token)
    for again in (lambda: come(ctx, token, "eve"), lambda: first.offer(ctx)):
        with pytest.raises(AbmError):
            again()
    assert [one.name for one in users.everybody(ctx)] == ["ada"]


@pytest.mark.parametrize("token", ["", "0" * 32, "ä", "\ud800", "x" * 100_000, "' OR 1=1 --"])
def test_another_token_lets_nobody_in_and_no_password_is_looked_at(
    ctx: Context, monkeypatch: pytest.MonkeyPatch, token: str
):
    monkeypatch.setattr(passwords, "kept", lambda _: pytest.fail("hashed for a wrong token"))
    first.offer(ctx)
    with pytest.raises(AbmError, match="wrong, used or too old"):
        come(ctx, token)
    assert not first.anybody(ctx)


def test_a_token_lasts_an_hour_and_until_the_next_one(ctx: Context, monkeypatch):
    before, token = first.offer(ctx), first.offer(ctx)
    assert not first.is_offered(ctx, before)
    monkeypatch.setattr(first, "lease_now", lambda *_: NOW + timedelta(days=365))
    token = first.offer(ctx)
    for late, offered in ((first.LASTS - timedelta(seconds=1), True), (first.LASTS, False)):
        monkeypatch.setattr(first, "lease_now", lambda *_, n=late: NOW + timedelta(days=365) + n)
        assert first.is_offered(ctx, token) is offered
    with pytest.raises(AbmError):
        come(ctx, token)


@pytest.mark.parametrize(
    ("name", "email", "password"),
    [("a b", "ada@us.example", PASSWORD), ("ada", "ada", PASSWORD),
     ("ada", "ada@us.example", "short"), ("ada", "ada@us.example", "password1234")],
)  # fmt: skip
def test_what_cannot_be_said_costs_no_token(ctx: Context, name: str, email: str, password: str):
    token = first.offer(ctx)
    with pytest.raises(AbmError):
        first.set_up(ctx, token, name, email, password)
    assert not first.anybody(ctx)
    come(ctx, token)


def test_somebody_who_was_added_at_the_command_line_is_the_first_too(ctx: Context):
    token = first.offer(ctx)
    users.add(ctx, "mona", "marketing", "mona@us.example")
    with pytest.raises(AbmError, match="works here already"):
        come(ctx, token)
    with pytest.raises(AbmError, match="works here already"):
        first.offer(ctx)


def test_of_two_who_come_at_once_one_is_the_first(ctx: Context, monkeypatch: pytest.MonkeyPatch):
    """Both are held until both have passed every look; what writes decides."""
    token, meet = first.offer(ctx), Barrier(4)

    def kept(password: str) -> str:
        meet.wait(20)
        return f"hash of {len(password)}"

    monkeypatch.setattr(passwords, "kept", kept)

    def race(name: str) -> str:
        database = Database(ctx.db.url)
        mine = Context(database, ctx.clock, ctx.settings, {})
        try:
            come(mine, token, name)
        except AbmError:
            return ""
        finally:
            database.dispose()
        return name

    with ThreadPoolExecutor(4) as pool:
        found = sorted(pool.map(race, ("ada", "bo", "cy", "di")))
    assert found[:3] == ["", "", ""]
    assert [one.name for one in users.everybody(ctx)] == found[3:]
