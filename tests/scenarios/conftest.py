"""Databases for scenarios: migrated once, copied for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from orchestrator.store.database import Database

MEMORY = Path("/dev/shm")  # nobody pulls the plug here, so that no disk need be waited for


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database of the newest schema."""
    file = tmp_path_factory.mktemp("migrated") / "abm.db"
    db = Database(f"sqlite:///{file}")
    db.upgrade()
    db.dispose()
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of its own, in memory where there is any."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture
def fresh_database(migrated: Path, folder: Path) -> Iterator[Callable[[], Database]]:
    """Makes databases that nobody has written to."""
    with ExitStack() as stack:

        def make() -> Database:
            file = folder / f"{len(list(folder.glob('*.db')))}.db"
            shutil.copyfile(migrated, file)
            db = Database(f"sqlite:///{file}")
            stack.callback(db.dispose)
            return db

        yield make
