"""Two accounts become one, and two again: nothing is lost on either way."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from orchestrator.engine.merging import merge
from orchestrator.engine.parting import unmerge
from orchestrator.records import PlaybookVersion
from tests.engine.merging import furnish, whole
from tests.engine.world import World
from tests.planner import plans as forms
from tests.support import cast


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
@settings(max_examples=25)
def test_whatever_is_merged_and_parted_again_is_as_it_was(
    migrated_sqlite: Path, seed: int, chain: bool
):
    with TemporaryDirectory() as folder:
        shutil.copyfile(migrated_sqlite, Path(folder) / "abm.db")
        world = World(f"sqlite:///{folder}/abm.db", Path(folder))
        try:
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
        finally:
            world.close()
