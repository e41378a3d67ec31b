"""What another system calls an account or a person is kept, and tells them by whatever name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from accounts.errors import AbmError
from accounts.records import Account, Contact, ExternalId, Review
from orchestrator.clock import ManualClock
from orchestrator.engine import reading
from orchestrator.engine.companies.importing import (
    Options,
    Report,
    draft,
    import_accounts,
    import_contacts,
)
from orchestrator.engine.context import Context
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.staff import users
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.support.cast import NOW

HUBSPOT, SALESFORCE, UNSAID = Options(system="HubSpot"), Options(system="salesforce"), Options()


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


BANKS = csv(
    "Record ID,name,website", "17,Northwind Bank,northwind.com", "18,Kelso Insurance plc,kelso.com",
    "19,Fjord Energi AS,",
)  # fmt: skip


@pytest.fixture
def ctx(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Context]:
    """Nothing, and dana, who decides."""
    url = f"sqlite:///{shutil.copyfile(migrated_sqlite, tmp_path / 'abm.db')}"
    made = Context(Database(url), ManualClock(NOW), Settings(project=tmp_path), {})
    users.add(made, "dana", "sales", "dana@us.example")
    yield made
    made.db.dispose()


@pytest.fixture
def either(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """Nothing, on each kind of database."""
    made = Context(Database(migrated_url), ManualClock(NOW), Settings(project=tmp_path), {})
    users.add(made, "dana", "sales", "dana@us.example")
    yield made
    made.db.dispose()


def rows(ctx: Context, table: type[SQLModel]) -> list[Any]:
    with ctx.db.reading() as session:
        return list(session.exec(select(table).order_by(table.__table__.c.id)))  # type: ignore[attr-defined]


def counts(report: Report) -> dict[str, int]:
    assert sum(report.counts.values()) == report.rows
    return {name: number for name, number in report.counts.items() if number}


def called(ctx: Context) -> dict[tuple[str, str], str]:
    """{(system, id): the name of the account or person}."""
    names = {("account", one.id): one.name for one in rows(ctx, Account)}
    names |= {("contact", one.id): one.name for one in rows(ctx, Contact)}
    return {
        (one.source, one.value): names[one.kind, one.account_id or one.contact_id]
        for one in rows(ctx, ExternalId)
    }


def answer(ctx: Context, word: str) -> None:
    (question,) = questions(ctx)
    decide(ctx, question.id, Answer(word), "dana")


# ---------------------------------------------------------------- accounts


def test_an_id_tells_the_account_by_whatever_name_it_comes_again(either: Context):
    import_accounts(either, BANKS, HUBSPOT)
    renamed = csv("Record ID,name,city", "19,Quite Another Name,Bergen", "17,NWB Holding,Munich")
    assert counts(import_accounts(either, renamed, HUBSPOT)) == {"changed": 2}
    assert len(rows(either, Account)) == 3
    assert [one.city for one in rows(either, Account)] == ["Munich", "", "Bergen"]
    assert called(either) == {
        ("hubspot", "17"): "Northwind Bank", ("hubspot", "18"): "Kelso Insurance plc",
        ("hubspot", "19"): "Fjord Energi AS",
    }  # fmt: skip
    assert counts(import_accounts(either, csv("name", "NWB Holding"))) == {"matched": 1}


def test_an_id_counts_within_its_system_alone(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    other = csv("Record ID,name", "17,Delta Works", "18,Omega Farms")
    assert counts(import_accounts(ctx, other, SALESFORCE)) == {"new": 2}
    assert called(ctx)["salesforce", "17"] == "Delta Works"
    assert called(ctx)["hubspot", "17"] == "Northwind Bank"


def test_one_account_has_an_id_in_each_system(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    assert counts(import_accounts(ctx, BANKS, SALESFORCE)) == {"same": 3}
    told = reading.account_log(ctx, "Northwind Bank")
    assert {(one.system, one.id) for one in told.ids} == {("hubspot", "17"), ("salesforce", "17")}


def test_another_domain_makes_a_known_id_a_question(either: Context):
    import_accounts(either, BANKS, HUBSPOT)
    moved = csv("Record ID,name,website", "17,Northwind Bank,nwb-group.io")
    assert counts(import_accounts(either, moved, HUBSPOT)) == {"unsure": 1}
    (question,) = questions(either)
    assert question.candidate == "Northwind Bank"
    assert any("id of Northwind Bank in hubspot" in reason for reason in question.reasons)
    assert any("nwb-group.io, not northwind.com" in reason for reason in question.reasons)
    answer(either, "same")
    again = csv("Record ID,name,website", "17,NWB,nwb-group.io")
    assert counts(import_accounts(either, again, HUBSPOT)) == {"matched": 1}


def test_an_id_goes_over_to_the_account_that_a_person_says_it_is(either: Context):
    import_accounts(either, BANKS, HUBSPOT)
    reused = csv("Record ID,name,website", "17,Delta Works,delta-works.io")
    assert counts(import_accounts(either, reused, HUBSPOT)) == {"unsure": 1}
    answer(either, "new")
    assert called(either)["hubspot", "17"] == "Delta Works"
    later = csv("Record ID,name", "17,Delta Works and Sons")
    assert counts(import_accounts(either, later, HUBSPOT)) == {"matched": 1}
    assert not questions(either)


def test_what_was_ruled_out_is_not_asked_again(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    import_accounts(ctx, csv("Record ID,name,website", "17,Delta Works,delta-works.io"), HUBSPOT)
    answer(ctx, "never")
    same_again = csv("Record ID,name,website,city", "17,Delta Works,delta-works.io,Perth")
    assert counts(import_accounts(ctx, same_again, HUBSPOT)) == {"changed": 1}
    assert rows(ctx, Account)[-1].city == "Perth"


def test_an_id_that_stands_at_several_companies_of_a_file_is_none(ctx: Context):
    file = csv("key,name", "EMEA,Acme", "EMEA,Bolt Works", "EMEA,Cargo Lines", "7,Delta Farms")
    assert counts(import_accounts(ctx, file, HUBSPOT)) == {"new": 4}
    assert called(ctx) == {("hubspot", "7"): "Delta Farms"}


def test_the_same_company_twice_in_a_file_may_have_two_ids(ctx: Context):
    file = csv("id,name,website", "1,Acme,acme.com", "2,ACME Inc.,acme.com")
    assert counts(import_accounts(ctx, file, HUBSPOT)) == {"new": 1, "duplicate": 1}
    assert called(ctx) == {("hubspot", "1"): "Acme", ("hubspot", "2"): "Acme"}


def test_the_id_of_a_merged_account_leads_to_where_it_lives_on(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    with ctx.db.writing() as session:
        bank, kelso, _ = session.exec(select(Account).order_by(col(Account.id))).all()
        kelso.merged_into = bank.id
    file = csv("Record ID,name,city", "18,Some New Name,Leeds")
    assert counts(import_accounts(ctx, file, HUBSPOT)) == {"changed": 1}
    assert rows(ctx, Account)[0].city == "Leeds"


# ---------------------------------------------------------------- whose ids


def from_file(ctx: Context, name: str, data: bytes, options: Options = UNSAID) -> Report:
    file = ctx.settings.project / name
    file.write_bytes(data)
    return import_accounts(ctx, file, options)


def test_the_header_or_else_the_name_of_the_file_says_whose_ids_they_are(ctx: Context):
    named = csv("HubSpot ID,name,website", "1,Acme,acme.com")
    assert from_file(ctx, "a.csv", named).system == "hubspot"
    assert from_file(ctx, "crm_export-2026-11-01.csv", BANKS).system == "crm_export"
    assert from_file(ctx, "crm_export-2026-12-01.csv", BANKS).system == "crm_export"
    assert from_file(ctx, "crm.csv", BANKS, HUBSPOT).system == "hubspot"
    assert from_file(ctx, "plain.csv", csv("name", "Zeta Foods")).system == ""


def test_where_only_the_file_says_whose_they_are_another_name_is_a_question(ctx: Context):
    from_file(ctx, "accounts.csv", BANKS)
    other = csv("Record ID,name", "19,Omega Farms", "17,Northwind Bank")
    assert counts(from_file(ctx, "accounts.csv", other)) == {"unsure": 1, "matched": 1}
    (question,) = questions(ctx)
    assert (question.label, question.candidate) == ("Omega Farms", "Fjord Energi AS")


def test_numbers_that_count_the_rows_are_no_ids(ctx: Context):
    from_file(ctx, "list.csv", csv("id,name,website", "1,Acme,acme.com", "2,Bolt Works,bolt.com"))
    assert not called(ctx)
    shuffled = csv("id,name,website", "1,Bolt Works,bolt.com", "2,Cargo Lines,cargo.com",
                   "3,Acme,acme.com")  # fmt: skip
    assert counts(from_file(ctx, "list.csv", shuffled)) == {"matched": 2, "new": 1}
    assert counts(from_file(ctx, "list.csv", shuffled, HUBSPOT)) == {"same": 3}
    assert called(ctx)["hubspot", "3"] == "Acme"


def test_a_column_of_ids_may_be_another_one_or_none(ctx: Context):
    file = csv("Record ID,Legacy,name", "1,A-7,Acme")
    plan = draft(ctx, "accounts", file, Options({"external_id": "Legacy"}, system="erp"))
    assert plan.rows[0].external_id == "A-7"
    assert plan.report.extra == ("Record ID",)
    none = draft(ctx, "accounts", file, Options({"external_id": ""}, system="erp")).report
    assert (none.system, none.extra) == ("", ("Record ID", "Legacy"))


def test_the_short_and_the_long_id_of_salesforce_are_one(ctx: Context):
    short = csv("Account ID,name", "001A0000006Vm9r,Acme", "001A0000006Vm9R,Bolt Works")
    import_accounts(ctx, short, SALESFORCE)
    long = csv("Account ID,name,city", "001A0000006Vm9rIAC,Renamed,Leeds")
    assert counts(import_accounts(ctx, long, SALESFORCE)) == {"changed": 1}
    assert [one.city for one in rows(ctx, Account)] == ["Leeds", ""]
    assert called(ctx) == {
        ("salesforce", "001A0000006Vm9rIAC"): "Acme",
        ("salesforce", "001A0000006Vm9RIAS"): "Bolt Works",
    }


def test_a_system_without_end_is_refused(ctx: Context):
    with pytest.raises(AbmError, match="no name of a system"):
        import_accounts(ctx, BANKS, Options(system="x" * 1_000))


# ---------------------------------------------------------------- people

ANN = csv(
    "Contact ID,Account ID,name,email,company",
    "c1,17,Ann Archer,ann@northwind.com,Northwind Bank",
)  # fmt: skip


def test_a_person_is_told_by_id_and_the_company_by_its_own(either: Context):
    import_accounts(either, BANKS, HUBSPOT)
    file = csv("Contact ID,Account ID,name,email", "c1,17,Ann Archer,ann@gmail.com")
    assert counts(import_contacts(either, file, HUBSPOT)) == {"new": 1}
    married = csv("Contact ID,Account ID,name,title", "c1,17,Ann Baker,CFO")
    assert counts(import_contacts(either, married, HUBSPOT)) == {"changed": 1}
    (ann,) = rows(either, Contact)
    assert (ann.name, ann.title) == ("Ann Archer", "CFO")
    assert ann.account_id == rows(either, Account)[0].id
    (told,) = reading.account_log(either, "Northwind Bank").people
    assert [(one.system, one.id) for one in told.ids] == [("hubspot", "c1")]


def test_a_company_of_an_unknown_id_is_found_by_name_or_said(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    assert counts(import_contacts(ctx, ANN.replace(b",17,", b",99,"), HUBSPOT)) == {"new": 1}
    nobody = csv("Contact ID,Account ID,name", "c2,99,Bo Brook")
    plan = draft(ctx, "contacts", nobody, Options(system="hubspot", new_accounts=True))
    (row,) = plan.planned
    assert (row.outcome, "'99'" in row.why) == ("rejected", True)


def test_a_person_who_is_elsewhere_by_now_is_a_question(either: Context):
    import_accounts(either, BANKS, HUBSPOT)
    import_contacts(either, ANN, HUBSPOT)
    moved = csv("Contact ID,name,email,company", "c1,Ann Archer,ann@kelso.com,Kelso Insurance plc")
    assert counts(import_contacts(either, moved, HUBSPOT)) == {"unsure": 1}
    (question,) = questions(either)
    assert "the id is Ann Archer's at Northwind Bank" in question.reasons
    answer(either, "new")
    old, new = rows(either, Contact)
    assert (old.left_at is not None, new.left_at) == (True, None)
    ids = {one.value: one.contact_id for one in rows(either, ExternalId) if one.kind == "contact"}
    assert ids == {"c1": new.id}


def test_an_id_beats_an_address(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    import_contacts(
        ctx,
        csv("Contact ID,name,email,company", "c1,Ann Archer,ann@northwind.com,Northwind Bank",
            "c2,Bo Brook,office@northwind.com,Northwind Bank"),
        HUBSPOT,
    )  # fmt: skip
    file = csv("Contact ID,name,email,company,title",
               "c1,Ann Archer,office@northwind.com,Northwind Bank,CFO")  # fmt: skip
    assert counts(import_contacts(ctx, file, HUBSPOT)) == {"changed": 1}
    assert [one.title for one in rows(ctx, Contact)] == ["CFO", ""]


def test_an_id_of_several_people_is_none(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    file = csv("id,name,company", "x,Ann Archer,Northwind Bank", "x,Bo Brook,Northwind Bank")
    assert counts(import_contacts(ctx, file, HUBSPOT)) == {"new": 2}
    assert not [one for one in rows(ctx, ExternalId) if one.kind == "contact"]


def test_rows_about_one_person_add_up_however_each_finds_them(ctx: Context):
    import_accounts(ctx, BANKS, HUBSPOT)
    import_contacts(ctx, ANN, HUBSPOT)
    file = csv(
        "Contact ID,name,email,company,Shirt,Shoe",
        "c1,Ann Archer,,Northwind Bank,M,", ",Ann Archer,ann@northwind.com,Northwind Bank,,39",
    )  # fmt: skip
    import_contacts(ctx, file, HUBSPOT)
    (ann,) = rows(ctx, Contact)
    assert ann.extra == {"Shirt": "M", "Shoe": "39"}
    assert not rows(ctx, Review)
