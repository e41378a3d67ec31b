"""Migrated PostgreSQL databases, emptied and used again: to make and drop one takes longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
from sqlmodel import SQLModel

from orchestrator.engine.events import recognising
from orchestrator.store.database import Database
from tests.support.postgres import Cluster


def migrate(url: str) -> None:
    """Give the database its tables."""
    database = Database(url)
    database.upgrade()
    database.dispose()


ENDS_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Pool:
    """Whoever borrows one changes rows, and no tables. They go with the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._free, self._number = cluster, list[str](), count()
        self._first = self._made("")
        migrate(self._first)

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of an empty one."""
        if self._free:
            _empty(url := self._free.pop())
        else:
            url = self._made(self._first)
        yield url
        self._free.append(url)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The URL of one that nobody used, and nobody will again."""
        with self._cluster.database(self._first) as url:
            yield url

    def _made(self, like: str) -> str:
        name = f"pool_{next(self._number)}"
        self._cluster.create(name, like)
        return self._cluster.url(name)


def _empty(url: str) -> None:
    """Without a row, without whoever was still there, and forgotten by this process."""
    recognising._DIRECTORIES.clear()
    names = SQLModel.metadata.tables.values()
    # Versions keep counting: a process compiles the plan of each once, and keeps it.
    counters = (
        "SELECT sequence_name FROM information_schema.sequences"
        " WHERE sequence_name NOT LIKE 'playbook_version%'"
    )
    with _connection(url) as connection:
        statements = [
            ENDS_OTHERS,
            "SET session_replication_role = replica",  # in any order, whatever refers to what
            *(f'DELETE FROM "{table.name}"' for table in names),
            *(f'ALTER SEQUENCE "{name}" RESTART' for (name,) in connection.execute(counters)),
        ]
        connection.execute("; ".join(statements).encode())


def _connection(url: str) -> psycopg.Connection[Any]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
