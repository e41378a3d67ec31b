"""Whom an event is about where its address says nothing, or too much."""

from __future__ import annotations

import pytest

from accounts.errors import AbmError
from accounts.records import Account, Contact, Review
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.records import Inbox
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk


def said(kind: str = "visit", number: int = 1, **payload: str) -> RawEvent:
    return RawEvent("web", f"{kind}/{number}", kind, NOW, payload)


def whom(desk: Desk) -> list[tuple[str, int | None]]:
    return [(one.status, one.contact_id) for one in sorted(desk.all(Inbox), key=lambda one: one.id)]


@pytest.fixture
def company(desk: Desk) -> str:
    """The account's domain; a third person is there, of whom there is no address."""
    with desk.ctx.db.writing() as session:
        account = session.get_one(Account, desk.acme)
        account.domain = "acme.com"
        cast.person(session, account, "John Stone", email="")
    return "acme.com"


def stone(desk: Desk) -> int:
    return next(one.id or 0 for one in desk.all(Contact) if one.name == "John Stone")


@pytest.mark.parametrize("name", ["John Stone", "Stone, Dr. John", "JOHN STONE"])
def test_the_very_name_at_the_company_says_who_it_is(desk: Desk, company: str, name: str):
    receive(desk.ctx, [said(name=name, domain=company)])
    assert whom(desk) == [("applied", stone(desk))]
    assert "John Stone: the same name" in desk.all(Inbox)[0].reason


@pytest.mark.parametrize("name", ["J. Stone", "Johnny Stone", "John", "Jane Stone", "\0", "🦊"])
def test_less_than_the_very_name_stops_nobody(desk: Desk, company: str, name: str):
    receive(desk.ctx, [said("unsubscribe", name=name, domain=company)])
    assert whom(desk) == [("applied", None)]


def test_two_of_one_name_are_never_chosen_between(desk: Desk, company: str):
    with desk.ctx.db.writing() as session:
        cast.person(session, session.get_one(Account, desk.acme), "John Stone", email="")
    receive(desk.ctx, [said(name="John Stone", domain=company)])
    assert whom(desk) == [("applied", None)]


def test_who_has_left_is_not_meant(desk: Desk, company: str):
    with desk.ctx.db.writing() as session:
        session.get_one(Contact, stone(desk)).left_at = NOW
    receive(desk.ctx, [said(name="John Stone", domain=company)])
    assert whom(desk) == [("applied", None)]


# ---------------------------------------------------------------- one address, two accounts


@pytest.fixture
def both(desk: Desk) -> list[int]:
    """Zoe is known by one address at two accounts: her numbers there."""
    with desk.ctx.db.writing() as session:
        accounts = [
            cast.company(session, name, domain=f"{name.casefold()}.com")
            for name in ("Northwind", "Kelso")
        ]
        return [
            cast.person(session, one, "Zoe Zimmer", email="zoe@gmail.com").id or 0
            for one in accounts
        ]


def test_an_address_at_two_accounts_is_a_question(desk: Desk, both: list[int]):
    receive(desk.ctx, [said(email="zoe@gmail.com"), said("form.demo", email="zoe@gmail.com")])
    assert whom(desk) == [("unmatched", None)] * 2
    (asked,) = questions(desk.ctx)
    assert asked.reasons == ("the address is known at more than one account",)
    with pytest.raises(AbmError, match="nothing names another company"):
        decide(desk.ctx, asked.id, Answer.NEW, "dana")
    decide(desk.ctx, asked.id, Answer.SAME, "dana")
    at = {one.id: one for one in desk.all(Contact)}
    (stays,) = [id_ for id_ in both if at[id_].left_at is None]
    assert at[stays].account_id == asked.candidate_id
    assert whom(desk) == [("applied", stays)] * 2
    receive(desk.ctx, [said(number=2, email="zoe@gmail.com")])
    assert whom(desk)[-1] == ("applied", stays)
    assert [one.status for one in desk.all(Review)] == ["same"]


def test_an_event_may_say_at_which_of_the_two(desk: Desk, both: list[int]):
    receive(desk.ctx, [said(email="zoe@gmail.com", domain="kelso.com")])
    assert whom(desk) == [("applied", both[1])]


def test_who_left_one_of_the_two_is_at_the_other(desk: Desk, both: list[int]):
    with desk.ctx.db.writing() as session:
        session.get_one(Contact, both[1]).left_at = NOW
    receive(desk.ctx, [said(email="zoe@gmail.com")])
    assert whom(desk) == [("applied", both[0])]
