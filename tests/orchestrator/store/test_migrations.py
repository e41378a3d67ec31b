"""The revisions make exactly the tables that the code describes, on both databases."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

from accounts.errors import AbmError
from orchestrator.store import migrations
from orchestrator.store.database import Database


def test_the_last_file_is_the_head_that_alembic_sees():
    scripts = ScriptDirectory(str(migrations.FOLDER))
    assert scripts.get_current_head() == migrations.head()


def test_migrated_schema_and_tables_agree(db: Database):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"target_metadata": SQLModel.metadata}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_indexes_agree_to_the_letter(db: Database, tmp_path: Path, request: pytest.FixtureRequest):
    """What alembic does not compare: the conditions of partial indexes."""
    made = Database(_second_url(db, tmp_path, request))
    SQLModel.metadata.create_all(made.engine)
    assert _indexes(db) == _indexes(made)
    made.dispose()


def _second_url(db: Database, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if db.dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'made.db'}"
    fresh: Callable[[], str] = request.getfixturevalue("pg_database")
    return fresh()


def _indexes(db: Database) -> set[str]:
    """Every CREATE INDEX that somebody wrote; those of constraints carry invented names."""
    catalogue = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND NOT EXISTS"
        " (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
    }
    with db.engine.connect() as connection:
        found = connection.execute(text(catalogue[db.dialect])).scalars()
        return {re.sub(r"\s+", " ", sql) for sql in found}


def test_upgrade_again_changes_nothing(db: Database):
    db.upgrade()
    db.check_schema()


def test_an_empty_database_is_refused(engine_url: str):
    empty = Database(engine_url)
    with pytest.raises(AbmError, match="schema none") as error:
        empty.check_schema()
    assert "abm up" in error.value.hint
    empty.dispose()


@pytest.mark.parametrize(("version", "word"), [("0000", "not"), ("9999", "newer")])
def test_another_schema_is_refused(db: Database, version: str, word: str):
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    with pytest.raises(AbmError, match=word):
        db.check_schema()


def test_a_failed_upgrade_leaves_nothing(engine_url: str, monkeypatch: pytest.MonkeyPatch):
    def half_way(connection):
        migrations_upgrade(connection)
        raise RuntimeError("power cut")

    migrations_upgrade = migrations.upgrade
    monkeypatch.setattr(migrations, "upgrade", half_way)
    database = Database(engine_url)
    with pytest.raises(RuntimeError, match="power cut"):
        database.upgrade()
    assert inspect(database.engine).get_table_names() == []
    database.dispose()


UPGRADE = """
import sys
from orchestrator.store.database import Database
Database(sys.argv[1]).upgrade()
"""


def test_processes_that_upgrade_at_once_all_succeed(engine_url: str):
    command = [sys.executable, "-c", UPGRADE, engine_url]
    with ThreadPoolExecutor() as pool:
        runs = pool.map(lambda _: subprocess.run(command, check=False).returncode, range(3))
    assert list(runs) == [0, 0, 0]
