"""One database for all scenarios, emptied before each: its statements are compiled once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from orchestrator.engine import plans
from orchestrator.store.database import Database
from tests.support.pool import Pool


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the database."""
    return tmp_path_factory.mktemp("scenarios")


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


@pytest.fixture(scope="module")
def empty_postgresql(pg_pool: Pool) -> Iterator[Callable[[], Database]]:
    """The same on PostgreSQL."""
    with ExitStack() as lent:

        def empty() -> Database:
            lent.close()
            plans._PLANS.clear()
            database = Database(lent.enter_context(pg_pool.lend()))
            lent.callback(database.dispose)
            return database

        yield empty
