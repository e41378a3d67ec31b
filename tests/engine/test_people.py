"""Rows about people meet the people of an account; who is unsure is asked about and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from accounts.records import Account, Contact, Review
from orchestrator.clock import ManualClock
from orchestrator.engine.companies.importing import draft, import_accounts, import_contacts
from orchestrator.engine.context import Context
from orchestrator.engine.review import merging
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, Decided, decide
from orchestrator.engine.staff import users
from orchestrator.records import Activity
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from tests.support import cast
from tests.support.cast import NOW

HEAD = "name,company,email,title"


@pytest.fixture
def ctx(migrated_url: str, tmp_path: Path) -> Iterator[Context]:
    """Two accounts in a database of each kind, and dana, who decides."""
    made = Context(Database(migrated_url), ManualClock(NOW), Settings(project=tmp_path), {})
    users.add(made, "dana", "sales", "dana@us.example")
    import_accounts(
        made, b"name,website\nNorthwind Bank,northwind.com\nKelso Insurance,kelso.com\n"
    )
    yield made
    made.db.dispose()


def rows(ctx: Context, table: type[SQLModel]) -> list[Any]:
    with ctx.db.reading() as session:
        return list(session.exec(select(table).order_by(table.__table__.c.id)))  # type: ignore[attr-defined]


def take(ctx: Context, *lines: str) -> dict[str, int]:
    """Import people, mostly of Northwind Bank."""
    file = "\n".join([HEAD, *(one if "," in one else f"{one},Northwind Bank,," for one in lines)])
    report = import_contacts(ctx, file.encode())
    return {name: number for name, number in report.counts.items() if number}


def names(ctx: Context) -> list[str]:
    return [one.name for one in rows(ctx, Contact)]


def why(ctx: Context, line: str) -> str:
    """What an import of one line would say."""
    (sample,) = draft(ctx, "contacts", f"{HEAD}\n{line}\n".encode()).report.samples
    return sample.why


def answer(ctx: Context, said: str) -> Decided:
    (first, *_) = questions(ctx)
    return decide(ctx, first.id, Answer(said), "dana")


# ---------------------------------------------------------------- import


def test_a_short_name_is_the_only_one_whom_it_fits(ctx: Context):
    take(ctx, "William Stone")
    line = "Bill Stone,Northwind Bank,bill@northwind.com,CFO"
    assert "William Stone: Bill is short for William" in why(ctx, line)
    assert take(ctx, line) == {"changed": 1}
    (stone,) = rows(ctx, Contact)
    assert (stone.name, stone.email, stone.title) == ("William Stone", "bill@northwind.com", "CFO")
    told = [one.text for one in rows(ctx, Activity) if one.kind == "contact.changed"]
    assert "Bill is short for William" in told[0]


def test_an_initial_gives_way_to_the_full_name(ctx: Context):
    take(ctx, "J. Stone")
    assert take(
        ctx, "Stone, Dr. John,Northwind Bank,,CFO".replace("Stone, Dr. John", '"Stone, Dr. John"')
    ) == {"changed": 1}
    (john,) = rows(ctx, Contact)
    assert (john.name, john.first_name) == ("Stone, Dr. John", "John")


def test_a_title_is_no_first_name(ctx: Context):
    take(ctx, "Prof. Dr. Ann Archer", "J. Stone", "王小明")
    assert [one.first_name for one in rows(ctx, Contact)] == ["Ann", "", "小明"]


@pytest.mark.parametrize("order", list(permutations(["J. Stone", "John Stone", "Jane Stone"])))
def test_nobody_is_chosen_by_the_place_in_a_file(ctx: Context, order: tuple[str, ...]):
    assert take(ctx, *order) == {"new": 2, "unsure": 1}
    assert sorted(names(ctx)) == ["Jane Stone", "John Stone"]
    (review,) = rows(ctx, Review)
    assert review.record["name"] == "J. Stone"
    (jane,) = [one for one in rows(ctx, Contact) if one.name == "Jane Stone"]
    assert (review.person_id, review.candidate_id) == (jane.id, jane.account_id)
    assert review.reasons == ["the initial J. fits Jane", "John Stone may be meant, too"]


@pytest.mark.parametrize("order", list(permutations(["Bob Stone", "Robert Stone", "R. Stone"])))
def test_one_person_by_three_names_is_one(ctx: Context, order: tuple[str, ...]):
    assert take(ctx, *order) == {"new": 1, "duplicate": 2}


def test_two_addresses_of_one_name_are_a_question(ctx: Context):
    take(ctx, "John Stone,Northwind Bank,john.stone@northwind.com,")
    assert take(ctx, "John Stone,Northwind Bank,j.stone@northwind.com,") == {"unsure": 1}
    assert len(names(ctx)) == 1


def test_an_office_address_is_nobodys(ctx: Context):
    lines = [
        "Ann Archer,Northwind Bank,info@northwind.com,",
        "Bo Brook,Northwind Bank,info@northwind.com,",
    ]
    assert take(ctx, *lines) == {"new": 2}
    assert take(ctx, "Cy Cole,Northwind Bank,sales@gmx.de,") == {"new": 1}
    assert take(ctx, "Di Dean,Kelso Insurance,sales@gmx.de,") == {"new": 1}


def test_gmail_is_one_mailbox_and_the_address_stays_as_it_was(ctx: Context):
    take(ctx, "Ann Archer,Northwind Bank,Ann.Archer@gmail.com,")
    assert take(ctx, "A. Archer,Northwind Bank,annarcher+abm@googlemail.com,CFO") == {"changed": 1}
    (ann,) = rows(ctx, Contact)
    assert (ann.email, ann.email_key) == ("Ann.Archer@gmail.com", "annarcher@gmail.com")


def test_one_address_with_two_names_is_a_question(ctx: Context):
    take(ctx, "Ann Archer,Northwind Bank,a@northwind.com,")
    assert take(ctx, "Bo Brook,Northwind Bank,a@northwind.com,") == {"unsure": 1}
    assert "the same address" in rows(ctx, Review)[0].reasons


@pytest.mark.parametrize("turn", [1, -1])
def test_one_address_at_two_companies_of_a_file_is_a_question(ctx: Context, turn: int):
    lines = [
        f"Ann Archer,{company},ann@gmail.com," for company in ("Northwind Bank", "Kelso Insurance")
    ]
    assert take(ctx, *lines[::turn]) == {"new": 1, "unsure": 1}
    (review,) = rows(ctx, Review)
    assert (review.record["about"], review.person_id) == ("person", None)


def test_an_address_at_two_accounts_is_a_question_unless_the_row_says_which(ctx: Context):
    with ctx.db.writing() as session:
        for account in session.exec(select(Account)).all():
            cast.person(session, account, "Ann Archer", email="ann@gmail.com")
    assert take(ctx, "Ann Archer,,ann@gmail.com,CFO") == {"rejected": 1}  # no company at all
    file = f"{HEAD},website\nAnn Archer,,ann@gmail.com,CFO,unheard.io\n"
    report = import_contacts(ctx, file.encode())
    assert report.counts["unsure"] == 1
    assert "at Northwind Bank and at Kelso Insurance" in rows(ctx, Review)[0].reasons[0]
    assert take(ctx, "Ann Archer,Kelso Insurance,ann@gmail.com,CFO") == {"changed": 1}


def test_names_of_any_kind_stop_no_import(ctx: Context):
    hostile = [
        "\u202eAnn",
        "🦊",
        "x",
        "J.",
        "-",
        "'",
        '"""',
        "van der",
        "Dr.",
        "Jr.",
        "A" * 499,
        "王",
    ]
    for one in hostile:
        assert (
            sum(take(ctx, f'"{one.replace(chr(34), chr(34) * 2)}",Northwind Bank,,').values()) == 1
        )


# ---------------------------------------------------------------- review


def unsure(ctx: Context) -> None:
    """J. Stone may be Jane, or John."""
    take(ctx, "John Stone", "Jane Stone")
    take(ctx, "J. Stone,Northwind Bank,,CFO")


def titles(ctx: Context) -> dict[str, str]:
    return {one.name: one.title for one in rows(ctx, Contact)}


def test_same_fills_the_person_in_and_is_remembered(ctx: Context):
    unsure(ctx)
    assert not answer(ctx, "same").open
    assert titles(ctx) == {"John Stone": "", "Jane Stone": "CFO"}
    assert not questions(ctx)
    assert take(ctx, "J. Stone,Northwind Bank,,CEO") == {"matched": 1}
    assert "a person said who it is" in why(ctx, "J. Stone,Northwind Bank,,Clerk")
    assert take(ctx, "J. Stone,Northwind Bank,,CFO") == {"same": 1}


def test_new_makes_another_person_and_is_remembered(ctx: Context):
    unsure(ctx)
    assert not answer(ctx, "new").open
    assert titles(ctx) == {"John Stone": "", "Jane Stone": "", "J. Stone": "CFO"}
    assert take(ctx, "J. Stone,Northwind Bank,,CEO") == {"matched": 1}
    assert len(names(ctx)) == 3


def test_never_asks_about_the_other_one(ctx: Context):
    unsure(ctx)
    assert answer(ctx, "never").open
    (second,) = questions(ctx)
    assert second.record["person"] == "John Stone"
    assert answer(ctx, "never").open is False
    assert titles(ctx)["J. Stone"] == "CFO"
    (review,) = rows(ctx, Review)
    assert (review.status, review.person_id) == ("never", rows(ctx, Contact)[2].id)


def test_who_is_at_a_vague_company_is_asked_once_that_is_known(ctx: Context):
    import_accounts(ctx, b"name,website\nAeris Resources Ltd,aeris.com.au\n")
    take(ctx, "John Stone,Aeris Resources Ltd,,", "Jane Stone,Aeris Resources Ltd,,")
    vague = b"name,company,website,title\nJ. Stone,AERIS RESOURCES,aeris-mining.io,CFO\n"
    assert import_contacts(ctx, vague).counts["unsure"] == 1
    assert questions(ctx)[0].record["about"] == "company"
    answer(ctx, "same")
    assert questions(ctx)[0].record["person"] == "Jane Stone"
    answer(ctx, "same")
    assert titles(ctx)["Jane Stone"] == "CFO"


# ---------------------------------------------------------------- merge


def test_people_of_merged_accounts_are_one_where_only_one_fits(ctx: Context):
    take(ctx, "William Stone", "John Brown", "Jane Brown", "Ann Archer,Northwind Bank,a@gmail.com,")
    take(ctx, "Bill Stone,Kelso Insurance,,CFO", "J. Brown,Kelso Insurance,,",
         "Ann Archer,Kelso Insurance,a.archer@kelso.com,")  # fmt: skip
    north, kelso = (one.id for one in rows(ctx, Account))
    (done,) = merging.merge(ctx, north, [kelso], "dana")
    assert done.same == ("Bill Stone is William Stone (Bill is short for William)",)
    assert sorted(one.split(" may be ")[0] for one in done.unsure) == ["Ann Archer", "J. Brown"]
    kept = [one for one in rows(ctx, Contact) if one.merged_into is None]
    assert sorted(one.name for one in kept) == [
        "Ann Archer", "Ann Archer", "J. Brown", "Jane Brown", "John Brown", "William Stone",
    ]  # fmt: skip
    assert {one.account_id for one in kept} == {north}
    assert "Bill is short for William" in rows(ctx, Activity)[-1].text
