"""The audit log: a line for each deed, in a chain that nobody can alter unseen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.staff import auditing, users
from orchestrator.engine.staff.auditing import Deed, note, recorded, verify
from orchestrator.store.database import Database
from tests.support.desk import furnish


@pytest.fixture
def ctx(unused_url: str, tmp_path: Path) -> Iterator[Context]:
    database = Database(unused_url)
    yield furnish(database, tmp_path).ctx
    database.dispose()


def tell(ctx: Context, *actions: str) -> None:
    for action in actions:
        note(ctx, Deed(action, "task 1", actor="dana", actor_id=1, via="page"))


def alter(ctx: Context, statement: str) -> None:
    """What somebody does who has the database in hand and takes its triggers away first."""
    drop = (
        ["DROP TRIGGER audit_keeps_update", "DROP TRIGGER audit_keeps_delete"]
        if ctx.db.dialect == "sqlite"
        else ["DROP TRIGGER audit_keeps ON audit"]
    )
    with ctx.db.writing() as session:
        for one in (*drop, statement):
            session.connection().execute(text(one))


def test_a_deed_and_its_line_are_one_transaction(ctx: Context):
    logged = recorded(ctx, Deed("user add", "user kim"))
    users.add(logged, "kim", "sales", "kim@us.example")
    with pytest.raises(AbmError):
        users.add(logged, "kim", "sales", "kim@us.example")
    assert [one.action for one in auditing.entries(ctx)] == ["user add"]


def test_what_nobody_altered_holds_together(ctx: Context):
    assert verify(ctx).number == 0
    tell(ctx, "one", "two", "Drei – ✓")
    found = verify(ctx)
    assert (found.number, found.problem) == (3, "")
    assert [one.action for one in auditing.entries(ctx, limit=2)] == ["Drei – ✓", "two"]
    assert [one.number for one in auditing.entries(ctx, before=3, said="ONE")] == [1]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET actor = 'sam' WHERE number = 2", "entry 2 is not what was written"),
        ("UPDATE audit SET detail = 'x' WHERE number = 3", "entry 3 is not what was written"),
        ("UPDATE audit SET actor_id = 2 WHERE number = 1", "entry 1 is not what was written"),
        ("DELETE FROM audit WHERE number = 2", "entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", "entry 1 is missing"),
    ],
)
def test_a_changed_or_missing_line_is_caught(ctx: Context, statement: str, problem: str):
    tell(ctx, "one", "two", "three")
    alter(ctx, statement)
    assert verify(ctx).problem == problem


def test_only_a_head_that_was_kept_tells_of_a_tail_that_was_cut_off(ctx: Context):
    tell(ctx, "one", "two", "three")
    head = verify(ctx).head
    assert verify(ctx, head).problem == ""
    alter(ctx, "DELETE FROM audit WHERE number = 3")
    assert verify(ctx).problem == ""
    assert "ends at 2" in verify(ctx, head).problem
    tell(ctx, "another")
    assert "another one" in verify(ctx, head).problem


@pytest.mark.parametrize("head", ["x", "3", "3:", "3:abc", ":", "-1:" + "0" * 64])
def test_a_head_is_as_it_was_printed(ctx: Context, head: str):
    with pytest.raises(AbmError, match="no head"):
        verify(ctx, head)


CHANGES = {
    "update": dict.fromkeys(("sqlite", "postgresql"), "UPDATE audit SET actor = ''"),
    "delete": dict.fromkeys(("sqlite", "postgresql"), "DELETE FROM audit"),
    "replace": {
        "sqlite": "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "postgresql": "TRUNCATE audit",
    },
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_a_line(ctx: Context, change: str):
    tell(ctx, "one")
    statement = CHANGES[change][ctx.db.dialect]
    with pytest.raises(DatabaseError, match="only appended to"), ctx.db.writing() as session:
        session.connection().execute(text(statement))
    assert verify(ctx).number == 1


def test_writers_at_once_make_one_chain(ctx: Context):
    """Each has a database of its own, as processes have."""

    def write(name: str) -> None:
        database = Database(re.sub(r"\+psycopg", "", ctx.db.url))
        mine = Context(database, ctx.clock, ctx.settings, {})
        tell(mine, *[f"{name} {number}" for number in range(10)])
        database.dispose()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, "abcd"))
    assert (verify(ctx).number, verify(ctx).problem) == (40, "")
