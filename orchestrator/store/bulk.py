"""Statements for thousands of rows at once, compiled once for each kind of database.

SQLAlchemy's `execute(statement, rows)` spends 20 µs a row on merging parameters, more than SQLite
on storing them, and its results wrap every row. Here a row becomes the driver's own parameters in
one pass, and comes back as the driver's own tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Insert, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.selectable import SelectBase
from sqlmodel import Session

from accounts.columns import Instant

Row = Mapping[str, Any]
_Parameters = Callable[[Sequence[Row]], list[Any]]
_T = TypeVar("_T")


class Bulk:
    """An INSERT or UPDATE whose rows all have the keys of the first one.

    Columns that an INSERT's rows leave out get no default of ours, only the database's.
    """

    def __init__(self, statement: Insert | Update) -> None:
        self.statement = statement

    def run(self, session: Session, rows: Sequence[Row]) -> int:
        """Execute it once for each row; how many rows of the table it touched. None: no call."""
        return self.ready(connection_of(session).dialect, rows).run(session)

    def ready(self, dialect: Dialect, rows: Sequence[Row]) -> Ready:
        """The same, made before the transaction: its lock is for writing, not for thinking."""
        if not rows:
            return Ready("", [])
        sql, parameters = _compiled(self, dialect, tuple(rows[0]))
        return Ready(sql, parameters(rows))


class Ready(NamedTuple):
    """A statement and its rows in the driver's own form."""

    sql: str
    parameters: list[Any]

    def run(self, session: Session) -> int:
        """Execute it; how many rows of the table it touched."""
        if not self.parameters:
            return 0
        connection = connection_of(session)
        if _heard(connection):
            return connection.exec_driver_sql(self.sql, self.parameters).rowcount
        if len(self.parameters) == 1:
            return _execute(connection, self.sql, self.parameters[0], _touched)
        return _execute(connection, self.sql, self.parameters, _touched, many=True)


def connection_of(session: Session) -> Connection:
    """The connection of a session of `Database`, past the session's own book-keeping."""
    bind = session.bind
    return bind if isinstance(bind, Connection) else session.connection()


def _heard(connection: Connection) -> bool:
    """Whether somebody listens to what changes rows: only SQLAlchemy's own way tells them."""
    return bool(connection.dispatch.before_cursor_execute)


def _execute(
    connection: Connection,
    sql: str,
    parameters: Any,
    read: Callable[[Any], _T],
    *,
    many: bool = False,
) -> _T:
    """Run it on the driver's own cursor: SQLAlchemy's result takes longer to make than a row.

    Errors are those that SQLAlchemy would raise, without the parameters.
    """
    cursor: Any = connection.connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        return read(cursor)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            sql,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            dialect=connection.dialect,
        ) from error
    finally:
        cursor.close()


def _touched(cursor: Any) -> int:
    return int(cursor.rowcount)


@lru_cache(maxsize=256)
def _compiled(bulk: Bulk, dialect: Dialect, keys: tuple[str, ...]) -> tuple[str, _Parameters]:
    """The SQL, and how rows of these keys become what the driver wants."""
    if isinstance(bulk.statement, Insert):
        # Inline: nobody asks for the new ids.
        compiled = bulk.statement.inline().compile(dialect=dialect, column_keys=keys)
    else:
        compiled = bulk.statement.compile(dialect=dialect, column_keys=[])
    return _driver_form(compiled, dialect, keys)


def _driver_form(compiled: Any, dialect: Dialect, keys: tuple[str, ...]) -> tuple[str, _Parameters]:
    """The text, with its lists of literals written out, and the way to its parameters."""
    state = compiled.construct_expanded_state(dict.fromkeys(keys))
    fixed = {name: value for name, value in state.parameters.items() if name not in keys}
    processors = {
        name: process
        for name, bind in compiled.binds.items()
        if name in state.parameters
        and (process := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    if state.positiontup:
        return state.statement, _positional(state.positiontup, fixed, processors)
    return state.statement, _named(fixed, processors)


def _named(fixed: Row, processors: Mapping[str, Callable[[Any], Any]]) -> _Parameters:
    def one(row: Row) -> dict[str, Any]:
        values = {**fixed, **row}
        for name, process in processors.items():
            values[name] = process(values[name])
        return values

    return lambda rows: [one(row) for row in rows]


def _positional(
    wanted: Sequence[str], fixed: Row, processors: Mapping[str, Callable[[Any], Any]]
) -> _Parameters:
    """Column after column rather than row after row: fewer steps in Python for each value."""
    bound = {name: p(fixed[name]) if (p := processors.get(name)) else fixed[name] for name in fixed}
    like = [bound.get(name) for name in wanted]
    told = [(n, name, processors.get(name)) for n, name in enumerate(wanted) if name not in bound]

    def column(name: str, rows: Sequence[Row]) -> Sequence[Any]:
        if name in bound:
            return [bound[name]] * len(rows)
        process, values = processors.get(name), map(itemgetter(name), rows)
        return list(map(process, values)) if process else list(values)

    def one(row: Row) -> tuple[Any, ...]:
        values = like.copy()
        for place, name, process in told:
            values[place] = process(row[name]) if process else row[name]
        return tuple(values)

    def parameters(rows: Sequence[Row]) -> list[Any]:
        if len(rows) == 1:
            return [one(rows[0])]
        return list(zip(*(column(name, rows) for name in wanted), strict=True))

    return parameters


# ---------------------------------------------------------------- reading

_Reader = tuple[int, Callable[[Any], Any]]  # a column's place, and what makes its values


class Query:
    """A SELECT, or an UPDATE with RETURNING; its parameters are named `bindparam`s."""

    def __init__(self, statement: SelectBase | ReturningUpdate[Any]) -> None:
        self.statement = statement

    def rows(self, session: Session, **parameters: Any) -> Iterable[tuple[Any, ...]]:
        """Execute it; plain tuples with the Python values of the columns."""
        found, codes = self._fetched(session, parameters)
        dialect = connection_of(session).dialect
        return _read(found, _readers(self, dialect, codes)) if found else ()

    def raw(
        self, session: Session, **parameters: Any
    ) -> tuple[Sequence[tuple[Any, ...]], Callable[[Any], datetime]]:
        """Execute it; the driver's own tuples, and what makes an instant of one of their cells.

        For a loop over very many rows that makes something else of each at once.
        """
        found, _ = self._fetched(session, parameters)
        return found, Instant().reader(connection_of(session).dialect)

    def _fetched(self, session: Session, parameters: Row) -> _Fetched:
        connection = connection_of(session)
        sql, bind = _compiled_query(self, connection.dialect, tuple(parameters))
        changes = not isinstance(self.statement, SelectBase)
        fetch = _fetch_heard if changes and _heard(connection) else _fetch
        return fetch(connection, sql, bind((parameters,))[0])


_Fetched = tuple[Sequence[tuple[Any, ...]], tuple[Any, ...]]  # rows, the driver's types of columns


def _fetch(connection: Connection, sql: str, parameters: Any) -> _Fetched:
    return _execute(connection, sql, parameters, _fetched)


def _fetched(cursor: Any) -> _Fetched:
    return cursor.fetchall(), tuple(column[1] for column in cursor.description)


def _fetch_heard(connection: Connection, sql: str, parameters: Any) -> _Fetched:
    result = connection.exec_driver_sql(sql, parameters)
    found = _fetched(result.cursor)
    result.close()
    return found


@lru_cache(maxsize=256)
def _compiled_query(
    query: Query, dialect: Dialect, keys: tuple[str, ...]
) -> tuple[str, _Parameters]:
    return _driver_form(query.statement.compile(dialect=dialect), dialect, keys)


@lru_cache(maxsize=256)
def _readers(query: Query, dialect: Dialect, codes: tuple[Any, ...]) -> Sequence[_Reader]:
    """What makes the columns' values; `codes` are the driver's own types of them."""
    columns = zip(query.statement.exported_columns, codes, strict=True)
    return [
        (place, reader)
        for place, (column, code) in enumerate(columns)
        if (reader := _reader(column.type, dialect, code))
    ]


def _reader(kind: Any, dialect: Dialect, code: Any) -> Callable[[Any], Any] | None:
    if isinstance(kind, Instant):
        return kind.reader(dialect)
    reader: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(dialect, code)
    return reader


def _read(rows: Sequence[tuple[Any, ...]], readers: Sequence[_Reader]) -> Iterable[tuple[Any, ...]]:
    """Column after column, for the same reason as in `_positional`."""
    if not readers:
        return rows
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, reader in readers:
        columns[place] = [None if value is None else reader(value) for value in columns[place]]
    return zip(*columns, strict=True)
