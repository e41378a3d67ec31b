"""Databases for scenarios: migrated once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from orchestrator.store.database import Database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest schema."""
    file = tmp_path_factory.mktemp("migrated") / "abm.db"
    db = Database(f"sqlite:///{file}")
    db.upgrade()
    db.dispose()
    return file


@pytest.fixture
def fresh_database(migrated: Path, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Makes databases that nobody has written to."""
    with ExitStack() as stack:

        def make() -> Database:
            file = tmp_path / f"{len(list(tmp_path.glob('*.db')))}.db"
            shutil.copyfile(migrated, file)
            db = Database(f"sqlite:///{file}")
            stack.callback(db.dispose)
            return db

        yield make
