"""Several revisions in a row: what a database holds stays, or nothing of the upgrade does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from accounts.errors import AbmError
from orchestrator.store import migrations
from orchestrator.store.database import Database
from tests.support.cast import company, person

ADDS = """
def upgrade():
    with op.batch_alter_table("account") as table:
        table.add_column(sa.Column("motto", sa.String(), nullable=False, server_default="none"))
"""
# On SQLite the whole table is copied: what refers to it must not go with the old one.
CHANGES = """
def upgrade():
    with op.batch_alter_table("account") as table:
        table.alter_column("motto", new_column_name="slogan", existing_type=sa.String())
        table.alter_column("tier", type_=sa.BigInteger(), existing_type=sa.Integer())
"""
FAILS = """
def upgrade():
    op.execute("UPDATE account SET motto = 'half way'")
    raise RuntimeError("power cut")
"""
ORPHANS = """
def upgrade():
    op.execute("DELETE FROM account")
"""

Chain = Callable[..., None]


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chain:
    """Let the program want revisions with these bodies after its own."""

    def make(*bodies: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrations.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        before = int(migrations.head())
        for number, body in enumerate(bodies, start=before + 1):
            names = f'revision = "{number:04}"\ndown_revision = "{number - 1:04}"\n'
            file = folder / "versions" / f"{number:04}_next.py"
            file.write_text(f"import sqlalchemy as sa\nfrom alembic import op\n\n{names}{body}")
        monkeypatch.setattr(migrations, "FOLDER", folder)

    return make


@pytest.fixture
def used(db: Database) -> Database:
    """A database of today's schema with an account and somebody who works there."""
    with db.writing() as session:
        person(session, company(session, "Acme"), "Ann Archer")
    return db


def _count(db: Database, table: str) -> int:
    with db.engine.connect() as connection:
        return len(connection.execute(text(f"SELECT id FROM {table}")).all())


def _columns(db: Database) -> set[str]:
    return {column["name"] for column in inspect(db.engine).get_columns("account")}


def _revision(db: Database) -> str:
    with db.engine.connect() as connection:
        return migrations.current(connection)


def test_revisions_are_applied_in_order_and_every_row_stays(used: Database, chain: Chain):
    chain(ADDS, CHANGES)
    with pytest.raises(AbmError, match=f"not {migrations.head()}"):
        used.check_schema()
    used.upgrade()
    used.check_schema()
    assert _columns(used) & {"slogan", "motto"} == {"slogan"}
    assert (_count(used, "account"), _count(used, "contact")) == (1, 1)


def test_an_empty_database_takes_all_of_them_at_once(engine_url: str, chain: Chain):
    chain(ADDS, CHANGES)
    fresh = Database(engine_url)
    fresh.upgrade()
    fresh.check_schema()
    assert "slogan" in _columns(fresh)
    fresh.dispose()


def test_one_that_fails_takes_back_those_before_it(used: Database, chain: Chain):
    before = _revision(used)
    chain(ADDS, FAILS)
    with pytest.raises(RuntimeError, match="power cut"):
        used.upgrade()
    assert _revision(used) == before
    assert "motto" not in _columns(used)


def test_one_that_leaves_a_row_without_its_company_is_refused(used: Database, chain: Chain):
    before = _revision(used)
    chain(ORPHANS)
    with pytest.raises((AbmError, IntegrityError), match="contact"):
        used.upgrade()
    assert (_revision(used), _count(used, "account")) == (before, 1)
