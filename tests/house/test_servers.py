"""The databases and the Prefect server that other rooms' tests stand on."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.support import postgres
from tests.support.prefect_server import PrefectServer


def test_each_test_has_an_empty_database_of_either_kind(engine_url: str):
    engine = sa.create_engine(engine_url)
    with engine.begin() as connection:
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE witness (id INTEGER)"))
    engine.dispose()


def test_two_databases_of_one_test_are_two(pg_database: Callable[[], str]):
    assert pg_database() != pg_database()


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip), ("true", pytest.fail)])
def test_a_missing_postgresql_is_loud(monkeypatch, tmp_path, ci: str, outcome):
    monkeypatch.setattr(postgres, "DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome.Exception, match="apt-get install postgresql"):
        postgres.binaries()


def test_prefects_server_answers_under_its_own_home(prefect_server: PrefectServer):
    with urllib.request.urlopen(f"{prefect_server.url}/admin/version", timeout=5) as answer:
        assert json.load(answer).startswith("3.")
