"""Whom a provider's word lets in, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.errors import AbmError
from accounts.records import User
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access, vouching
from orchestrator.engine.staff.vouching import Voucher
from orchestrator.records import OutsideIdentity
from orchestrator.store.database import Database
from tests.support.desk import Desk, furnish

ISSUER = "https://login.example"
DANA = Voucher(ISSUER, "d-1", "DANA@us.example")


@pytest.fixture
def desk(migrated_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(migrated_url)
    yield furnish(database, tmp_path)
    database.dispose()


@pytest.fixture
def ctx(desk: Desk) -> Context:
    return desk.ctx


def test_a_state_is_used_once_however_many_come_with_it(ctx: Context):
    def come(_: int) -> bool:
        try:
            vouching.arrive(ctx, "state")
        except AbmError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(come, range(8))) == [False] * 7 + [True]


def test_an_address_finds_a_user_once_and_the_subject_from_then_on(ctx: Context, desk: Desk):
    assert vouching.linked(ctx, DANA) is None
    person = vouching.invited(ctx, DANA)
    assert (person.name, person.team) == ("dana", "sales")
    vouching.link(ctx, ISSUER, "d-1", person.id)
    assert vouching.linked(ctx, DANA._replace(email="")) == person
    for other in (DANA._replace(subject="d-2"), DANA._replace(email="")):
        with pytest.raises(AbmError):
            vouching.invited(ctx, other)
    with pytest.raises(AbmError, match="linked already"):
        vouching.link(ctx, ISSUER, "d-2", person.id)
    with pytest.raises(AbmError, match="linked already"):
        vouching.link(ctx, ISSUER, "d-1", desk.max)
    assert len(desk.all(OutsideIdentity)) == 1


def test_two_who_are_linked_at_once_are_one(ctx: Context, desk: Desk):
    def link(subject: str) -> bool:
        try:
            vouching.link(ctx, ISSUER, subject, desk.dana)
        except AbmError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(link, [f"d-{number}" for number in range(8)])) == 1


def test_a_session_is_as_fresh_as_the_proof_and_never_fresher_than_now(ctx: Context, desk: Desk):
    vouching.link(ctx, ISSUER, "d-1", desk.dana)
    now = ctx.clock.lease_now()
    proofs = {None: False, now - access.RECENT - timedelta(minutes=1): False,
              now - timedelta(minutes=1): True, now + timedelta(days=1): True}  # fmt: skip
    for proof, recent in proofs.items():
        entry = vouching.let_in(ctx, DANA._replace(proved_at=proof))
        visit = access.visitor(ctx, entry.secret)
        assert visit
        assert access.is_recent(ctx, visit) is recent, proof
        assert visit.proved_at is None or visit.proved_at <= ctx.clock.lease_now()


def test_whoever_left_or_was_parted_is_not_let_in(ctx: Context, desk: Desk):
    vouching.link(ctx, ISSUER, "d-1", desk.dana)
    entry = vouching.let_in(ctx, DANA)
    assert vouching.unlink(ctx, "dana")
    assert not vouching.unlink(ctx, "dana")
    assert access.visitor(ctx, entry.secret) is None
    vouching.link(ctx, ISSUER, "d-1", desk.dana)
    with ctx.db.writing() as session:
        session.get_one(User, desk.dana).active = False
    with pytest.raises(AbmError, match="not let in"):
        vouching.let_in(ctx, DANA)
