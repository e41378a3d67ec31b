"""One database, SQLite or PostgreSQL, and the two kinds of transaction.

`reading()` never waits for a writer; `writing()` takes SQLite's one write lock at its start,
because a transaction that reads first and locks later loses updates without a word.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
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
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

import orchestrator.records  # noqa: F401 - registers every table
from accounts.errors import AbmError
from orchestrator.store import migrations, sqlite

if TYPE_CHECKING:
    from orchestrator.clock import Clock

_MIGRATION_LOCK = 0x61626D  # "abm": any number that nobody else takes


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
        lock for longer than `sqlite.BUSY_SECONDS`.
        """
        with self.engine.connect() as connection, connection.begin():
            yield from _session(connection)

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def upgrade(self) -> None:
        """Bring the schema to this code's version; one process does it, the others wait."""
        with self._migrator() as connection, connection.begin():
            if self.dialect == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            migrations.upgrade(connection)
            if self.dialect == "sqlite":
                sqlite.check_references(connection)

    def check_schema(self) -> None:
        """Raise `AbmError` unless the schema is exactly the one that this code wants."""
        try:
            with self._readers.connect() as connection:
                found = migrations.current(connection)
        except OperationalError as error:
            raise AbmError(f"the database cannot be reached: {error.orig}", _URLS) from error
        if found > migrations.head():
            raise AbmError(
                f"the database has schema {found}, newer than this program's {migrations.head()}",
                "install the version that wrote it",
            )
        if found < migrations.head():
            raise AbmError(
                f"the database has schema {found or 'none'}, not {migrations.head()}",
                "`abm up` and `abm init` bring it up to date",
            )

    @contextmanager
    def _migrator(self) -> Iterator[Connection]:
        """A connection of its own without foreign keys: SQLite changes a table by replacing it."""
        engine = self._sqlite(foreign_keys=False) if self.dialect == "sqlite" else self.engine
        with engine.connect() as connection:
            yield connection
        if engine is not self.engine:
            engine.dispose()

    def _sqlite(self, *, foreign_keys: bool = True) -> Engine:
        file = make_url(self.url).database
        if not file or file == ":memory:":
            raise AbmError("SQLite needs a file: other processes share it", "sqlite:///FILE.db")
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            self.url, hide_parameters=True, connect_args={"timeout": sqlite.BUSY_SECONDS}
        )
        event.listen(engine, "connect", partial(sqlite.on_connect, foreign_keys))
        event.listen(engine, "begin", sqlite.on_begin)
        return engine

    def _postgresql(self) -> Engine:
        return create_engine(
            self.url,
            hide_parameters=True,  # an error in a log names no person
            pool_pre_ping=True,
            connect_args={"options": "-c timezone=UTC"},
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

    def self_group(self, against: OperatorType | None = None) -> Any:
        """Stand as it is: SQLAlchemy would write `… = 1` for SQLite, which hides the index."""
        return self


def among(column: Any, ids: Collection[int] | Collection[str]) -> ColumnElement[bool]:
    """`column` is one of `ids`; one bound value however many, so one plan and no limit."""
    return _Among(column, bindparam(None, ids, type_=_ids_of(column), unique=True))


def among_param(column: Any, name: str) -> ColumnElement[bool]:
    """`among` for a statement built once: the ids come at execution as the parameter `name`."""
    return _Among(column, bindparam(name, type_=_ids_of(column)))


def _ids_of(column: Any) -> _Ids:
    return _Ids(Text() if isinstance(column.type, String | AutoString) else BigInteger())


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"  # noqa: S608 - compiled parts


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(part, **options) for part in element.clauses)
    return f"({column} = ANY({ids}))"


def insert_many(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows of equal keys with one prepared statement; no rows, no statement."""
    if rows:
        session.connection().execute(insert(table.__table__), rows)  # type: ignore[attr-defined]


def insert_new(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """`insert_many` that passes over rows whose unique key is taken; how many were new."""
    if not rows:
        return 0
    is_sqlite = session.connection().dialect.name == "sqlite"
    insert_ = sqlite_dialect.insert if is_sqlite else postgresql.insert
    statement = insert_(table.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
    # Without the option PostgreSQL's count is lost: SQLAlchemy keeps none of an INSERT.
    counted = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(counted, rows).rowcount


def lease_now(session: Session, clock: Clock) -> datetime:
    """Real time as every process on this database sees it."""
    if session.connection().dialect.name == "sqlite":
        return clock.lease_now()
    instant: datetime = session.connection().execute(select(func.clock_timestamp())).scalar_one()
    return instant.astimezone(UTC)
