"""The workspace matches by its settings: families, tie-breakers, phones and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from accounts.matching import Record
from accounts.records import Account, AccountTeam, Alias, Review
from orchestrator.clock import ManualClock
from orchestrator.engine.companies.importing import import_accounts, import_contacts
from orchestrator.engine.companies.matching import match_records
from orchestrator.engine.context import Context
from orchestrator.engine.review.deduping import doubles, of_file
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.staff import users
from orchestrator.settings import Matching, Settings
from orchestrator.store.database import Database
from tests.support.cast import NOW

FAMILY = b"""name,website,country,phone,Parent Account
Kelso Robotics GmbH,kelso.com,Germany,,Kelso Group plc
Kelso Group plc,kelso.com,United Kingdom,+442079460000,
Kelso Textiles Ltd,,United Kingdom,,KELSO GROUP
Umbra Optics,umbra.com,France,,Nobody We Know
"""

World = Callable[..., Context]


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    """One database under whatever settings for matching."""
    db = Database(migrated_url)

    def made(**matching: Any) -> Context:
        settings = Settings(project=tmp_path, matching=Matching(**matching))
        return Context(db, ManualClock(NOW), settings, {})

    yield made
    db.dispose()


def rows(ctx: Context, table: type[SQLModel]) -> list[Any]:
    with ctx.db.reading() as session:
        return list(session.exec(select(table).order_by(table.__table__.c.id)))  # type: ignore[attr-defined]


def parents(ctx: Context) -> dict[str, str]:
    names = {one.id: one.name for one in rows(ctx, Account)}
    return {one.name: names[one.parent_id] for one in rows(ctx, Account) if one.parent_id}


def asked(ctx: Context, record: Record) -> tuple[str, str]:
    (found,) = match_records(ctx, [record])
    return found.verdict.value, found.account


# ---------------------------------------------------------------- families

TREE = {"Kelso Robotics GmbH": "Kelso Group plc", "Kelso Textiles Ltd": "Kelso Group plc"}


def test_a_file_says_who_belongs_to_whom_in_any_order_and_only_once(world: World):
    ctx = world()
    report = import_accounts(ctx, FAMILY)
    assert report.counts["new"] == 4
    assert parents(ctx) == TREE
    (umbra,) = [one for one in rows(ctx, Account) if one.name == "Umbra Optics"]
    assert umbra.extra == {"parent": "Nobody We Know"}
    before = [one.model_dump() for one in rows(ctx, Account)]
    assert import_accounts(ctx, FAMILY).counts["same"] == 4
    assert [one.model_dump() for one in rows(ctx, Account)] == before


def test_a_parent_that_comes_later_is_found_when_the_file_comes_again(world: World):
    ctx = world()
    import_accounts(ctx, FAMILY)
    import_accounts(ctx, b"name,website\nNobody We Know,nobody.com\n")
    import_accounts(ctx, FAMILY)
    assert parents(ctx) == TREE | {"Umbra Optics": "Nobody We Know"}


def test_a_parent_may_be_called_by_its_id_and_what_stands_is_not_changed(world: World):
    ctx = world()
    data = b"hubspot id,name,parent id\n17,Kelso Robotics,4\n4,Kelso Group,\n9,Umbra Optics,\n"
    import_accounts(ctx, data)
    assert parents(ctx) == {"Kelso Robotics": "Kelso Group"}
    import_accounts(ctx, b"name,parent\nKelso Robotics,Umbra Optics\nKelso Group,Kelso Group\n")
    assert parents(ctx) == {"Kelso Robotics": "Kelso Group"}


@pytest.mark.parametrize(
    ("roll_up", "answer"),
    [
        ("child", ("accept", "Kelso Robotics GmbH")),
        ("parent", ("accept", "Kelso Group plc")),
        ("ask", ("review", "Kelso Robotics GmbH")),
    ],
)
def test_who_of_a_family_it_is_as_the_settings_say(world: World, roll_up: str, answer: Any):
    ctx = world(roll_up=roll_up)
    import_accounts(ctx, FAMILY)
    assert asked(ctx, Record(website="kelso.com")) == answer
    assert asked(ctx, Record("Kelso Textiles", "kelso.com")) == ("accept", "Kelso Textiles Ltd")


def test_contacts_and_answers_obey_the_settings_too(world: World):
    ctx = world(roll_up="ask")
    users.add(ctx, "dana", "sales", "dana@us.example")
    import_accounts(ctx, FAMILY)
    people = b"name,email\nJo Doe,jo@kelso.com\n"
    assert import_contacts(ctx, people).counts["unsure"] == 1
    (question,) = questions(ctx)
    assert any("is a child of 'Kelso Group plc'" in one for one in question.reasons)
    decide(ctx, question.id, Answer.SAME, "dana")
    assert [one.status for one in rows(ctx, Review)] == ["same"]
    up = world(roll_up="parent")
    more = import_contacts(up, b"name,email\nAl Doe,al@kelso.com\n")
    assert more.counts["new"] == 1


def test_a_merged_parent_is_the_one_that_it_lives_on_in(world: World):
    ctx = world(roll_up="parent")
    users.add(ctx, "dana", "sales", "dana@us.example")
    import_accounts(ctx, FAMILY)
    ids = {one.name: one.id for one in rows(ctx, Account)}
    merge(ctx, ids["Umbra Optics"], [ids["Kelso Group plc"]], "dana")
    assert asked(ctx, Record(website="kelso.com")) == ("accept", "Umbra Optics")
    merge(ctx, ids["Kelso Robotics GmbH"], [ids["Umbra Optics"]], "dana")
    assert asked(ctx, Record(website="kelso.com")) == ("accept", "Kelso Robotics GmbH")


def test_parent_and_child_are_no_doubles(world: World):
    ctx = world()
    family = b"id,name,website,parent\nK1,Kelso plc,kelso.com,\nK2,Kelso Ltd,kelso.com,K1\n"
    assert import_accounts(ctx, family).counts["new"] == 2
    assert doubles(ctx) == []
    with ctx.db.writing() as session:
        for row in session.exec(select(Account)):
            row.parent_id = None
    (found,) = doubles(ctx)
    assert (found.survivor, found.others[0].name) == ("Kelso plc", "Kelso Ltd")


def test_a_list_may_say_whose_child_a_row_is():
    family = b"row_id,name,website,parent_id\na,Kelso plc,kelso.com,\nb,Kelso Ltd,kelso.com,%s\n"
    assert len(of_file(family % b"").clusters) == 1
    assert of_file(family % b"a").clusters == ()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_rows_of_a_family_on_one_domain_are_as_many_accounts(world: World, order: Any):
    ctx = world()
    lines = [
        "1,Kelso Group plc,kelso.com,",
        "2,Kelso Robotics GmbH,kelso.com,Kelso Group",
        "3,Kelso Textiles Ltd,kelso.com,kelso group",
    ]
    text = "\n".join(["crm id,name,website,parent", *(lines[at] for at in order)])
    assert import_accounts(ctx, text.encode()).counts["new"] == 3
    assert parents(ctx) == TREE
    again = import_accounts(ctx, b"name,website\nKelso Textiles,kelso.com\nKelso Group,kelso.com\n")
    assert again.counts["matched"] == 2


# ---------------------------------------------------------------- ties

TWINS = b"name,website,tier\nZephyr Robotics,zephyr-a.com,\nZephyr Robotics,zephyr-b.com,2\n"


def test_tie_breakers_decide_where_the_settings_name_them(world: World):
    ctx = world()
    import_accounts(ctx, TWINS)
    first, second = rows(ctx, Account)
    record = Record("Zephyr Robotics")
    assert asked(ctx, record)[0] == "review"
    (found,) = match_records(world(tie_breakers=("owner", "tier")), [record])
    assert (found.verdict.value, found.account_id) == ("accept", second.id)
    assert "2 accounts are as close: its tier is the highest" in found.reasons
    users.add(ctx, "dana", "sales", "dana@us.example")
    with ctx.db.writing() as session:
        dana = users.user_id(session, "dana")
        session.add(AccountTeam(account_id=first.id, role="owner", user_id=dana))
    (found,) = match_records(world(tie_breakers=("owner", "tier")), [record])
    assert found.account_id == first.id
    assert "2 accounts are as close: it has an owner" in found.reasons


# ---------------------------------------------------------------- thresholds, phones, hosts


def test_stricter_thresholds_ask_a_person_where_the_shipped_ones_do_not(world: World):
    import_accounts(world(), FAMILY)
    data = b"name\nUmbra Optic\nKelso Grp\n"
    strict = import_accounts(world(accept=0.999, review=0.1), data)
    assert strict.counts["unsure"] == 2
    assert import_accounts(world(), b"name\nUmbra Opticss\n").counts["matched"] == 1


def test_a_companys_phone_is_evidence(world: World):
    ctx = world()
    import_accounts(ctx, FAMILY)
    assert asked(ctx, Record(phone="+44 20 7946 0000")) == ("review", "Kelso Group plc")
    assert asked(ctx, Record(phone="020 7946 0001", country="GB")) == ("none", "")


def test_who_runs_a_host_of_many_is_known_by_its_front_page(world: World):
    ctx = world()
    import_accounts(
        ctx,
        b"name,website\nDeutsche Telekom AG,https://www.t-online.de\nJoe's Garage,gmail.com\n"
        b"Umbra Optics,gmail.com\nKelso plc,linkedin.com/company/kelso\n",
    )
    assert {one.domain for one in rows(ctx, Account)} == {""}
    assert not [one for one in rows(ctx, Alias) if one.kind == "domain"]
    assert asked(ctx, Record(website="t-online.de")) == ("accept", "Deutsche Telekom AG")
    assert asked(ctx, Record(email="anna@t-online.de")) == ("none", "")
    assert asked(ctx, Record(website="gmail.com")) == ("none", "")
    assert asked(ctx, Record(website="linkedin.com")) == ("none", "")
