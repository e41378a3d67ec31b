"""How it all stands, and one account's log, read from rows of every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accounts.company_names import name_key
from accounts.errors import AbmError
from accounts.records import Account, Alias, Contact, User
from orchestrator.clock import ManualClock
from orchestrator.engine import reading
from orchestrator.engine.context import Context
from orchestrator.records import (
    Enrollment,
    Inbox,
    Playbook,
    PlaybookVersion,
    StepRun,
    Task,
    Tick,
    Touch,
)
from orchestrator.settings import Settings
from orchestrator.store.companies import log
from orchestrator.store.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def ctx(db: Database, tmp_path) -> Context:
    return Context(db, ManualClock(NOW), Settings(project=tmp_path), {})


def company(number: int, name: str, domain: str = "") -> Account:
    return Account(
        id=number, name=name, name_key=name_key(name).core, domain=domain, created_at=NOW
    )


def enrollment(number: int, status: str, **values) -> Enrollment:
    return Enrollment(
        id=number, account_id=number, playbook="opener", version_id=1, status=status,
        waiting_since=NOW - HOUR, **values,
    )  # fmt: skip


def touch(number: int, status: str, **values) -> Touch:
    values = {"due_at": NOW - HOUR, **values}
    return Touch(
        enrollment_id=2, account_id=2, step="insight", party_key=str(number), key="k",
        channel="email", planned_at=NOW, status=status, **values,
    )  # fmt: skip


@pytest.fixture
def world(ctx: Context) -> Context:
    """Five companies: one waits, two run (one is due), one rests, one ended."""
    companies = [
        company(1, "Northwind Bank", "northwind.com"),
        company(2, "Kelso Insurance plc", "kelso.com"),
        company(3, "Fjord Energi AS"),
        company(4, "Delta Corp", "delta.com"),
        company(5, "Delta Inc"),
    ]
    with ctx.db.writing() as session:
        session.add_all(companies)
        session.add(User(id=1, name="dana", team="sales", created_at=NOW))
        session.add(Playbook(name="opener", title="The opener", current=1))
        session.flush()
        session.add(
            PlaybookVersion(
                id=1, playbook="opener", number=1, digest="d", format=1, source="", canonical={},
                created_at=NOW,
            )
        )  # fmt: skip
        session.add(Contact(id=1, account_id=2, name="Ola Lee", created_at=NOW))
        session.add(Alias(account_id=2, kind="domain", value="kelso-group.com", created_at=NOW))
        session.add(Alias(account_id=3, kind="name", value="Fjordkraft", created_at=NOW))
        session.flush()
        session.add_all(
            [
                enrollment(1, "waiting", reason="pace: 10 accounts per week"),
                enrollment(2, "active", next_due_at=NOW - HOUR),
                enrollment(3, "active", next_due_at=NOW + HOUR),
                enrollment(4, "paused", reason="asked to wait until May"),
                enrollment(5, "ended", outcome="completed", ended_at=NOW),
            ]
        )
        session.flush()
        session.add_all(
            [
                StepRun(enrollment_id=2, step="ring", status="held", reason="no phone"),
                StepRun(enrollment_id=3, step="ring", status="held", reason="no phone"),
                StepRun(enrollment_id=3, step="insight", status="done"),
                touch(1, "ready"),
                touch(2, "ready", due_at=NOW + HOUR, reason="reached 3 times in 7 days"),
                touch(3, "sent"),
                touch(4, "unknown", lease_until=datetime(2020, 1, 1, tzinfo=UTC)),
                Task(kind="call", team="sales", title="Call", opened_at=NOW, due_at=NOW - HOUR),
                Task(kind="call", team="sales", title="Call", opened_at=NOW),
                Task(kind="call", team="sales", title="Call", opened_at=NOW, status="done"),
                Tick(concern="advance", started_at=NOW - HOUR, counts={"decided": 7}),
                Tick(concern="score", started_at=NOW - HOUR, error="it broke"),
            ]
        )
    return ctx


def test_status_counts_every_state(world: Context):
    stand = reading.status(world)
    (book,) = stand.playbooks
    assert (book.name, book.version) == ("opener", 1)
    assert book.enrollments == {"waiting": 1, "active": 2, "paused": 1, "ended": 1}
    assert stand.outgoing == {"ready": 2, "unknown": 1}
    assert (stand.open_tasks, stand.overdue_tasks) == (2, 1)


def test_status_names_every_hold_and_the_most_frequent_first(world: Context):
    held = [(one.what, one.reason, one.number) for one in reading.status(world).held]
    assert held[0] == ("step", "no phone", 2)
    assert set(held[1:]) == {
        ("account", "pace: 10 accounts per week", 1),
        ("account", "asked to wait until May", 1),
        ("touch", "reached 3 times in 7 days", 1),
    }


def test_status_tells_each_concern_s_last_pass_and_its_lag(world: Context):
    concerns = {one.name: one for one in reading.status(world).concerns}
    assert (concerns["advance"].due, concerns["advance"].lag) == (1, 3600)
    assert concerns["advance"].counts == {"decided": 7}
    assert (concerns["deliver"].due, concerns["deliver"].started_at) == (1, None)
    assert concerns["score"].error == "it broke"


def test_status_counts_events_that_nothing_was_done_with(ctx: Context):
    with ctx.db.writing() as session:
        for number, status in enumerate(["applied", "unmatched", "unmatched", "unknown_kind"]):
            session.add(
                Inbox(
                    source="web", source_id=str(number), kind="visit", at=NOW, received_at=NOW,
                    status=status,
                )
            )  # fmt: skip
    assert reading.status(ctx).left_over == {"unmatched": 2, "unknown_kind": 1}


def test_status_of_an_empty_database(ctx: Context):
    stand = reading.status(ctx)
    assert not stand.playbooks
    assert not stand.held
    assert {one.lag for one in stand.concerns} == {0.0}


CALLED = {
    "2": "Kelso Insurance plc",
    "KELSO INSURANCE PLC": "Kelso Insurance plc",
    "kelso insurance": "Kelso Insurance plc",
    "kelso.com": "Kelso Insurance plc",
    "https://www.kelso.com/about": "Kelso Insurance plc",
    "kelso-group.com": "Kelso Insurance plc",
    "Fjordkraft": "Fjord Energi AS",
    "Delta Inc": "Delta Inc",
}


def test_an_account_answers_to_its_id_names_and_domains(world: Context):
    assert {said: reading.account_log(world, said).name for said in CALLED} == CALLED


def test_a_wrong_name_suggests_the_nearest(world: Context):
    with pytest.raises(AbmError, match="Kelso Insurance plc") as failed:
        reading.account_log(world, "Kelzo Insurance plc")
    assert failed.value.reason == "there is no account 'Kelzo Insurance plc'"
    with pytest.raises(AbmError, match="Northwind Bank"):
        reading.account_log(world, "northw")


def test_nonsense_finds_nothing(world: Context):
    for said in ["", "  ", "999", "'; DROP TABLE account", "%", "\x00", "9" * 40]:
        with pytest.raises(AbmError, match="there is no account"):
            reading.account_log(world, said)


def test_an_ambiguous_name_lists_what_it_may_be(world: Context):
    with pytest.raises(AbmError, match=r"4 \(Delta Corp, delta.com\), 5 \(Delta Inc\)"):
        reading.account_log(world, "delta")


def test_the_log_tells_the_newest_entries_in_the_order_of_time(world: Context):
    rows = [
        log.entry(
            "touch.sent", at=NOW + number * HOUR, account_id=2, contact_id=1, actor_id=1,
            enrollment_id=2, step="insight", team="marketing", text=f"mail {number}",
        )
        for number in range(5)
    ]  # fmt: skip
    with world.db.writing() as session:
        log.write(session, rows)
    told = reading.account_log(world, "2", limit=3)
    assert [entry.text for entry in told.entries] == ["mail 2", "mail 3", "mail 4"]
    assert told.more
    assert {(one.contact, one.actor, one.playbook) for one in told.entries} == {
        ("Ola Lee", "dana", "opener")
    }
    earlier = reading.account_log(world, "2", before=told.entries[0].at)
    assert [entry.text for entry in earlier.entries] == ["mail 0", "mail 1"]
    assert [one.status for one in told.journeys] == ["active"]
