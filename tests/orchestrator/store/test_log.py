from __future__ import annotations

from datetime import UTC, datetime, timedelta

from accounts.records import Account
from orchestrator.store.companies import log
from orchestrator.store.database import Database
from tests.support import cast

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_newest_first_and_in_the_order_of_writing_within_one_instant(db: Database):
    with db.writing() as session:
        rows = [log.entry("note", at=NOW, account_id=1, text=str(n)) for n in range(3)]
        later = log.entry("visit", at=NOW + timedelta(hours=1), account_id=1, text="later", page=7)
        log.write(session, [later, *rows, log.entry("note", at=NOW, account_id=2)])
    with db.reading() as session:
        everything = log.of_account(session, 1, limit=10)
        assert [row.text for row in everything] == ["later", "2", "1", "0"]
        assert everything[0].data == {"page": 7}
        assert len(log.of_account(session, 1, limit=2)) == 2
        assert [r.text for r in log.of_account(session, 1, limit=9, kinds=["visit"])] == ["later"]
        assert log.of_account(session, 1, limit=9, before=NOW) == []


def test_nothing_to_write_is_no_statement(db: Database):
    with db.writing() as session:
        log.write(session, [])


def test_an_account_keeps_its_newest_moment_whatever_the_order_of_writing(db: Database):
    told = [("visit", 5), ("form.demo", 2), ("note", 1), ("touch.sent", 1), ("intent", 30)]
    with db.writing() as session:
        acme, other = (cast.company(session, name) for name in ("Acme", "Other"))
        ids = acme.id, other.id
        for chunk in (told[:3], told[3:]):
            rows = [log.entry(kind, at=NOW - h * HOUR, account_id=ids[0]) for kind, h in chunk]
            log.write(session, [*rows, log.entry("visit", at=NOW), log.entry("note", at=NOW)])
    with db.reading() as session:
        found = [session.get_one(Account, one).moment_at for one in ids]
    assert found == [NOW - 2 * HOUR, None]
