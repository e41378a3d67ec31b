"""The pages on SQLite; the use cases behind them meet PostgreSQL in `tests/engine`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.store.database import Database
from tests.support.desk import furnish
from tests.support.site import Site, open_site


@pytest.fixture
def site(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Site]:
    """The site over one account in a play, two of its people, and our team."""
    shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
    database = Database(f"sqlite:///{tmp_path / 'abm.db'}")
    yield open_site(furnish(database, tmp_path))
    database.dispose()
