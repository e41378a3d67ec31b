"""A house at a business time that stands still until a test moves it, on each kind of database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.world import World


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    """An empty world; see `World` for what may be put into it."""
    made = World(migrated_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def sqlite_world(migrated_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    """The same where one kind of database is enough."""
    shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
    made = World(f"sqlite:///{tmp_path / 'abm.db'}", tmp_path)
    yield made
    made.close()
