"""Fixtures that every room shares. Everything real is started on first use, and only then."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import settings
from sqlalchemy import create_engine

from orchestrator.messages import library
from orchestrator.messages.compiled import compile_template
from orchestrator.store import database
from tests.support import memory, statements
from tests.support.pool import Pool, migrate
from tests.support.postgres import Cluster
from tests.support.prefect_server import PrefectServer
from tests.support.scheduling import Scheduling, place
from tests.support.sinks import HttpSink, SmtpSink

# Before anything imports prefect: nobody counts our test runs.
os.environ.update(DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false")

# Nor does each of the processes that tests start compile once more all that it imports.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory.folder()))

# The first example pays for imports and caches, and a busy machine is no bug of ours.
settings.register_profile("house", settings.default, deadline=None)
# A gate gives the same answer twice; everybody else's runs go on looking for new cases.
settings.register_profile("gate", settings.get_profile("house"), derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") == "true" else "house")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first."""
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Who runs it, if there are several workers."""
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """What all tests stand on, a million objects, is seldom looked through for garbage."""
    gc.set_threshold(*gc.get_threshold()[:2], 200)


@pytest.fixture(autouse=True)
def _unveiled() -> Iterator[None]:
    """What one test's process lays over its logs lies over no other's."""
    make, hooks = logging.getLogRecordFactory(), (sys.excepthook, threading.excepthook)
    yield
    logging.setLogRecordFactory(make)
    sys.excepthook, threading.excepthook = hooks


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    """What a process of the house makes once, and one of the tests would make for each test:
    statements, the code of templates, the tree of commands."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "create_engine", statements.shared(create_engine))
        patch.setattr(library, "compile_template", cache(compile_template))
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(scope="session")
def pg_cluster() -> Iterator[Cluster]:
    """This worker's PostgreSQL; skips without one, fails without one under CI=true."""
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session")
def pg_url(pg_cluster: Cluster) -> str:
    """URL of the cluster's own database, for administration; tests want `pg_database`."""
    return pg_cluster.url()


@pytest.fixture
def pg_database(pg_cluster: Cluster) -> Iterator[Callable[[], str]]:
    """Makes fresh, empty databases: `pg_database() -> URL`; they go with the test."""
    with contextlib.ExitStack() as databases:
        yield lambda: databases.enter_context(pg_cluster.database())


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'abm.db'}"
    fresh: Callable[[], str] = request.getfixturevalue("pg_database")
    return fresh()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "abm.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def pg_pool(pg_cluster: Cluster) -> Pool:
    """Migrated PostgreSQL databases to borrow."""
    return Pool(pg_cluster)


def _copied(request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of a file of one's own, made from the migrated one."""
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), folder / "abm.db")
    return f"sqlite:///{folder / 'abm.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a migrated database without a row, whose tables stay as they are; the test runs once
    on each kind."""
    if request.param == "sqlite":
        yield _copied(request, tmp_path)
        return
    pool: Pool = request.getfixturevalue("pg_pool")
    with pool.lend() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def unused_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same that nobody used before: tables may be changed, and no plan of a query depends on
    what others left."""
    if request.param == "sqlite":
        yield _copied(request, tmp_path)
        return
    pool: Pool = request.getfixturevalue("pg_pool")
    with pool.copy() as url:
        yield url


@pytest.fixture
def make_smtp_sink(tmp_path: Path) -> Iterator[Callable[..., SmtpSink]]:
    """Starts sinks in a mood: `make_smtp_sink(mode="drop", every=10, delay=0.05)`."""
    with contextlib.ExitStack() as sinks:

        def make(**mood: Any) -> SmtpSink:
            number = len(list(tmp_path.glob("smtp-*")))
            sink = SmtpSink(tmp_path / f"smtp-{number}", **mood)
            sinks.callback(sink.stop)
            return sink

        yield make


@pytest.fixture
def smtp_sink(make_smtp_sink: Callable[..., SmtpSink]) -> SmtpSink:
    """A well-behaved mail sink; recipients such as `bounce-jane@` ask for trouble."""
    return make_smtp_sink()


@pytest.fixture
def http_sink(tmp_path: Path) -> Iterator[HttpSink]:
    """An HTTP sink; the path (`/ok`, `/500`, `/drop-after-accept` ...) asks for trouble."""
    sink = HttpSink(tmp_path / "http")
    yield sink
    sink.stop()


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """A real Prefect server: `.url`, and `.environment` for client processes."""
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    yield server
    server.stop()
