"""What statements are made of where SQLAlchemy's own parts do not do for both databases."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    Dialect,
    String,
    Table,
    Text,
    TextClause,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from accounts.columns import Instant


def instant(name: str) -> BindParameter[Any]:
    """The parameter `name` of a statement built once, which takes an instant."""
    return bindparam(name, type_=Instant())


def there_is(table: Table, *where: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    """Whether the table has such a row."""
    return exists(select(1).select_from(table).where(*where))


def nobody_has(table: Table) -> ColumnElement[bool]:
    """No process has the row in hand at the real time `lease_now`, a parameter."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until < instant("lease_now"))


# ---------------------------------------------------------------- one of many


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


# ---------------------------------------------------------------- rows that may be there already


def insert_for(session: Session) -> Any:
    """The dialect's `insert`, which knows ON CONFLICT."""
    on_sqlite = session.connection().dialect.name == "sqlite"
    return sqlite.insert if on_sqlite else postgresql.insert


def insert_new(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows of equal keys, but not those whose unique key is taken; how many were new."""
    if not rows:
        return 0
    statement = insert_for(session)(table.__table__).on_conflict_do_nothing()  # type: ignore[attr-defined]
    # Without the option PostgreSQL's count is lost: SQLAlchemy keeps none of an INSERT.
    counted = statement.execution_options(preserve_rowcount=True)
    count: int = session.connection().execute(counted, rows).rowcount
    return count
