"""One database, SQLite or PostgreSQL, and the two kinds of transaction.

`reading()` never waits for a writer; `writing()` takes SQLite's one write lock at its start,
because a transaction that reads first and locks later loses updates without a word.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Dialect,
    Engine,
    String,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel

import orchestrator.records  # noqa: F401 - registers every table
from accounts.errors import AbmError

if TYPE_CHECKING:
    from orchestrator.clock import Clock

BUSY_SECONDS = 10.0
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "mmap_size=0",
    f"busy_timeout={int(BUSY_SECONDS * 1000)}",
)


class Database:
    """A database by its URL; connects on first use, is shared by threads, not by processes."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        self.dialect = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        self.engine = self._sqlite() if self.dialect == "sqlite" else self._postgresql()
        self._readers = self.engine.execution_options(**_READONLY[self.dialect])

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and can write nothing."""
        with self._readers.connect() as connection, connection.begin():
            yield from _session(connection)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction commits at the end and rolls back on an exception.

        Nothing inside can commit early. `AbmError` when another process keeps SQLite's write
        lock for longer than `BUSY_SECONDS`.
        """
        with self.engine.connect() as connection, connection.begin():
            yield from _session(connection)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def upgrade(self) -> None:
        """Bring the schema up to date."""
        SQLModel.metadata.create_all(self.engine)

    def check_schema(self) -> None:
        """Raise `AbmError` for a schema that is not up to date."""

    def _sqlite(self) -> Engine:
        file = make_url(self.url).database
        if not file or file == ":memory:":
            raise AbmError("SQLite needs a file: other processes share it", "sqlite:///FILE.db")
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self) -> Engine:
        return create_engine(
            self.url, pool_pre_ping=True, connect_args={"options": "-c timezone=UTC"}
        )


_READONLY: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"sqlite_readonly": True},
    "postgresql": {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
}


def _with_driver(url: str) -> str:
    """The URL with the driver that we ship; AbmError for a database that we do not know."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        url = f"postgresql+psycopg://{rest}"
    try:
        name = make_url(url).drivername
    except ArgumentError as error:
        raise AbmError("the database URL cannot be read", _URLS) from error
    if name not in {"sqlite", "postgresql+psycopg"}:
        raise AbmError(f"unknown kind of database {name!r}", _URLS)
    return url


_URLS = "sqlite:///FILE.db or postgresql://USER:PASSWORD@HOST/NAME"


def _session(connection: Connection) -> Iterator[Session]:
    with Session(connection, autoflush=True, expire_on_commit=False) as session:
        yield session
        session.flush()


# ---------------------------------------------------------------- SQLite's one write lock


def _open_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is explicit
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    driver: Any = connection.connection.dbapi_connection
    if connection.get_execution_options().get("sqlite_readonly"):
        driver.execute("PRAGMA query_only=ON")
        driver.execute("BEGIN DEFERRED")
        return
    driver.execute("PRAGMA query_only=OFF")
    _take_write_lock(driver)


def _take_write_lock(driver: sqlite3.Connection) -> None:
    """BEGIN IMMEDIATE, asked for again every millisecond or two.

    SQLite's own waiting sleeps up to 100 ms between two looks, so that a writer of many batches
    keeps everybody else out; short, uneven naps get in between two batches.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _begun(driver):
            if time.monotonic() > give_up:
                raise AbmError(
                    f"the database was busy for {BUSY_SECONDS:.0f} seconds",
                    "another process holds its write lock; try again when it has finished",
                )
            time.sleep(random.uniform(0.0005, 0.003))
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")


def _begun(driver: sqlite3.Connection) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


# ---------------------------------------------------------------- in bulk


class _Ids(TypeDecorator[Collection[Any]]):
    """Many ids in one bound value: a JSON text on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        items = list(value or ())
        return items if dialect.name == "postgresql" else json.dumps(items)


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True


def among(column: Any, ids: Collection[int] | Collection[str]) -> ColumnElement[bool]:
    """`column` is one of `ids`; one bound value however many, so one plan and no limit."""
    text = isinstance(column.type, String)
    kind = _Ids(Text() if text else BigInteger())
    return _Among(column, bindparam(None, ids, type_=kind, unique=True))


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 - compiled parts


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY({ids})"


def insert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal keys with one prepared statement; no rows, no statement."""
    if rows:
        session.connection().execute(insert(table.__table__), rows)  # type: ignore[attr-defined]


def lease_now(session: Session, clock: Clock) -> datetime:
    """Real time as every process on this database sees it."""
    if session.connection().dialect.name == "sqlite":
        return clock.lease_now()
    instant: datetime = session.connection().execute(select(func.clock_timestamp())).scalar_one()
    return instant.astimezone(UTC)
