"""The desk on each kind of database."""

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
