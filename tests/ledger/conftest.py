"""Migrated databases in a moment, and the house around them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlmodel import SQLModel

from orchestrator.engine.context import Context
from orchestrator.store.database import Database
from tests.ledger import seed, worker
from tests.support.postgres import Cluster
from tests.support.sinks import HttpSink, SmtpSink

Databases = Callable[[str], AbstractContextManager[str]]


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "abm.db"
    _migrate(f"sqlite:///{file}")
    return file


def _migrate(url: str) -> None:
    database = Database(url)
    database.upgrade()
    database.dispose()


class Pool:
    """Migrated PostgreSQL databases, emptied and used again: to make or drop one takes longer.

    They go with the cluster.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._free, self._number = cluster, list[str](), count()
        self._first = self._made("")
        _migrate(self._first)

    def take(self) -> str:
        """The URL of an empty one."""
        if not self._free:
            return self._made(f"TEMPLATE {self._first.rpartition('/')[2]}")
        _empty(url := self._free.pop())
        return url

    def give(self, url: str) -> None:
        """Back to the others."""
        self._free.append(url)

    def _made(self, like: str) -> str:
        name = f"ledger_{next(self._number)}"
        with _connection(self._cluster.url()) as connection:
            connection.execute(f"CREATE DATABASE {name} {like}".encode())
        return self._cluster.url(name)


def _connection(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def _empty(url: str) -> None:
    names = SQLModel.metadata.tables.values()
    # Versions keep counting: a process compiles the plan of each once, and keeps it.
    counters = (
        "SELECT sequence_name FROM information_schema.sequences"
        " WHERE sequence_name NOT LIKE 'playbook_version%'"
    )
    with _connection(url) as connection:
        statements = [
            "SET session_replication_role = replica",  # in any order, whatever refers to what
            *(f'DELETE FROM "{table.name}"' for table in names),
            *(f'ALTER SEQUENCE "{name}" RESTART' for (name,) in connection.execute(counters)),
        ]
        connection.execute("; ".join(statements).encode())


@pytest.fixture(scope="session")
def pool(pg_cluster: Cluster) -> Pool:
    """PostgreSQL databases."""
    return Pool(pg_cluster)


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Databases:
    """Lends migrated databases: `with databases("postgresql") as url`."""

    @contextmanager
    def lend(kind: str) -> Iterator[str]:
        if kind == "sqlite":
            file = tmp_path_factory.mktemp("db") / "abm.db"
            shutil.copyfile(request.getfixturevalue("empty_sqlite"), file)
            yield f"sqlite:///{file}"
            return
        pool: Pool = request.getfixturevalue("pool")
        yield (url := pool.take())
        pool.give(url)

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
