"""What an object was like before and after an act: shown by a digest from which nobody reads it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from orchestrator.engine.context import Context
from orchestrator.engine.plays import holding
from orchestrator.engine.staff import access, auditing, users
from orchestrator.engine.staff.auditing import Deed, note, recorded, verify
from orchestrator.engine.tasks import desk as work
from orchestrator.store.database import Database
from orchestrator.store.pages.likeness import KINDS, likeness
from orchestrator.store.tables import KEY
from tests.engine.test_auditing import alter
from tests.support.desk import Desk, furnish

HOSTILE = ("", "0", "-1", "9" * 30, "²", "1; DROP TABLE audit", "x" * 5000, "%", "\0", "\ud800")


@pytest.fixture
def desk(unused_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(unused_url)
    yield furnish(database, tmp_path)
    database.dispose()


def told(ctx: Context) -> list[tuple[str, str]]:
    """(before, after) of every line, the oldest first."""
    return [(one.before, one.after) for one in auditing.everything(ctx)]


def test_each_line_takes_up_where_the_last_one_of_its_object_ended(desk: Desk):
    ctx = recorded(desk.ctx, Deed("user", kind="user", name="kim"))
    users.add(ctx, "kim", "sales", "kim@us.example")
    users.change(ctx, "kim", {"title": "Head of sales"})
    access.set_password(ctx, "KIM", "four stray badgers dig")
    access.set_active(ctx, "kim", False)
    found = told(desk.ctx)
    assert [before for before, _ in found] == ["", *(after for _, after in found[:-1])]
    assert len({after for _, after in found}) == len(found) == 4
    assert verify(desk.ctx).problem == ""


def test_what_changes_nothing_leaves_its_object_alike(desk: Desk):
    note(desk.ctx, Deed("looked", kind="account", name=str(desk.acme)))
    note(desk.ctx, Deed("looked", kind="account", name="ACME"))
    ((one, two), three) = told(desk.ctx)
    assert "" != one == two
    assert three == (one, one)


def test_a_task_an_account_and_a_playbook_are_seen_to_change(desk: Desk):
    task = desk.task()
    closing = Deed("done", kind="task", name=str(task))
    work.done(recorded(desk.ctx, closing), task, desk.dana, "connected")
    for kind, name in (("account", str(desk.acme)), ("playbook", "play")):
        ctx = recorded(desk.ctx, Deed("pause", kind=kind, name=name))
        holding.pause(ctx, holding.target(desk.ctx, kind, name), by="dana")
    found = told(desk.ctx)
    assert len(found) == 3
    assert all("" != before != after != "" for before, after in found)


@pytest.mark.parametrize("kind", [*KINDS, "", "kind", "audit", "app_user"])
def test_no_name_breaks_the_reading_and_none_is_an_object(desk: Desk, kind: str):
    with desk.ctx.db.writing() as session:
        assert {likeness(session, kind, name) for name in HOSTILE} == {""}


def test_nobody_guesses_what_is_behind_it(desk: Desk):
    """Whoever knows every row and how they are written still lacks the key; another workspace's
    is another one."""
    note(desk.ctx, Deed("looked", kind="task", name=str(desk.task())))
    ((found, _),) = told(desk.ctx)
    with desk.ctx.db.writing() as session:
        rows = KINDS["task"](session, "1")
        guess = json.dumps(["task", rows], sort_keys=True, separators=(",", ":"), default=str)
        assert found != hashlib.sha256(guess.encode()).hexdigest()
        assert found != hmac.digest(b"", guess.encode(), "sha256").hex()
        session.connection().execute(delete(KEY))
        assert found != likeness(session, "task", "1")


@pytest.mark.parametrize("column", ["before", "after"])
def test_a_likeness_is_a_part_of_the_chain(desk: Desk, column: str):
    note(desk.ctx, Deed("looked", kind="user", name="dana"))
    alter(desk.ctx, f"UPDATE audit SET {column} = '' WHERE number = 1")
    assert verify(desk.ctx).problem == "entry 1 is not what was written"


def test_the_key_stays_in_the_database(desk: Desk):
    note(desk.ctx, Deed("looked", kind="user", name="dana"))
    with desk.ctx.db.reading() as session:
        key = session.connection().execute(text("SELECT secret FROM house_key")).scalar_one()
    assert len(key) == 64
    assert key not in str(list(auditing.everything(desk.ctx)))
