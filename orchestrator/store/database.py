"""One database, SQLite or PostgreSQL, and the two kinds of transaction.

`reading()` never waits for a writer; `writing()` takes SQLite's one write lock at its start,
because a transaction that reads first and locks later loses updates without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from copy import copy
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

import orchestrator.records  # noqa: F401 - registers every table
from accounts.errors import AbmError
from orchestrator.store import migrations, sqlite
from orchestrator.store.bulk import connection_of

if TYPE_CHECKING:
    from orchestrator.clock import Clock

_MIGRATION_LOCK = 0x61626D  # "abm": any number that nobody else takes

Around = Callable[[Session], AbstractContextManager[None]]


class Database:
    """A database by its URL; connects on first use, is shared by threads, not by processes."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        self.dialect = "sqlite" if self.url.startswith("sqlite") else "postgresql"
        self.engine = self._sqlite() if self.dialect == "sqlite" else self._postgresql()
        self._around: tuple[Around, ...] = ()
        self._sealed = False
        self._still: Session | None = None
        self._readers = self.engine.execution_options(**_READONLY[self.dialect])

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and can write nothing."""
        if self._still:
            yield self._still
            return
        with self._readers.connect() as connection, connection.begin():
            yield from _session(connection)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction commits at the end and rolls back on an exception.

        Nothing inside can commit early. `AbmError` when another process keeps SQLite's write
        lock for longer than `sqlite.BUSY_SECONDS`.
        """
        assert not self._sealed, "who writes says first what it is that they do"
        with self.engine.connect() as connection, connection.begin():
            yield from _session(connection, self._around)

    def within(self, around: Around) -> Database:
        """This database, but that every transaction of `writing` happens inside `around`, around
        whatever it happened inside before: it begins first and ends last."""
        other = copy(self)
        other._around, other._sealed, other._still = (around, *self._around), False, None
        return other

    def ending_with(self, last: Callable[[Session], None]) -> Database:
        """This database, but that `last` is called at the end of every transaction of `writing`,
        after whatever was to be called there before."""

        @contextmanager
        def around(session: Session) -> Iterator[None]:
            yield
            last(session)

        return self.within(around)

    def sealed(self) -> Database:
        """This database for readers: `writing` is refused, and `within` opens it again."""
        other = copy(self)
        other._sealed = True
        return other

    @contextmanager
    def still(self) -> Iterator[Database]:
        """This database, sealed, for whoever asks many things of it in one thread: all that it
        reads is of one state, and comes by one connection."""
        with self.reading() as session:
            other = self.sealed()
            other._still = session
            yield other

    @contextmanager
    def kept(self) -> Iterator[Kept]:
        """One connection for many short transactions, as `writing` gives each its own."""
        kept = Kept(self.engine)
        try:
            yield kept
        finally:
            kept.close()

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
            self.url,
            hide_parameters=True,
            pool_use_lifo=True,  # the connection used last has most in its memory
            connect_args={"timeout": sqlite.BUSY_SECONDS},
        )
        event.listen(engine, "connect", partial(sqlite.on_connect, foreign_keys))
        event.listen(engine, "begin", sqlite.on_begin)
        return engine

    def _postgresql(self) -> Engine:
        return create_engine(
            self.url,
            hide_parameters=True,  # an error in a log names no person
            pool_pre_ping=True,
            connect_args={"options": _OPTIONS},
        )


# Whoever reads a page takes one processor, not all of them from whoever else reads one; and no
# statement here runs for long enough to be worth compiling.
_OPTIONS = "-c timezone=UTC -c max_parallel_workers_per_gather=0 -c jit=off"


class Kept:
    """Writes as `Database.writing` does, but keeps the connection: a pass over mails opens a
    transaction for each, and taking a connection and a session for it is a tenth of its time.

    After a transaction that failed, for whatever reason, the next one takes another connection.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open: tuple[Connection, Session] | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose transaction commits at the end and rolls back on an exception."""
        if self._open is None:
            connection = self._engine.connect()
            self._open = connection, _new_session(connection)
        connection, session = self._open
        try:
            with connection.begin():
                yield session
                session.flush()
                session.close()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._open:
            connection, session = self._open
            self._open = None
            session.close()
            connection.close()


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


def _session(connection: Connection, around: Sequence[Around] = ()) -> Iterator[Session]:
    with _new_session(connection) as session, ExitStack() as stack:
        for one in around:
            stack.enter_context(one(session))
        yield session
        session.flush()


def _new_session(connection: Connection) -> Session:
    return Session(connection, autoflush=True, expire_on_commit=False)


def lease_now(session: Session, clock: Clock) -> datetime:
    """Real time as every process on this database sees it."""
    connection = connection_of(session)
    if connection.dialect.name == "sqlite":
        return clock.lease_now()
    instant: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return instant.astimezone(UTC)
