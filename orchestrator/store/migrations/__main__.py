"""Write the next revision: what the tables say and the last revision does not yet."""

import sys

from alembic import command
from sqlalchemy import create_engine

import orchestrator.records  # noqa: F401 - registers every table
from orchestrator.store import migrations

with create_engine("sqlite://").connect() as connection:
    alembic = migrations.config(connection)
    command.upgrade(alembic, "head")
    number = f"{int(migrations.head()) + 1:04}"
    command.revision(alembic, " ".join(sys.argv[1:]), autogenerate=True, rev_id=number)
