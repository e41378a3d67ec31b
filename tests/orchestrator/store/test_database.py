"""Two kinds of transaction, two kinds of database, one behaviour."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import Session, col, not_, or_, select

from accounts.errors import AbmError
from accounts.records import Account
from orchestrator.clock import ManualClock
from orchestrator.store import sqlite
from orchestrator.store.database import Database, lease_now
from orchestrator.store.statements import among, insert_new

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def account(name: str, **values) -> Account:
    return Account(name=name, created_at=values.pop("created_at", NOW), **values)


def names(session: Session) -> list[str]:
    return list(session.exec(select(Account.name).order_by(Account.name)))


def test_writing_commits_at_the_end(db: Database):
    with db.writing() as session:
        session.add(account("Acme"))
    with db.reading() as session:
        assert names(session) == ["Acme"]


def test_an_exception_rolls_all_of_it_back(db: Database):
    def half_way() -> None:
        with db.writing() as session:
            session.add(account("Acme"))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        half_way()
    with db.reading() as session:
        assert names(session) == []


def test_nobody_inside_can_commit_early(db: Database):
    def hasty() -> None:
        with db.writing() as session:
            session.add(account("Acme"))
            session.commit()
            raise KeyError

    with pytest.raises(KeyError):
        hasty()
    with db.reading() as session:
        assert names(session) == []


def test_a_reader_cannot_write(db: Database):
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"), db.reading() as session:
        session.add(account("Acme"))
    with db.writing() as session:  # and the connection is fit for writing again
        session.add(account("Acme"))


def test_a_reader_sees_one_state_and_waits_for_nobody(db: Database):
    with db.writing() as session:
        session.add(account("Acme"))
    with db.reading() as reader:
        before = names(reader)
        with db.writing() as writer:
            writer.add(account("Bolt"))
            writer.flush()
            assert names(reader) == before
        assert names(reader) == before


def test_who_asks_many_things_sees_one_state_of_all(db: Database):
    with db.still() as quiet:
        with quiet.reading() as session:
            assert names(session) == []
        with db.writing() as other:
            other.add(account("Acme"))
        with quiet.sealed().reading() as session:
            assert names(session) == []
        with pytest.raises(AssertionError), quiet.writing():
            pass
    with db.reading() as session:
        assert names(session) == ["Acme"]


def test_foreign_keys_hold(db: Database):
    with pytest.raises(DBAPIError), db.writing() as session:
        session.add(account("Acme", merged_into=77))


WRITER = """
import sys
from sqlalchemy import text
from orchestrator.store.database import Database
db = Database(sys.argv[1])
lock = " FOR UPDATE" if db.dialect == "postgresql" else ""
for _ in range(50):
    with db.writing() as session:
        tier = session.connection().execute(text("SELECT tier FROM account" + lock)).scalar_one()
        session.connection().execute(text("UPDATE account SET tier = :t"), {"t": tier + 1})
"""


def test_two_processes_lose_no_update(db: Database):
    """Read, then write: what SQLAlchemy's default silently loses on SQLite."""
    with db.writing() as session:
        session.add(account("Acme"))
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, db.url]) for _ in range(2)]
    assert [writer.wait(30) for writer in writers] == [0, 0]
    with db.reading() as session:
        assert session.exec(select(Account.tier)).one() == 100


def test_a_lock_that_never_comes_free_is_an_expected_failure(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    db = Database(f"sqlite:///{tmp_path / 'abm.db'}")
    db.upgrade()
    refused: list[AbmError] = []

    def second() -> None:
        try:
            with db.writing():
                pass
        except AbmError as error:
            refused.append(error)

    with db.writing():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert "busy" in refused[0].reason
    with db.writing() as session:  # the connection is whole again
        session.add(account("Acme"))
    db.dispose()


def test_whoever_opens_a_new_file_waits_for_who_fills_it(tmp_path):
    """SQLite refuses its WAL at once to all but the first."""
    file = tmp_path / "abm.db"
    first = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    first.execute("BEGIN IMMEDIATE")
    first.execute("CREATE TABLE half (way)")
    done = threading.Timer(0.05, first.execute, ["COMMIT"])
    done.start()
    db = Database(f"sqlite:///{file}")
    db.upgrade()
    db.check_schema()
    db.dispose()
    done.join()
    first.close()


def test_a_naive_datetime_is_refused(db: Database):
    naive = datetime(2026, 3, 2, 9)
    row = {"name": "Acme", "created_at": naive}
    if db.dialect == "postgresql":
        pytest.skip("timestamptz would take it as UTC; SQLModel refuses it in every record")
    with pytest.raises(StatementError, match="naive"), db.writing() as session:
        session.connection().execute(Account.__table__.insert(), row)  # type: ignore[attr-defined]


def test_instants_come_back_as_utc_and_sort_as_time(db: Database):
    kiritimati = timezone(timedelta(hours=14))
    instants = [
        NOW,
        NOW.astimezone(kiritimati) + timedelta(microseconds=1),
        NOW - timedelta(days=1),
    ]
    with db.writing() as session:
        session.add_all([account(str(n), created_at=at) for n, at in enumerate(instants)])
    with db.reading() as session:
        found = session.exec(select(Account.created_at).order_by(col(Account.created_at))).all()
    assert found == sorted(instants)
    assert {at.utcoffset() for at in found} == {timedelta()}


@pytest.mark.parametrize("ids", [[], [2], [3, 1, 3], range(1, 70_000)])
def test_among_takes_any_number_of_ids(db: Database, ids):
    with db.writing() as session:
        rows = [{**_blank(), "id": n, "name": str(n)} for n in (1, 2, 3)]
        insert_new(session, Account, rows)
        found = session.exec(select(Account.id).where(among(col(Account.id), ids))).all()
    assert set(found) == {1, 2, 3} & set(ids)


def test_among_takes_text_whatever_it_holds(db: Database):
    odd = ["O'Neil", '"', "ä,{}", "\\"]
    with db.writing() as session:
        session.add_all([account(name) for name in [*odd, "other"]])
        session.flush()
        found = session.exec(select(Account.name).where(among(col(Account.name), odd))).all()
        none = session.exec(select(Account.name).where(among(col(Account.name), []))).all()
    assert sorted(found) == sorted(odd)
    assert none == []


def test_among_can_be_negated_and_combined(db: Database):
    with db.writing() as session:
        insert_new(session, Account, [{**_blank(), "id": n, "name": str(n)} for n in (1, 2, 3)])
        two, three = among(col(Account.id), [2]), among(col(Account.name), ["3"])
        assert session.exec(select(Account.id).where(not_(or_(two, three)))).all() == [1]
        assert session.exec(select(Account.id).where(~two, ~three)).all() == [1]


def test_among_uses_the_index(db: Database):
    if db.dialect == "postgresql":
        pytest.skip("PostgreSQL's planner prefers a scan of three rows")
    query = str(select(Account.id).where(among(col(Account.id), [1])).compile(db.engine))
    with db.reading() as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("[1]",)).all()
    assert any("SEARCH account" in row[-1] for row in plan), plan


@pytest.mark.parametrize("taken", [[], [1], [1, 3], [1, 2, 3]])
def test_new_rows_are_counted_past_those_whose_key_is_taken(db: Database, taken: list[int]):
    rows = [{**_blank(), "id": n, "name": str(n)} for n in (1, 2, 3)]
    with db.writing() as session:
        assert insert_new(session, Account, [rows[n - 1] for n in taken]) == len(taken)
        assert insert_new(session, Account, rows) == 3 - len(taken)
        assert insert_new(session, Account, rows[:1]) == 0


def test_a_row_without_a_number_of_its_own_is_counted_too(db: Database):
    with db.writing() as session:
        row = {**account("Acme").model_dump(exclude={"id"})}
        assert [insert_new(session, Account, [row]) for _ in range(2)] == [1, 1]


def _blank() -> dict:
    return account("").model_dump(exclude={"id"})


def test_leases_use_real_time_even_when_business_time_stands_still(db: Database):
    clock = ManualClock(datetime(1999, 1, 1, tzinfo=UTC))
    with db.reading() as session:
        first, second = lease_now(session, clock), lease_now(session, clock)
    assert first.utcoffset() == timedelta()
    assert datetime.now(UTC) - timedelta(minutes=1) < first <= second


def test_a_database_that_does_not_answer_is_an_expected_failure():
    with pytest.raises(AbmError, match="cannot be reached"):
        Database("postgresql://abm@127.0.0.1:1/abm").check_schema()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_takes_our_driver(scheme: str):
    assert Database(f"{scheme}://u:p@h/n").url == "postgresql+psycopg://u:p@h/n"


@pytest.mark.parametrize("url", ["mysql://h/n", "nonsense", "", "sqlite://", "sqlite:///:memory:"])
def test_another_database_is_refused_with_the_way_out(url: str):
    with pytest.raises(AbmError) as error:
        Database(url)
    assert "sqlite:///" in error.value.hint
