"""Migrated databases in a moment, and the house around them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from orchestrator.engine.context import Context
from tests.ledger import seed, worker
from tests.support.pool import Pool
from tests.support.sinks import HttpSink, SmtpSink

Databases = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Lends migrated databases: `with databases("postgresql") as url`."""

    @contextmanager
    def lend(kind: str) -> Iterator[str]:
        if kind == "sqlite":
            file = tmp_path_factory.mktemp("db") / "abm.db"
            shutil.copyfile(request.getfixturevalue("migrated_sqlite"), file)
            yield f"sqlite:///{file}"
            return
        pool: Pool = request.getfixturevalue("pg_pool")
        with pool.lend() as url:
            yield url

    return lend


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder."""
    return seed.project(tmp_path_factory.mktemp("project"))


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """A kind of database; the test runs once on each."""
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, databases: Databases) -> Iterator[str]:
    """A migrated database."""
    with databases(kind) as found:
        yield found


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
