"""Files come in by content: nothing is lost, nothing is half there, and twice is once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from accounts.errors import AbmError
from accounts.records import Account, Alias, Contact, ImportRun, Review, Suppression
from orchestrator.clock import ManualClock
from orchestrator.engine import agreement, reading
from orchestrator.engine.companies import importing
from orchestrator.engine.companies.importing import (
    Options,
    Report,
    commit,
    draft,
    import_accounts,
    import_contacts,
    import_suppressions,
)
from orchestrator.engine.context import Context
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.staff import users
from orchestrator.records import Enrollment
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.planner import plans
from tests.support import cast
from tests.support.cast import NOW

DATA = Path(__file__).parents[2] / "data" / "companies"

AGREEMENT = """
segments:
  banks: {sector: Financials, country: [DE, US]}
personas:
  cfo: {titles: [cfo, finance director], role: economic_buyer}
score:
  fit:
    - {when: {sector: Financials}, points: 30}
    - {when: {country: DE}, points: 10}
"""


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """An empty database of each kind."""
    made = Context(Database(migrated_url), ManualClock(NOW), Settings(project=tmp_path), {})
    yield made
    made.db.dispose()


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def rows(ctx: Context, table: type[SQLModel]) -> list[Any]:
    with ctx.db.reading() as session:
        return list(session.exec(select(table).order_by(table.__table__.c.id)))  # type: ignore[attr-defined]


def named(ctx: Context, name: str) -> Account:
    with ctx.db.reading() as session:
        return session.exec(select(Account).where(Account.name == name)).one()


def everything(ctx: Context) -> dict[str, list[Any]]:
    tables = (Account, Alias, Contact, Review, Suppression, ImportRun)
    return {table.__name__: [row.model_dump() for row in rows(ctx, table)] for table in tables}


def counts(report: Report) -> dict[str, int]:
    assert sum(report.counts.values()) == report.rows
    return {name: number for name, number in report.counts.items() if number}


# ---------------------------------------------------------------- accounts

COMPANIES = csv(
    "name,website,sector,country,state,city,tier",
    "Northwind Bank,northwind.com,Financials,Germany,,Munich,1",
    "Kelso Insurance plc,kelso.com,Financials,United Kingdom,,,",
    "Fjord Energi AS,,Energy,Norway,,,",
    "Northwind Bank AG,northwind.com,,,,,",
    "self employed,,,,,,",
    "Tahoma Credit,tahoma.com,Financials,US,WA,,",
)


def test_every_row_has_one_end(ctx: Context):
    assert counts(import_accounts(ctx, COMPANIES)) == {"new": 4, "duplicate": 1, "rejected": 1}
    names = ["Northwind Bank", "Kelso Insurance plc", "Fjord Energi AS", "Tahoma Credit"]
    assert [one.name for one in rows(ctx, Account)] == names


def test_a_new_account_has_its_place_its_segment_and_its_fit(ctx: Context):
    agreement.apply(ctx, AGREEMENT)
    import_accounts(ctx, COMPANIES)
    bank, tahoma, kelso = (
        named(ctx, name) for name in ("Northwind Bank", "Tahoma Credit", "Kelso Insurance plc")
    )
    assert (bank.domain, bank.country, bank.zone, bank.tier) == (
        "northwind.com", "DE", "Europe/Berlin", 1,
    )  # fmt: skip
    assert (bank.segment, bank.fit) == ("banks", 100.0)
    assert (tahoma.zone, tahoma.segment, tahoma.fit) == ("America/Los_Angeles", "banks", 75.0)
    assert (kelso.zone, kelso.segment) == ("Europe/London", "")


def test_phone_and_email_are_kept_filled_in_and_not_overwritten(ctx: Context):
    header = "name,website,country,email,phone"
    import_accounts(ctx, csv(header, "Northwind Bank,northwind.com,DE,,030 1234567"))
    told = csv(header, "Northwind Bank,northwind.com,DE,Info@NorthWind.com,+49 89 7654321")
    assert counts(import_accounts(ctx, told)) == {"changed": 1}
    bank = named(ctx, "Northwind Bank")
    assert (bank.phone, bank.email) == ("+49301234567", "info@northwind.com")
    other = told.replace(b"Info@", b"sales@")
    assert counts(import_accounts(ctx, other)) == {"matched": 1}
    assert named(ctx, "Northwind Bank").email == "info@northwind.com"


def test_a_question_keeps_phone_and_email_for_its_answer(ctx: Context):
    users.add(ctx, "dana", "sales", "dana@us.example")
    import_accounts(ctx, csv("name,website", "Aeris Resources Ltd,aeris.com.au"))
    row = "AERIS RESOURCES,aeris-mining.io,AU,hello@aeris-mining.io,(07) 3034 6200"
    assert counts(import_accounts(ctx, csv("name,website,country,email,phone", row))) == {
        "unsure": 1,
    }  # fmt: skip
    (question,) = questions(ctx)
    decide(ctx, question.id, Answer.SAME, "dana")
    (aeris,) = rows(ctx, Account)
    assert (aeris.phone, aeris.email) == ("+61730346200", "hello@aeris-mining.io")


BESIDE = csv(
    "name,website,Lead Source,Employees", "Northwind Bank,northwind.com,fair,120",
    "Kelso Insurance plc,kelso.com,,40",
)  # fmt: skip


def test_columns_that_are_no_fields_are_kept_and_the_last_import_stands(ctx: Context):
    report = import_accounts(ctx, BESIDE)
    assert report.extra == ("Lead Source", "Employees")
    assert [guess.header for guess in report.columns] == ["name", "website"]
    told = csv("name,website,lead source,City", "Northwind Bank,northwind.com,web,Munich")
    assert counts(import_accounts(ctx, told)) == {"changed": 1}
    assert named(ctx, "Northwind Bank").extra == {"Lead Source": "web", "Employees": "120"}
    assert named(ctx, "Kelso Insurance plc").extra == {"Employees": "40"}
    assert counts(import_accounts(ctx, told)) == {"same": 1}
    assert counts(import_accounts(ctx, BESIDE)) == {"same": 2}


def test_rows_of_one_file_fill_in_one_account(ctx: Context):
    file = csv(
        "name,website,Area,Owner", "Acme,acme.com,North,", "Acme Inc,acme.com,South,dana",
    )  # fmt: skip
    assert counts(import_accounts(ctx, file)) == {"new": 1, "duplicate": 1}
    assert named(ctx, "Acme").extra == {"Area": "South", "Owner": "dana"}


def test_a_question_keeps_what_is_no_field_for_its_answer(ctx: Context):
    users.add(ctx, "dana", "sales", "dana@us.example")
    import_accounts(ctx, csv("name,website", "Aeris Resources Ltd,aeris.com.au"))
    import_accounts(ctx, csv("name,website,Segment code", "AERIS RESOURCES,aeris-mining.io,M7"))
    (question,) = questions(ctx)
    assert question.extra == {"Segment code": "M7"}
    decide(ctx, question.id, Answer.SAME, "dana")
    assert rows(ctx, Account)[0].extra == {"Segment code": "M7"}


def test_what_is_no_field_of_a_person_stays_with_the_person(ctx: Context):
    import_accounts(ctx, COMPANIES)
    file = csv(
        "name,email,company,T-shirt", "Ann Archer,ann@northwind.com,Northwind Bank,M",
        "Bo Brook,bo@new.com,New Works,L",
    )  # fmt: skip
    import_contacts(ctx, file, Options(new_accounts=True))
    assert [one.extra for one in rows(ctx, Contact)] == [{"T-shirt": "M"}, {"T-shirt": "L"}]
    assert not any(one.extra for one in rows(ctx, Account))
    assert counts(import_contacts(ctx, file.replace(b",M", b",S"))) == {"changed": 1, "same": 1}
    assert rows(ctx, Contact)[0].extra == {"T-shirt": "S"}


def test_hostile_columns_are_kept_apart_and_stop_nothing(ctx: Context):
    headers = ["name", "segment", "extra", "id (2)", "__class__", "{{7*7}}", "=cmd()", "a", "A"]
    cells = ["Acme", "x", "{}", "3", "4", "49", "=1+1", "lower", "upper"]
    import_accounts(ctx, csv(",".join(headers), ",".join(cells)))
    (acme,) = rows(ctx, Account)
    assert acme.extra == dict(zip(["segment", "extra", "id (2)", "__class__", "{{7*7}}", "=cmd()",
                                   "a", "A (2)"], cells[1:], strict=True))  # fmt: skip
    assert acme.segment == ""


def test_a_reader_of_the_account_sees_it_all(ctx: Context):
    import_accounts(ctx, BESIDE)
    import_contacts(ctx, csv("name,company,T-shirt", "Ann Archer,Northwind Bank,M"))
    told = reading.account_log(ctx, "Northwind Bank")
    assert told.extra == {"Lead Source": "fair", "Employees": "120"}
    assert [(one.name, one.extra) for one in told.people] == [("Ann Archer", {"T-shirt": "M"})]


def test_a_later_agreement_judges_what_is_there(ctx: Context):
    import_accounts(ctx, COMPANIES)
    agreement.apply(ctx, AGREEMENT)
    assert (named(ctx, "Northwind Bank").segment, named(ctx, "Tahoma Credit").fit) == ("banks", 75)


def test_the_same_file_again_changes_nothing(ctx: Context):
    first = import_accounts(ctx, COMPANIES)
    before = everything(ctx)
    again = import_accounts(ctx, COMPANIES)
    assert everything(ctx) == before
    assert counts(again) == {"same": 5, "rejected": 1}
    assert (first.imported_at, again.imported_at) == (None, NOW)


def test_a_changed_file_changes_only_what_is_different(ctx: Context):
    import_accounts(ctx, COMPANIES)
    changed = COMPANIES.replace(
        b"Kelso Insurance plc,kelso.com,Financials,United Kingdom,,,",
        b"Kelso Insurance plc,kelso.com,Banking,United Kingdom,,Leeds,2",
    )
    assert counts(import_accounts(ctx, changed + b"\nZephyr,zephyr.io,,,,,")) == {
        "same": 4, "changed": 1, "new": 1, "rejected": 1,
    }  # fmt: skip
    kelso = named(ctx, "Kelso Insurance plc")
    assert (kelso.sector, kelso.city, kelso.tier) == ("Financials", "Leeds", 2)


def test_what_stands_is_never_overwritten_and_a_place_is_one_fact(ctx: Context):
    import_accounts(ctx, csv("name,website,country", "Acme,acme.com,DE"))
    told = csv("name,website,country,city,industry", "Acme Inc,acme.com,US,Boston,Tools")
    assert counts(import_accounts(ctx, told)) == {"changed": 1}
    acme = named(ctx, "Acme")
    assert (acme.country, acme.city, acme.zone, acme.industry) == (
        "DE", "", "Europe/Berlin", "Tools",
    )  # fmt: skip


def test_an_account_without_a_name_takes_the_first_one_told(ctx: Context):
    import_accounts(ctx, csv("name,website", ",pension-bee.com"))
    import_accounts(ctx, csv("name,website", "Pension Bee Group,pension-bee.com"))
    (only,) = rows(ctx, Account)
    assert (only.name, only.name_key) == ("Pension Bee Group", "pensionbeegroup")


def test_another_name_is_remembered_once_it_was_accepted(ctx: Context):
    import_accounts(ctx, csv("name,website", "Nord Stream Logistics,nsl.com"))
    import_accounts(ctx, csv("name,website", "Nord Stream Log. Holding SE,nsl.com"))
    assert ("name", "Nord Stream Log. Holding SE") in {
        (one.kind, one.value) for one in rows(ctx, Alias)
    }
    only_name = csv("name,city", "Nord Stream Log. Holding,Kiel")
    assert counts(import_accounts(ctx, only_name)) == {"changed": 1}


UNSURE = csv("name,website", "Aeris Resources Ltd,aeris.com.au")
LIKE_IT = csv("name,website", "AERIS RESOURCES,aeris-resources.io")


def test_an_unsure_row_is_asked_about_once(ctx: Context):
    import_accounts(ctx, UNSURE)
    assert counts(import_accounts(ctx, LIKE_IT)) == {"unsure": 1}
    assert counts(import_accounts(ctx, LIKE_IT + b"\nAERIS RESOURCES,aeris-resources.io")) == {
        "same": 2,
    }  # fmt: skip
    (review,) = rows(ctx, Review)
    assert review.candidate_id == named(ctx, "Aeris Resources Ltd").id
    assert (review.record["name"], review.record["domain"]) == (
        "AERIS RESOURCES", "aeris-resources.io",
    )  # fmt: skip
    assert 0.2 < review.score < 0.9
    assert review.reasons


def test_two_domains_in_one_file_are_two_companies(ctx: Context):
    file = csv("name,website", "Altarea SCA,altarea.com", "Altareit SCA,altareit.com")
    assert counts(import_accounts(ctx, file)) == {"new": 2}


def test_a_name_that_was_merged_away_leads_to_the_account_it_lives_on_in(ctx: Context):
    import_accounts(ctx, csv("name,website", "Acme,acme.com", "Bolt Works,bolt.com"))
    acme, bolt = named(ctx, "Acme"), named(ctx, "Bolt Works")
    with ctx.db.writing() as session:
        session.get_one(Account, bolt.id).merged_into = acme.id
    file = csv("name,website,city", "Bolt Works Ltd,bolt.com,Leeds")
    assert counts(import_accounts(ctx, file)) == {"changed": 1}
    assert named(ctx, "Acme").city == "Leeds"


def test_a_draft_writes_nothing(ctx: Context):
    plan = draft(ctx, "accounts", COMPANIES)
    assert counts(plan.report) == {"new": 4, "duplicate": 1, "rejected": 1}
    assert not plan.report.committed
    assert not any(everything(ctx).values())


def test_what_somebody_else_adds_meanwhile_is_not_added_twice(ctx: Context):
    plan = draft(ctx, "accounts", COMPANIES)
    import_accounts(ctx, csv("name,website", "Kelso Insurance,kelso.com"))
    assert counts(commit(ctx, plan)) == {"new": 3, "changed": 1, "duplicate": 1, "rejected": 1}
    assert len(rows(ctx, Account)) == 4


class Killed(BaseException):
    """The end of a process, as far as a transaction can tell."""


def test_a_crash_leaves_whole_batches_and_the_same_file_does_the_rest(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "BATCH", 3)
    lines = [f"Company {name},{name.lower()}.com" for name in "ABCDEFGHIJ"]
    file = csv("name,website", *lines)
    passed = iter([False, False, True])

    def die(point: str) -> None:
        if point == "in_import" and next(passed):
            raise Killed

    dying = Context(ctx.db, ctx.clock, ctx.settings, {}, probe=die)
    with pytest.raises(Killed):
        import_accounts(dying, file)
    assert len(rows(ctx, Account)) == 6
    assert not rows(ctx, ImportRun)
    assert counts(import_accounts(ctx, file)) == {"new": 4, "same": 6}
    assert len(rows(ctx, Account)) == 10


def test_two_imports_of_one_file_at_once_make_each_account_once(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(importing, "BATCH", 10)
    lines = [f"Company {name}{other},{name}{other}.com" for name in "abcde" for other in "vwxyz"]
    file = csv("name,website", *lines).lower()
    ready = Barrier(2)

    def take() -> Report:
        plan = draft(ctx, "accounts", file)
        ready.wait(30)
        return commit(ctx, plan)

    with ThreadPoolExecutor(2) as both:
        reports = [future.result() for future in [both.submit(take), both.submit(take)]]
    assert len(rows(ctx, Account)) == 25
    assert sum(one.counts["new"] for one in reports) == 25
    assert len(rows(ctx, ImportRun)) == 1


def test_a_file_that_is_no_table_is_refused(ctx: Context, tmp_path: Path):
    with pytest.raises(AbmError, match="no column is one of"):
        import_accounts(ctx, csv("city", "Bern"))
    with pytest.raises(AbmError, match="cannot be read"):
        import_accounts(ctx, tmp_path / "nowhere.csv")
    with pytest.raises(AbmError, match="cannot be read"):
        import_accounts(ctx, tmp_path)


def test_rejects_say_line_and_reason_and_come_in_once_they_are_mended(ctx: Context):
    plan = draft(ctx, "accounts", COMPANIES + b'\n"Zephyr,zephyr.io')
    assert [line.split(",")[0] for line in plan.rejects.splitlines()] == [
        '"rejected_line"', '"6"', '"8"',
    ]  # fmt: skip
    mended = plan.rejects.replace("self employed", "Sefton Works").encode()
    assert counts(import_accounts(ctx, mended)) == {"new": 1, "rejected": 1}


# ---------------------------------------------------------------- contacts


@pytest.fixture
def banks(ctx: Context) -> Context:
    agreement.apply(ctx, AGREEMENT)
    import_accounts(ctx, COMPANIES)
    return ctx


def test_people_find_their_company_and_their_part_in_it(banks: Context):
    file = csv(
        "name,company,email,title,city,country,opt in,phone",
        "Ann Archer,,ann@northwind.com,Group CFO,Berlin,DE,yes,030 1234567",
        "'Brook, Bo',Kelso Insurance,,Clerk,,,,",
        "Cy Cole,Fjord Energi,cy@gmail.com,,,,no,",
    ).replace(b"'Brook, Bo'", b'"Brook, Bo"')
    assert counts(import_contacts(banks, file)) == {"new": 3}
    ann, bo, cy = rows(banks, Contact)
    assert ann.account_id == named(banks, "Northwind Bank").id
    assert (ann.persona, ann.role, ann.zone) == ("cfo", "economic_buyer", "Europe/Berlin")
    assert (ann.consent, ann.phone, ann.first_name) == ("granted", "+49301234567", "Ann")
    assert (bo.account_id, bo.first_name) == (named(banks, "Kelso Insurance plc").id, "Bo")
    assert (cy.account_id, cy.consent) == (named(banks, "Fjord Energi AS").id, "refused")
    before = everything(banks)
    assert counts(import_contacts(banks, file)) == {"same": 3}
    assert everything(banks) == before


def test_what_the_file_says_of_role_and_persona_comes_before_the_title(banks: Context):
    file = csv("name,company,title,role", "Ann Archer,Northwind Bank,CFO,Economic Champion")
    import_contacts(banks, file)
    (ann,) = rows(banks, Contact)
    assert (ann.role, ann.persona) == ("economic_champion", "cfo")


ANN = csv("name,company,email", "Ann Archer,Northwind Bank,ann@northwind.com")


def test_a_known_person_is_filled_in_and_not_overwritten(banks: Context):
    import_contacts(banks, csv("name,company,title", "Ann Archer,Northwind Bank,CFO"))
    file = csv("name,company,email,title,phone",
               "ann archer,Northwind Bank,Ann@northwind.com,Clerk,+49 30 1234567")  # fmt: skip
    assert counts(import_contacts(banks, file)) == {"changed": 1}
    (ann,) = rows(banks, Contact)
    assert (ann.name, ann.email_key, ann.title, ann.phone) == (
        "Ann Archer", "ann@northwind.com", "CFO", "+49301234567",
    )  # fmt: skip


def test_a_refusal_is_heard_and_no_file_takes_it_back(banks: Context):
    header = "name,company,email,consent"
    for said, stands in (("yes", "granted"), ("no", "refused"), ("yes", "refused")):
        import_contacts(banks, csv(header, f"Ann,Northwind Bank,ann@northwind.com,{said}"))
        assert [one.consent for one in rows(banks, Contact)] == [stands]


def test_who_left_stays_gone(banks: Context):
    import_contacts(banks, ANN)
    with banks.db.writing() as session:
        session.exec(select(Contact)).one().left_at = NOW
    told = csv("name,company,email,phone", "Ann,Northwind Bank,ann@northwind.com,+49301234567")
    assert counts(import_contacts(banks, told)) == {"matched": 1}
    assert [one.phone for one in rows(banks, Contact)] == [""]


def test_one_address_at_two_companies_is_a_question(banks: Context):
    import_contacts(banks, ANN)
    moved = csv("name,company,email", "Ann Archer,Kelso Insurance plc,ann@northwind.com")
    assert counts(import_contacts(banks, moved)) == {"unsure": 1}
    (review,) = rows(banks, Review)
    assert "Ann Archer's at Northwind Bank" in review.reasons[0]
    assert len(rows(banks, Contact)) == 1


def test_the_same_person_twice_in_a_file_is_one(banks: Context):
    twice = ANN + b"\nAnn A. Archer,Northwind Bank,ANN@northwind.com\n" + ANN.split(b"\n")[1]
    assert counts(import_contacts(banks, twice)) == {"new": 1, "duplicate": 2}


def test_people_of_an_unknown_company_are_rejected_or_make_it_an_account(banks: Context):
    file = csv(
        "name,company,email",
        "Ann Archer,Zephyr Systems,ann@zephyr.io",
        "Bo Brook,Zephyr Systems,bo@zephyr.io",
        "Cy Cole,Zephyr Systems,",
    )
    plan = draft(banks, "contacts", file)
    assert counts(plan.report) == {"rejected": 3}
    assert "no account is 'Zephyr Systems'" in plan.rejects
    report = import_contacts(banks, file, Options(new_accounts=True))
    assert counts(report) == {"new": 3}
    assert {one.account_id for one in rows(banks, Contact)} == {named(banks, "Zephyr Systems").id}
    assert named(banks, "Zephyr Systems").domain == "zephyr.io"


def test_a_newcomer_wakes_the_play_of_the_account(banks: Context):
    with banks.db.writing() as session:
        version = cast.version(session, plans.plan(plans.step("prepare", "todo")))
        account = session.exec(select(Account).where(Account.name == "Northwind Bank")).one()
        cast.enrolled(session, account, version)
    import_contacts(banks, ANN)
    (play,) = rows(banks, Enrollment)
    assert (play.next_due_at, play.fence) == (NOW, 1)


def test_a_person_of_a_merged_account_is_found_where_it_lives_on(banks: Context):
    import_contacts(banks, ANN)
    with banks.db.writing() as session:
        head, gone = (
            session.exec(select(Account).where(Account.name == name)).one()
            for name in ("Kelso Insurance plc", "Northwind Bank")
        )
        gone.merged_into = head.id
    told = csv("name,company,email,title", "Ann Archer,Northwind Bank,ann@northwind.com,CFO")
    assert counts(import_contacts(banks, told)) == {"changed": 1}
    new = csv("name,company", "Bo Brook,Northwind Bank")
    import_contacts(banks, new)
    assert rows(banks, Contact)[-1].account_id == named(banks, "Kelso Insurance plc").id


# ---------------------------------------------------------------- suppressions


def test_rules_are_added_and_never_changed(ctx: Context):
    file = csv("email,reason", "ann@acme.de,complaint", "ANN@acme.de,manual", "@bolt.com,",
               "gmail.com,")  # fmt: skip
    assert counts(import_suppressions(ctx, file)) == {"new": 2, "duplicate": 1, "rejected": 1}
    again = csv("email,reason", "ann@acme.de,manual")
    assert counts(import_suppressions(ctx, again)) == {"same": 1}
    assert [(one.scope, one.value, one.reason) for one in rows(ctx, Suppression)] == [
        ("address", "ann@acme.de", "complaint"),
        ("domain", "bolt.com", "manual"),
    ]


# ---------------------------------------------------------------- real companies

PAIRS = {
    "PICC Property & Casualty Co., Ltd. Class H": "PICC Property and Casualty Company Limited",
    "HARLEY-DAVID.INC.": "Harley-Davidson, Inc.",
    "NORFOLK STHN CORP.": "Norfolk Southern Corporation",
    "PT BK TABUNG.NEG.P": "PT Bank Tabungan Negara (Persero) Tbk",
    "TARGET CORP.": "Target Corporation",
}


def test_a_messy_export_meets_the_companies_that_it_means(migrated_sqlite: Path, tmp_path: Path):
    url = f"sqlite:///{shutil.copyfile(migrated_sqlite, tmp_path / 'abm.db')}"
    ctx = Context(Database(url), ManualClock(NOW), Settings(project=tmp_path), {})
    first = counts(import_accounts(ctx, DATA / "accounts.csv"))
    assert first["new"] + first["unsure"] == 2_755
    assert first["unsure"] < 40
    plan = draft(ctx, "accounts", DATA / "crm_export.csv")
    found = {one.label: one.about for one in plan.planned if one.outcome == "matched"}
    assert {name: found.get(name) for name in PAIRS} == PAIRS
    second = counts(commit(ctx, plan))
    assert sum(second.values()) == 2_688
    assert second["matched"] + second.get("changed", 0) > 1_800
    assert second["unsure"] < 200
    assert 550 < second["new"] < 700
    assert second["rejected"] == 13
    for name, again in (("accounts", 2_755), ("crm_export", 2_688 - 13)):
        assert counts(import_accounts(ctx, DATA / f"{name}.csv"))["same"] == again
    ctx.db.dispose()
