"""A budget holds over all accounts, batches and processes; what was taken back is there again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.reading import status
from orchestrator.engine.running.advancing import advance, advance_all
from orchestrator.settings import Settings, Workspace
from orchestrator.store.database import Database
from orchestrator.store.plays import plays
from orchestrator.store.running import spending
from orchestrator.store.tables import EXPENSE, PLAYBOOK, RUN, TASK
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW

ACCOUNTS = 6
CARD = plans.step("card", "direct_mail", "champion", cost=Decimal("30.10"))
PLAN = plans.plan(CARD, budget=Decimal(100))


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """Six accounts that are each to get a card of 30.10; the budget of 100 holds three."""
    database = Database(migrated_url)
    with database.writing() as session:
        version = cast.version(session, PLAN)
        for number in range(ACCOUNTS):
            account = cast.company(session, f"A{number}")
            cast.person(session, account, "Ann Archer", role="champion")
            cast.enrolled(session, account, version, activated_at=NOW, next_due_at=NOW)
    settings = Settings(project=tmp_path, workspace=Workspace(zone="UTC", currency="CHF"))
    yield Context(database, ManualClock(NOW), settings, {})
    database.dispose()


def opened(ctx: Context) -> list[int]:
    with ctx.db.reading() as session:
        query = select(TASK.c.account_id).where(TASK.c.status == "open").order_by(TASK.c.account_id)
        return list(session.connection().execute(query).scalars())


def spent(ctx: Context) -> Decimal:
    with ctx.db.reading() as session:
        return spending.spent(session, ["play"]).get("play", Decimal())


def test_one_batch_spends_in_the_order_of_accounts_and_says_what_holds_the_others(ctx: Context):
    advance_all(ctx)
    assert opened(ctx) == [1, 2, 3]
    assert spent(ctx) == Decimal("90.30")
    with ctx.db.reading() as session:
        reasons = session.connection().execute(select(RUN.c.reason).where(RUN.c.reason != ""))
        assert set(reasons.scalars()) == {"the budget of 100 CHF has no 30.10 CHF left"}
    assert [one.money for one in status(ctx).playbooks] == ["90.30 of 100 CHF"]


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_batches_of_any_size_spend_no_more(ctx: Context, batch: int):
    advance_all(ctx, batch=batch)
    assert len(opened(ctx)) == 3


def test_of_two_processes_that_spend_the_last_of_it_one_decides_anew(ctx: Context):
    others: list[int] = []

    def meanwhile(point: str) -> None:
        """Another process decides on the other half, after this one has and before it writes."""
        if point == "before_write" and not others:
            others.append(advance(ctx, batch=3).decided)

    done = advance(replace(ctx, probe=meanwhile), batch=3)
    assert others == [3]
    assert (done.decided, done.lost) == (0, 3)
    advance_all(ctx)
    assert len(opened(ctx)) == 3
    assert spent(ctx) == Decimal("90.30")


def test_what_is_skipped_gives_its_money_back_to_whoever_waits(ctx: Context):
    advance_all(ctx)
    with ctx.db.writing() as session:
        skipped = update(TASK).where(TASK.c.account_id == 1)
        session.connection().execute(skipped.values(status="skipped", ended_at=NOW))
        plays.wake(session, [4, 5, 6], NOW, urgent=False)
    assert spent(ctx) == Decimal("60.20")
    advance_all(ctx)
    assert opened(ctx) == [2, 3, 4]


def test_a_cost_without_a_budget_is_noted_and_holds_nobody(ctx: Context):
    with ctx.db.writing() as session:
        cast.version(session, plans.plan(CARD), 2)
        session.connection().execute(update(PLAYBOOK).values(current=2))
    advance_all(ctx)
    assert len(opened(ctx)) == ACCOUNTS
    with ctx.db.reading() as session:
        total = session.connection().execute(select(func.sum(EXPENSE.c.amount))).scalar()
    assert total == 6 * 3010
