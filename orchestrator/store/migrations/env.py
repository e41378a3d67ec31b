"""Alembic runs this file for every command; the connection comes from `migrations.config`."""

from __future__ import annotations

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import orchestrator.records  # noqa: F401 - registers every table
from accounts.columns import Instant, RowId


def _render(_kind: str, item: Any, autogen: AutogenContext) -> Any:
    """Our column types by their names in a revision, the rest as alembic likes."""
    if isinstance(item, AutoString):
        return "sa.String()"
    name = "Instant()" if isinstance(item, Instant) else "RowId" if item is RowId else ""
    if name:
        autogen.imports.add(f"from accounts.columns import {name.removesuffix('()')}")
    return name or False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_item=_render,
    # SQLite changes a column by copying its table; both databases change inside one transaction.
    render_as_batch=context.config.attributes.get("batch", True),
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
