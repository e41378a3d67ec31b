"""The inbox on each kind of database, with one account that events can be about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.store.database import Database
from tests.support.desk import Desk, furnish


@pytest.fixture
def desk(migrated_url: str, tmp_path: Path) -> Iterator[Desk]:
    """One account in a play, two of its people, and our team."""
    database = Database(migrated_url)
    yield furnish(database, tmp_path)
    database.dispose()


@pytest.fixture
def here(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite alone: for what happens before the database."""
    (tmp_path / "abm.db").write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{tmp_path / 'abm.db'}")
    yield furnish(database, tmp_path)
    database.dispose()
