"""A mailbox's day is counted where its mails are let go: processes share what is left of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

from orchestrator.store.database import Database
from orchestrator.store.running import mailboxes

KEY = ("team@us.example", date(2027, 3, 1))
LIMIT, PROCESSES = 5, 8


def test_many_processes_send_what_is_left_of_a_day_and_no_more(migrated_url: str) -> None:
    database, start = Database(migrated_url), Barrier(PROCESSES)

    def send(_: int) -> int:
        start.wait()
        with database.writing() as session:
            may = mailboxes.sent(session, [KEY])[KEY] < LIMIT
            mailboxes.count(session, {KEY: int(may)})
        return int(may)

    with ThreadPoolExecutor(PROCESSES) as pool:
        assert sum(pool.map(send, range(PROCESSES))) == LIMIT
    with database.writing() as session:
        assert mailboxes.sent(session, [KEY]) == {KEY: LIMIT}
    database.dispose()
