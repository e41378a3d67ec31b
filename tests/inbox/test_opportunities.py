"""A CRM's list of deals: each is told once, at the account that it is of, and counted by its id."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from orchestrator.engine.companies.importing import Options, Report, import_accounts
from orchestrator.engine.events import inbox, opportunities
from orchestrator.engine.pages import dossier, pipeline
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.records import Activity, Inbox
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk

HEADER = "Deal ID,Name,Company,Stage,Amount,Currency,Close date,Owner,Lost reason\n"
ROLLOUT = "7,Rollout,Acme,Proposal,12000,EUR,2026-05-03,dana,\n"


def take(desk: Desk, *rows: str, header: str = HEADER, system: str = "crm") -> Report:
    text = header + "".join(rows)
    draft = opportunities.draft(desk.ctx, text.encode(), Options(system=system))
    return opportunities.commit(desk.ctx, draft)


def outcomes(report: Report) -> dict[str, int]:
    return {name: number for name, number in report.counts.items() if number}


def told(desk: Desk) -> list[Activity]:
    kinds = ("opportunity", "lost.price", "lost.other")
    found = [one for one in desk.all(Activity) if one.kind in kinds]
    return sorted(found, key=lambda one: (one.at, one.id))


def test_a_new_open_deal_does_what_an_event_of_it_does(desk: Desk):
    assert outcomes(take(desk, ROLLOUT)) == {"new": 1}
    assert desk.play_now().stop_reason
    (line,) = told(desk)
    assert line.data["deal"] == "crm:7"
    (deal,) = dossier.dossier(desk.ctx, desk.acme).deals
    assert (deal.title, deal.stage, deal.amount) == ("Rollout", "Proposal", Decimal(12000))
    assert (str(deal.closes), deal.owner_id) == ("2026-05-03", desk.dana)
    assert pipeline.pipeline(desk.ctx).stages == (("Proposal", 1, Decimal(12000), 0),)


@pytest.mark.parametrize(
    ("row", "ends", "words"),
    [
        (ROLLOUT, {"same": 1}, 1),
        (ROLLOUT.replace("Proposal", "Contract"), {"changed": 1}, 2),
        (ROLLOUT.replace("12000", '"9.000,00"'), {"changed": 1}, 2),
        (ROLLOUT.replace("7,", "8,"), {"new": 1}, 2),
        (ROLLOUT + ROLLOUT, {"same": 1, "duplicate": 1}, 1),
    ],
)
def test_the_same_deal_is_told_again_only_when_it_moved_on(
    desk: Desk, row: str, ends: dict[str, int], words: int
):
    take(desk, ROLLOUT)
    assert outcomes(take(desk, row)) == ends
    assert len(told(desk)) == words


def test_a_deal_that_goes_back_and_forth_is_told_each_time(desk: Desk):
    """Its content is the same as once before, and still it is news."""
    later = ROLLOUT.replace("Proposal", "Contract")
    for row in (ROLLOUT, later, ROLLOUT, later):
        desk.clock.advance(timedelta(hours=1))
        take(desk, row)
    (deal,) = dossier.dossier(desk.ctx, desk.acme).deals
    assert (deal.stage, len(told(desk))) == ("Contract", 4)


def test_several_deals_of_one_account_are_added_up_and_a_lost_one_is_taken_away(desk: Desk):
    other = "8,Second,Acme,Proposal,500,,,,\n"
    take(desk, ROLLOUT, other)
    assert pipeline.pipeline(desk.ctx).open == Decimal(12500)
    desk.clock.advance(timedelta(hours=1))
    take(desk, ROLLOUT, other.replace("Proposal", "Closed Lost").replace(",,,\n", ",,,price\n"))
    assert pipeline.pipeline(desk.ctx).open == Decimal(12000)
    assert [one.kind for one in told(desk)][-1] == "lost.price"


def test_an_open_deal_of_which_an_event_told_before_stops_nothing_again(desk: Desk):
    event = RawEvent(
        "crm", "1", "opportunity", NOW, {"email": "ann.archer@acme.example", "amount": 5}
    )
    inbox.receive(desk.ctx, [event])
    stops = len(desk.stops())
    desk.clock.advance(timedelta(hours=1))
    take(desk, ROLLOUT)
    assert len(desk.stops()) == stops
    assert pipeline.pipeline(desk.ctx).open == Decimal(12000)


def test_what_was_closed_long_ago_only_stands_in_the_log_on_its_day(desk: Desk):
    """Years of a CRM stop no play that runs today."""
    won, lost = (
        "3,Old,Acme,Closed Won,900,,2025-05-03,,\n",
        "4,Older,Acme,Closed Lost,1,,2024-05-03,,price\n",
    )
    assert outcomes(take(desk, won, lost)) == {"new": 2}
    assert not desk.stops()
    assert [(one.kind, str(one.at.date())) for one in told(desk)] == [
        ("lost.price", "2024-05-03"), ("opportunity", "2025-05-03"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("7,Rollout,Nobody Ltd,Proposal,1,,,,\n", "no account is 'Nobody Ltd': import it first"),
        ("7,Rollout,Acme,Proposal,1,USD,,,\n", "the amount is in USD; amounts here are in EUR"),
        ("7,Rollout,Acme,Proposal,$1,,,,\n", "the amount is in $; amounts here are in EUR"),
        ("7,Rollout,Acme,Proposal,much,,,,\n", "no number"),
        (",Rollout,Acme,Proposal,1,,,,\n", "no id"),
    ],
)
def test_what_cannot_be_taken_is_rejected_with_the_reason(desk: Desk, row: str, why: str):
    draft = opportunities.draft(desk.ctx, (HEADER + row).encode(), Options(system="crm"))
    report = opportunities.commit(desk.ctx, draft)
    assert outcomes(report) == {"rejected": 1}
    assert why in draft.rejects
    assert not told(desk)
    assert not desk.all(Inbox)


def test_an_account_is_known_by_the_id_that_its_system_gives_it(desk: Desk):
    import_accounts(desk.ctx, b"Company ID,Name\n77,Acme\n", Options(system="crm"))
    header = "Deal ID,Company ID,Stage\n"
    assert outcomes(take(desk, "7,77,Proposal\n", header=header)) == {"new": 1}
    assert outcomes(take(desk, "8,77,Proposal\n", header=header, system="other")) == {"rejected": 1}


def test_who_cannot_be_told_apart_waits_for_a_person_and_is_told_with_the_answer(desk: Desk):
    with desk.ctx.db.writing() as session:
        cast.company(session, "Northwind Traders Ltd", name_key="northwind traders")
    row = "7,Rollout,Northwind,Proposal,12000,,,,\n"
    assert outcomes(take(desk, row)) == {"unsure": 1}
    assert outcomes(take(desk, row)) == {"same": 1}
    assert not told(desk)
    (question,) = questions(desk.ctx)
    decide(desk.ctx, question.id, Answer.SAME, "dana")
    (line,) = told(desk)
    assert (line.data["amount"], line.account_id) == ("12000.00", 2)


HOSTILE = "<script>alert(1)</script>{{ 7*7 }} ann@acme.example =cmd()"


def test_no_address_and_no_markup_reaches_the_log_as_such(desk: Desk):
    cell = HOSTILE.replace('"', '""')
    take(desk, f'7,"{cell}",Acme,"{cell}",1,,,"{cell}",\n')
    (line,) = told(desk)
    assert "ann@acme.example" not in json.dumps(line.data) + line.text
    assert "owner_id" not in line.data
