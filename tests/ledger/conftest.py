"""Migrated databases in a moment, and the house around them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from orchestrator.engine.context import Context
from orchestrator.store.database import Database
from tests.ledger import seed, worker
from tests.support.postgres import Cluster
from tests.support.sinks import HttpSink, SmtpSink

Copies = Callable[[str], str]


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "abm.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_postgresql(pg_cluster: Cluster) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database to copy from."""
    with pg_cluster.database() as url:
        _migrate(url)
        yield url


def _migrate(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.dispose()


@pytest.fixture(scope="module")
def fresh(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Copies]:
    """Makes migrated databases: `fresh("sqlite") -> URL`; they go with the module."""
    with ExitStack() as databases:

        def copy(kind: str) -> str:
            if kind == "sqlite":
                file = tmp_path_factory.mktemp("db") / "abm.db"
                shutil.copyfile(request.getfixturevalue("empty_sqlite"), file)
                return f"sqlite:///{file}"
            cluster: Cluster = request.getfixturevalue("pg_cluster")
            template: str = request.getfixturevalue("empty_postgresql")
            return databases.enter_context(cluster.database(template))

        yield copy


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder."""
    return seed.project(tmp_path_factory.mktemp("project"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, fresh: Copies) -> str:
    """A migrated database; the test runs once on each kind."""
    kind: str = request.param
    return fresh(kind)


class Post:
    """A mail sink that many tests share: `accepted()` is what it took since this one began."""

    def __init__(self, sink: SmtpSink) -> None:
        self._sink, self.port, self._before = sink, sink.port, len(sink.accepted())

    def accepted(self) -> list[dict[str, Any]]:
        """The accept log, oldest first."""
        return self._sink.accepted()[self._before :]


@pytest.fixture(scope="session")
def post_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmtpSink]:
    """A mail sink in no mood at all."""
    sink = SmtpSink(tmp_path_factory.mktemp("post"))
    yield sink
    sink.stop()


@pytest.fixture
def post(post_office: SmtpSink) -> Post:
    """A well-behaved mail sink."""
    return Post(post_office)


@pytest.fixture
def house(url: str, home: Path) -> Iterator[Callable[..., Context]]:
    """Builds contexts on the test's database: `house(post, probe=…, timeout=0.3)`."""
    built: list[Context] = []

    def build(sink: Post | SmtpSink | HttpSink | None = None, **options: Any) -> Context:
        if sink:
            options["http" if isinstance(sink, HttpSink) else "smtp"] = sink.port
        probe = options.pop("probe", worker.nothing)
        settings = seed.settings(home, url, **options)
        built.append(worker.context(settings, probe=probe))
        return built[-1]

    yield build
    for ctx in built:
        ctx.db.dispose()


class After:
    """A probe: something happens once, when the engine comes to a point for the n-th time."""

    def __init__(self, point: str, happens: Callable[[], object], nth: int = 1) -> None:
        self._point, self._happens, self._left = point, happens, nth

    def __call__(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                self._happens()
