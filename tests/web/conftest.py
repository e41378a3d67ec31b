"""The pages on SQLite; what they ask of PostgreSQL is in `test_both_databases.py`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from orchestrator.store.database import Database
from orchestrator.web import site as site_of_all
from tests.support.desk import furnish
from tests.support.site import Site, open_site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browsing import Served, Server


@pytest.fixture(scope="session", autouse=True)
def _pages() -> Iterator[None]:
    """Compiled once: each test has a site of its own, which took longest to read its pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_of_all, "_pages", cache(site_of_all._pages))
        yield


@pytest.fixture
def site(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Site]:
    """The site over one account in a play, two of its people, and our team."""
    shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
    database = Database(f"sqlite:///{tmp_path / 'abm.db'}")
    yield open_site(furnish(database, tmp_path))
    database.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a file."""
    from tests.support.chromium import chromium

    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process that serves the pages for all tests of a file."""
    from tests.support.browsing import serving

    with serving(migrated_sqlite, tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def served(server: Server) -> Served:
    """Acme, our team and no task yet."""
    return server.afresh()
