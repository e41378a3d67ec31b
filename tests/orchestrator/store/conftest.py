"""A migrated, empty database of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestrator.store.database import Database


@pytest.fixture
def db(engine_url: str) -> Iterator[Database]:
    database = Database(engine_url)
    database.upgrade()
    yield database
    database.dispose()
