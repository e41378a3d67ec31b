"""Pages of accounts, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from orchestrator.engine.pages import browsing
from orchestrator.engine.pages.browsing import Wanted
from orchestrator.engine.tasks import desk
from orchestrator.engine.tasks.at_hand import at_hand
from orchestrator.store.database import Database
from orchestrator.store.pages.browsing import SORTS
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk, furnish


@pytest.fixture
def here(migrated_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(migrated_url)
    found = furnish(database, tmp_path)
    with database.writing() as session:
        for number in range(browsing.PAGE):
            cast.company(session, f"Company {number:02}", tier=1 + number % 2, stage="target")
    yield found
    database.dispose()


def test_a_page_ends_where_the_next_begins(here: Desk):
    first = browsing.accounts(here.ctx, Wanted())
    assert [one.name for one in first.lines[:2]] == ["Acme", "Company 00"]
    assert (len(first.lines), first.lines[0].play) == (browsing.PAGE, "play")
    assert first.more
    wanted = Wanted(after_name=first.more.name, after_id=first.more.id)
    last = browsing.accounts(here.ctx, wanted)
    assert ([one.name for one in last.lines], last.more) == (["Company 49"], None)
    assert last.choices.stages == ["identified", "target"]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        (Wanted(said="COMPANY 1"), 10),
        (Wanted(said="acme.example"), 1),
        (Wanted(said="%"), 0),
        (Wanted(tier=2), 25),
        (Wanted(stage="target", tier=1), 25),
        (Wanted(play="play"), 1),
    ],
)
def test_all_that_is_said_must_fit(here: Desk, wanted: Wanted, number: int):
    assert len(browsing.accounts(here.ctx, wanted).lines) == number


def test_each_order_walks_an_index(here: Desk):
    """None sorts the accounts: with a hundred thousand that is what a page waits for."""
    if here.ctx.db.dialect != "sqlite":
        pytest.skip("PostgreSQL sorts a table as small as this one")
    asked: list[Any] = []

    def keep(_conn: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    event.listen(here.ctx.db.engine, "before_cursor_execute", keep)
    filters: tuple[dict[str, Any], ...] = ({}, {"tier": 2}, {"said": "company"})
    for sort, more in product(SORTS, filters):
        wanted = {"sort": sort, "after_id": 3, "after_value": 1} | more
        browsing.accounts(here.ctx, Wanted.model_validate(wanted))
    event.remove(here.ctx.db.engine, "before_cursor_execute", keep)
    with here.ctx.db.reading() as session:
        run = session.connection().exec_driver_sql
        for said, given in asked:
            if "account.engagement" in said:
                plan = str(run(f"EXPLAIN QUERY PLAN {said}", given).all())
                assert "USING" in plan
                assert "TEMP B-TREE" not in plan, said


def test_what_somebody_did_today_is_counted(here: Desk):
    desk.done(here.ctx, here.task(), here.dana, "connected")
    assert at_hand(here.ctx, here.dana, NOW).done == 1
    assert at_hand(here.ctx, here.users["sam"], NOW).done == 0
