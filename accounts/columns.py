"""Column types that every table of the house shares."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator, TypeEngine

_WIDTH = len("2026-11-21 22:18:10.123456+00:00")


class Instant(TypeDecorator[datetime]):
    """A timezone-aware UTC instant: `timestamptz` on PostgreSQL, fixed-width text on SQLite.

    The text sorts as time, reads well in a database shell, and is the cheapest form that
    Python parses. A naive datetime is refused: it has no instant.
    """

    impl = String(_WIDTH)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(_WIDTH))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "postgresql":
            return value.astimezone(UTC)  # type: ignore[no-any-return]
        return datetime.fromisoformat(value)


def instant_text(value: datetime) -> str:
    """The fixed-width text of a UTC instant; ValueError for a naive one."""
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants carry their zone")
        value = value.astimezone(UTC)
    # Formatting without the zone and adding it is four times as fast as isoformat() with it.
    return value.replace(tzinfo=None).isoformat(" ", "microseconds") + "+00:00"


# SQLite numbers rows by itself only for INTEGER primary keys.
RowId = BigInteger().with_variant(Integer(), "sqlite")
