"""How a database would find what a query asks for."""

from __future__ import annotations

from sqlmodel import Session


def plan_of(session: Session, sql: str) -> str:
    """The plan of a statement as one text; on PostgreSQL as if tables were too long to read."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        how = "EXPLAIN QUERY PLAN "
    else:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN "
    return " ".join(str(row) for row in connection.exec_driver_sql(how + sql))
