"""Two accounts become one, and two again: nothing is lost on either way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, SQLModel, select

from accounts.records import Account, Contact
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.records import PlaybookVersion
from tests.engine.merging import FIELDS, furnish, whole
from tests.engine.world import DAY, World
from tests.planner import plans as forms
from tests.support import cast
from tests.support.cast import NOW

Rows = dict[tuple[Any, ...], dict[str, Any]]
LIVE = ("active", "paused")


@contextmanager
def house(migrated: Path) -> Iterator[World]:
    """A world of its own for each example."""
    with TemporaryDirectory() as folder:
        shutil.copyfile(migrated, Path(folder) / "abm.db")
        made = World(f"sqlite:///{folder}/abm.db", Path(folder))
        try:
            yield made
        finally:
            made.close()


def crowd(world: World, dice: Random, number: int) -> list[int]:
    """Some accounts with anything that may hang on one."""
    for name in ("one", "two"):
        world.book(name, forms.step("s", "todo", after=(), always=True))
    with world.db.writing() as session:
        for name in ("dana", "sam"):
            cast.user(session, name, "sales")
        versions = list(session.exec(select(PlaybookVersion)))
        return [furnish(session, dice, versions, at) for at in range(number)]


@given(seed=st.integers(0, 2**32), chain=st.booleans())
@settings(max_examples=15)
def test_whatever_is_merged_and_parted_again_is_as_it_was(
    migrated_sqlite: Path, seed: int, chain: bool
):
    with house(migrated_sqlite) as world:
        one, two, three = crowd(world, Random(seed), 3)
        states = [whole(world.db)]
        steps = [(two, [one]), (three, [two])] if chain else [(one, [two]), (one, [three])]
        done = []
        for survivor, others in steps:
            done += merge(world.ctx, survivor, others, "dana")
            states.append(whole(world.db))
        assert states[-1] != states[0]
        for was in reversed(done):
            states.pop()
            assert unmerge(world.ctx, was.id, "dana").left == ()
            assert whole(world.db) == states[-1]


def rows_of(state: dict[str, list[dict[str, Any]]], table: str) -> Rows:
    """The rows of a table by their keys."""
    keys = SQLModel.metadata.tables[table].primary_key.columns.keys()
    return {tuple(row[key] for key in keys): row for row in state[table]}


def spoil(session: Session, dice: Random, id_: int) -> None:
    """Something happens to an account: words change, people come, go and leave."""
    account = session.get_one(Account, id_)
    if dice.random() < 0.5:
        setattr(account, dice.choice(FIELDS), "new")
    for one in session.exec(select(Contact).where(Contact.account_id == id_)).all():
        if dice.random() < 0.3:
            one.title = "new"
        if dice.random() < 0.2:
            one.left_at, one.left_reason = NOW, "retired"
    cast.person(session, account, f"New{dice.randrange(99)} Person", email="", email_key="")


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10)
def test_whatever_happens_in_between_no_row_is_lost_and_nothing_new_is_overwritten(
    migrated_sqlite: Path, seed: int
):
    dice = Random(seed)
    with house(migrated_sqlite) as world:
        one, two, _ = crowd(world, dice, 3)
        before = whole(world.db)
        [done] = merge(world.ctx, one, [two], "dana")
        merged = whole(world.db)
        for _ in range(2):
            world.write(lambda session: spoil(session, dice, one))
            world.tick("advance")
            world.clock.advance(DAY)
        between = whole(world.db)
        unmerge(world.ctx, done.id, "dana")
        after = whole(world.db)
        assert after["account"][1]["merged_into"] is None
        for table in ("account", "contact", "alias", "suppression", "external_id", "account_team"):
            check(table, *(rows_of(state, table) for state in (before, merged, between, after)))
        for table in ("enrollment", "touch", "task", "stop"):
            assert rows_of(before, table).keys() <= rows_of(after, table).keys()
        live = [row["account_id"] for row in after["enrollment"] if row["status"] in LIVE]
        assert len(live) == len(set(live))


def check(table: str, before: Rows, merged: Rows, between: Rows, after: Rows) -> None:
    """Each cell is as before the merge, or as somebody left it in between."""
    assert before.keys() <= after.keys()
    for key, row in after.items():
        for name, value in row.items():
            last, was = between[key][name], before.get(key, {}).get(name)
            touched = key not in merged or last != merged[key][name]
            assert value == (last if touched or key not in before else was), (table, key, name)
