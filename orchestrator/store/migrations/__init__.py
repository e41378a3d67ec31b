"""The schema's history: one line of revisions over every table of the house.

A revision's file begins with its number; the last number is the schema that this code wants.
After a change of the tables, `python -m orchestrator.store.migrations "why"` writes the next one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent


def head() -> str:
    """The number of the last revision, without the cost of importing alembic."""
    return max(file.name.partition("_")[0] for file in FOLDER.glob("versions/[0-9]*.py"))


def current(connection: Connection) -> str:
    """The revision that the database has; "" for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def config(connection: Connection) -> Config:
    """Alembic's configuration for work on this open connection."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection) -> None:
    """Bring the database to `head`, inside the transaction that the caller holds and locked."""
    if current(connection) != head():
        from alembic import command

        command.upgrade(config(connection), "head")
