"""One database for all scenarios, emptied before each: its statements are compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlmodel import SQLModel

from orchestrator.engine import plans
from orchestrator.store.database import Database

MEMORY = Path("/dev/shm")  # nobody pulls the plug here, so that no disk need be waited for


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder, in memory where there is any."""
    if not MEMORY.is_dir():
        yield tmp_path_factory.mktemp("scenarios")
        return
    with TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def _database(folder: Path) -> Iterator[Database]:
    db = Database(f"sqlite:///{folder / 'abm.db'}")
    db.upgrade()
    yield db
    db.dispose()


@pytest.fixture(scope="module")
def empty_database(_database: Database) -> Callable[[], Database]:
    """Gives the database, without a row; ids begin at 1 again."""

    def empty() -> Database:
        plans._PLANS.clear()  # a version never changes, unless all of them are gone
        with _database.writing() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                session.connection().execute(table.delete())
        return _database

    return empty
