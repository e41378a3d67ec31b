"""A migrated, empty database of each kind, whose tables may be changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from orchestrator.store.database import Database


@pytest.fixture
def db(unused_url: str) -> Iterator[Database]:
    database = Database(unused_url)
    yield database
    database.dispose()
