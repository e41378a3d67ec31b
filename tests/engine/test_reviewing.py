"""A person's answer is acted upon, remembered, and asked for only once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from accounts.errors import AbmError
from accounts.matching import Record
from accounts.records import Account, Alias, Contact, Decision, Review
from orchestrator.clock import ManualClock
from orchestrator.engine.companies.importing import import_accounts, import_contacts
from orchestrator.engine.companies.matching import match_records
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.review.merging import merge
from orchestrator.engine.review.parting import unmerge
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, Decided, decide
from orchestrator.engine.staff import users
from orchestrator.records import Activity, Inbox
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW

KNOWN = b"name,website\nAeris Resources Ltd,aeris.com.au\nKelso Insurance plc,kelso.com\n"
UNSURE = b"name,website,city\nAERIS RESOURCES,aeris-mining.io,Perth\n"


@pytest.fixture
def ctx(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Context]:
    """Two accounts, and dana, who decides."""
    url = f"sqlite:///{shutil.copyfile(migrated_sqlite, tmp_path / 'abm.db')}"
    made = Context(Database(url), ManualClock(NOW), Settings(project=tmp_path), {})
    users.add(made, "dana", "sales", "dana@us.example")
    import_accounts(made, KNOWN)
    yield made
    made.db.dispose()


def rows(ctx: Context, table: type[SQLModel]) -> list[Any]:
    with ctx.db.reading() as session:
        return list(session.exec(select(table).order_by(table.__table__.c.id)))  # type: ignore[attr-defined]


def names(ctx: Context) -> list[str]:
    return [one.name for one in rows(ctx, Account)]


def answer(ctx: Context, said: str) -> Decided:
    (first, *_) = questions(ctx)
    return decide(ctx, first.id, Answer(said), "dana")


def again(ctx: Context, data: bytes) -> dict[str, int]:
    report = import_accounts(ctx, data)
    return {name: number for name, number in report.counts.items() if number}


# ---------------------------------------------------------------- companies


def test_questions_come_with_their_candidate_the_likeliest_first(ctx: Context):
    import_accounts(ctx, UNSURE + b"Kelso Insurance Group Ltd,aeris.com.au,\n")
    found = questions(ctx)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert {one.candidate for one in found} == {"Aeris Resources Ltd"}
    assert {one.label for one in found} == {"AERIS RESOURCES", "Kelso Insurance Group Ltd"}
    assert questions(ctx, limit=1) == found[:1]


def test_same_fills_the_account_and_remembers_its_other_domain(ctx: Context):
    import_accounts(ctx, UNSURE)
    done = answer(ctx, "same")
    assert (done.account, done.open) == ("Aeris Resources Ltd", False)
    assert len(names(ctx)) == 2
    assert rows(ctx, Account)[0].city == "Perth"
    assert not questions(ctx)
    (review,) = rows(ctx, Review)
    assert (review.status, review.decided_at) == ("same", NOW)
    assert again(ctx, b"name,website\n,aeris-mining.io\n") == {"matched": 1}
    assert again(ctx, UNSURE) == {"same": 1}


def test_new_makes_the_account_that_the_row_says(ctx: Context):
    import_accounts(ctx, UNSURE)
    done = answer(ctx, "new")
    made = rows(ctx, Account)[-1]
    assert (made.id, made.name, made.city) == (done.account_id, "AERIS RESOURCES", "Perth")
    assert again(ctx, b"name,website,country\nAeris,aeris-mining.io,AU\n") == {"changed": 1}
    assert again(ctx, UNSURE) == {"same": 1}


def test_never_is_never_asked_again(ctx: Context):
    import_accounts(ctx, UNSURE)
    answer(ctx, "never")
    with ctx.db.writing() as session:  # what "never" made goes away, the ruling stays
        made = session.exec(select(Account).where(Account.name == "AERIS RESOURCES")).one()
        session.exec(select(Review)).one().account_id = None
        session.flush()
        session.delete(made)
    same_again = UNSURE.replace(b"Perth", b"Sydney")
    assert again(ctx, same_again) == {"new": 1}
    assert "never" in {one.kind for one in rows(ctx, Alias)}


def test_never_asks_about_the_third_account_that_it_may_be(ctx: Context):
    with ctx.db.writing() as session:
        cast.company(session, "Kelso Insurance SA", domain="kelso-france.fr")
    import_accounts(ctx, b"name,website\nKelso Insurance,ki-group.io\n")
    (first,) = questions(ctx)
    assert answer(ctx, "never").open
    (second,) = questions(ctx)
    assert (second.id, {first.candidate, second.candidate}) == (
        first.id, {"Kelso Insurance plc", "Kelso Insurance SA"},
    )  # fmt: skip
    assert not answer(ctx, "never").open
    assert not questions(ctx)
    assert names(ctx)[-1] == "Kelso Insurance"


def test_a_question_has_one_answer(ctx: Context):
    import_accounts(ctx, UNSURE)
    (asked,) = questions(ctx)
    answer(ctx, "new")
    with pytest.raises(AbmError, match="answered: new, by dana"):
        decide(ctx, asked.id, Answer.SAME, "dana")
    with pytest.raises(AbmError, match="there is no question 99"):
        decide(ctx, 99, Answer.SAME, "dana")
    assert len(names(ctx)) == 3


def test_a_stranger_decides_nothing(ctx: Context):
    import_accounts(ctx, UNSURE)
    (asked,) = questions(ctx)
    with pytest.raises(AbmError, match="did you mean 'dana'"):
        decide(ctx, asked.id, Answer.SAME, "dane")
    assert len(questions(ctx)) == 1


def test_the_candidate_may_have_been_merged_meanwhile(ctx: Context):
    import_accounts(ctx, UNSURE)
    with ctx.db.writing() as session:
        aeris, kelso = session.exec(select(Account).order_by(Account.name)).all()
        aeris.merged_into = kelso.id
    assert answer(ctx, "same").account == "Kelso Insurance plc"
    assert rows(ctx, Account)[1].city == "Perth"


# ---------------------------------------------------------------- people

ANN = b"name,company,email\nAnn Archer,Aeris Resources Ltd,ann@aeris.com.au\n"
MOVED = b"name,company,email\nAnn Archer,Kelso Insurance plc,ann@aeris.com.au\n"
VAGUE = b"name,company,website\nBo Brook,AERIS RESOURCES,aeris-mining.io\n"


def at(ctx: Context) -> dict[str, tuple[str, bool]]:
    accounts = {one.id: one.name for one in rows(ctx, Account)}
    return {
        f"{one.id} {one.name}": (accounts[one.account_id], one.left_at is not None)
        for one in rows(ctx, Contact)
    }


def test_same_keeps_the_person_where_they_are(ctx: Context):
    import_contacts(ctx, ANN)
    import_contacts(ctx, MOVED)
    answer(ctx, "same")
    assert at(ctx) == {"1 Ann Archer": ("Aeris Resources Ltd", False)}
    assert "Kelso Insurance plc" not in {one.value for one in rows(ctx, Alias)}


@pytest.mark.parametrize("said", ["new", "never"])
def test_new_lets_the_person_move_to_the_company_of_the_row(ctx: Context, said: str):
    import_contacts(ctx, ANN)
    import_contacts(ctx, MOVED)
    answer(ctx, said)
    assert at(ctx) == {
        "1 Ann Archer": ("Aeris Resources Ltd", True),
        "2 Ann Archer": ("Kelso Insurance plc", False),
    }
    assert rows(ctx, Contact)[0].left_reason == "moved to Kelso Insurance plc"
    assert not questions(ctx)


def test_a_person_of_a_vague_company_joins_it_or_a_new_one(ctx: Context):
    import_contacts(ctx, VAGUE)
    answer(ctx, "same")
    assert at(ctx) == {"1 Bo Brook": ("Aeris Resources Ltd", False)}
    import_contacts(ctx, b"name,company,website\nCy Cole,AERIS RESOURCES,aeris-mining.io\n")
    assert at(ctx)["2 Cy Cole"] == ("Aeris Resources Ltd", False)


def test_a_person_of_a_vague_company_may_make_it_an_account(ctx: Context):
    import_contacts(ctx, VAGUE)
    answer(ctx, "new")
    assert at(ctx) == {"1 Bo Brook": ("AERIS RESOURCES", False)}
    assert rows(ctx, Account)[-1].domain == "aeris-mining.io"


def test_an_event_that_nobody_could_place_may_make_its_company_an_account(ctx: Context):
    with ctx.db.writing() as session:
        asked = {"name": "Cy Cole", "company": "Aeris", "website": "aeris-mining.io", "line": "0"}
        session.add(
            Review(digest="d", kind="event", candidate_id=1, score=0.5, record=asked, at=NOW)
        )
    answer(ctx, "new")
    assert at(ctx) == {"1 Cy Cole": ("Aeris", False)}
    assert rows(ctx, Account)[-1].domain == "aeris-mining.io"


# ---------------------------------------------------------------- one answer for all


TWO = b"name,website,city,phone\nAERIS RESOURCES,aeris-mining.io,Perth,\n"
MORE = b"name,website,city,phone\nAeris Resources,aeris-mining.io,,+61 7 3034 6200\n"
PEOPLE = (
    b"name,company,website,email\nBo Brook,AERIS RESOURCES,aeris-mining.io,bo@aeris-mining.io\n"
    b"Cy Cole,Aeris Resources,aeris-mining.io,cy@aeris-mining.io\n"
    b"Cy Cole,Aeris Resources Ltd.,aeris-mining.io,CY@aeris-mining.io\n"
)


def heap(ctx: Context) -> None:
    import_accounts(ctx, TWO)
    import_accounts(ctx, MORE)
    import_contacts(ctx, PEOPLE)


def test_whoever_names_the_same_company_waits_for_the_same_answer(ctx: Context):
    heap(ctx)
    import_accounts(ctx, b"name,website\nAERIS RESOURCES,aeris-gold.io\n")
    first, second = questions(ctx)
    assert (len(first.serves), len(second.serves)) == (5, 1)
    assert (first.kind, first.because) == ("account", "5 rows wait")
    assert first.worth > second.worth


def test_same_places_every_row_of_the_company(ctx: Context):
    heap(ctx)
    (one,) = questions(ctx)
    done = decide(ctx, one.serves[-1], Answer.SAME, "dana")
    assert (done.account_id, done.serves) == (1, one.serves)
    (aeris, _) = rows(ctx, Account)
    assert (aeris.city, aeris.phone) == ("Perth", "+61730346200")
    assert sorted(one.name for one in rows(ctx, Contact)) == ["Bo Brook", "Cy Cole"]
    assert {one.account_id for one in rows(ctx, Contact)} == {1}
    assert not questions(ctx)
    (said,) = rows(ctx, Decision)
    assert (said.answer, said.account_id) == ("same", 1)


@pytest.mark.parametrize("word", [Answer.NEW, Answer.NEVER])
def test_another_company_is_made_once_of_all_its_rows(ctx: Context, word: Answer):
    heap(ctx)
    done = decide(ctx, questions(ctx)[0].id, word, "dana")
    made = rows(ctx, Account)[-1]
    assert (made.id, len(names(ctx))) == (done.account_id, 3)
    assert (made.city, made.phone) == ("Perth", "+61730346200")
    assert {one.account_id for one in rows(ctx, Contact)} == {made.id}
    assert again(ctx, TWO) == {"same": 1}
    assert not questions(ctx)


def test_the_log_tells_why_a_row_was_found_to_be_an_account(ctx: Context):
    import_accounts(ctx, b"name,website,country\nAERIS RESOURCES,aeris.com.au,AU\n")
    import_contacts(ctx, b"name,company,email\nAnn Archer,Aeris Resources,ann@aeris.com.au\n")
    import_accounts(ctx, UNSURE)
    answer(ctx, "same")
    told = [(one.kind, one.text) for one in rows(ctx, Activity)]
    matched = [text for kind, text in told if kind == "account.matched"]
    assert matched[0].startswith("AERIS RESOURCES from data (same domain aeris.com.au; same name")
    assert "decided by dana (same name as 'Aeris Resources Ltd'; another domain" in matched[1]
    (person,) = [text for kind, text in told if kind == "contact.imported"]
    assert person.startswith("Ann Archer from data (same domain aeris.com.au")


# ---------------------------------------------------------------- remembered by every way in


def told(ctx: Context, domain: str) -> int | None:
    """The account that an event about AERIS RESOURCES with this domain is."""
    payload = {"company": "AERIS RESOURCES", "domain": domain}
    receive(ctx, [RawEvent("web", domain, "visit", NOW, payload)])
    account: int | None = rows(ctx, Inbox)[-1].account_id
    return account


def ways_in(ctx: Context) -> set[int | None]:
    """Which account a company is by match, by event, and by a changed row of the file."""
    record = Record("AERIS RESOURCES", "aeris-mining.io")
    [found] = match_records(ctx, [record])
    changed = UNSURE.replace(b"Perth", b"Perth Hills")
    import_accounts(ctx, changed)
    by_row = max(one.id for one in rows(ctx, Alias) if one.kind == "row")
    alias = next(one for one in rows(ctx, Alias) if one.id == by_row)
    return {found.account_id, told(ctx, "aeris-mining.io"), alias.account_id}


@pytest.mark.parametrize(("word", "account"), [("same", 1), ("new", 3), ("never", 3)])
def test_an_answer_holds_for_match_event_and_import(ctx: Context, word: str, account: int):
    import_accounts(ctx, UNSURE)
    answer(ctx, word)
    assert ways_in(ctx) == {account}
    assert not questions(ctx)


@pytest.mark.parametrize(("word", "account"), [("same", 2), ("never", 3)])
def test_it_follows_a_merge_and_its_undo(ctx: Context, word: str, account: int):
    import_accounts(ctx, UNSURE)
    answer(ctx, word)
    [done] = merge(ctx, 2, [1], "dana")
    assert ways_in(ctx) == {account}
    unmerge(ctx, done.id, "dana")
    [found] = match_records(ctx, [Record("AERIS RESOURCES", "aeris-mining.io")])
    assert found.account_id == (1 if word == "same" else 3)
    assert not questions(ctx)
