"""Opportunities as CRMs export them: amounts and days as people write them, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import AbmError
from accounts.headers import guess_columns
from accounts.importing import Refuse, Rejected
from accounts.opportunities import (
    OpportunityRow,
    amount_of,
    day_of,
    opportunity_rows,
    standing,
)
from accounts.tables import read_table


@pytest.mark.parametrize(
    ("said", "amount", "currency"),
    [
        ("", "", ""), ("12000", "12000.00", ""), ("12,000", "12000.00", ""),
        ("12.000", "12000.00", ""), ("12,000.50", "12000.50", ""), ("12.000,50", "12000.50", ""),
        ("1 234 567,8", "1234567.80", ""), ("€ 12'000", "12000.00", "EUR"),
        ("12k", "12000.00", ""),
        ("1.5m", "1500000.00", ""), ("USD 30", "30.00", "USD"), ("30 eur", "30.00", "EUR"),
        ("$30", "30.00", "$"), ("0.125", "0.12", ""), ("1234.567", "1234.57", ""),
        ("0", "0.00", ""),
    ],
)  # fmt: skip
def test_amounts_are_read_as_people_write_them(said: str, amount: str, currency: str):
    assert amount_of(said) == (amount, currency)


@pytest.mark.parametrize(
    "said", ["a lot", "-3", "1,2,3", "12,00,000", "..", "9" * 40, "1e9", "=1+1", "NaN", "\x00"]
)
def test_what_is_no_amount_is_refused(said: str):
    with pytest.raises(Refuse, match="amount"):
        amount_of(said)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("", ""), ("2026-03-31", "2026-03-31"), ("2026-03-31T10:00:00Z", "2026-03-31"),
        ("2026/03/31", "2026-03-31"), ("31.3.2026", "2026-03-31"), ("3/31/2026", "2026-03-31"),
        ("31/3/2026", "2026-03-31"), ("3/3/2026", "2026-03-03"), ("4.3.2026", "2026-03-04"),
        ("2026-3-1 00:00", "2026-03-01"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(said: str, day: str):
    assert day_of(said) == day


@pytest.mark.parametrize(
    "said", ["3/4/2026", "2026-02-31", "31.3.26", "soon", "0-1-1", "1.1.9999999"]
)
def test_what_is_no_day_or_may_be_two_is_refused(said: str):
    with pytest.raises(Refuse, match="close date"):
        day_of(said)


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (["3/4/2026", "3/31/2026"], "2026-03-04"), (["3/4/2026", "31/3/2026"], "2026-04-03"),
        (["3/4/2026", "31/3/2026", "3/31/2026"], ""), (["3/4/2026", "31.3.2026"], ""),
        (["3/4/2026", "2026/3/31"], ""), (["3/4/2026", "99/99/2026"], ""),
    ],
)  # fmt: skip
def test_one_day_of_a_file_says_how_all_of_them_are_written(days: list[str], first: str):
    row, *_ = read("Deal ID,Company,Close date", *(f"{n},Acme,{day}" for n, day in enumerate(days)))
    assert (row.closes if isinstance(row, OpportunityRow) else "") == first


@given(st.text(max_size=30))
def test_whatever_stands_there_is_read_or_refused(said: str):
    for read in (amount_of, day_of):
        try:
            read(said)
        except Refuse:
            continue


@pytest.mark.parametrize(
    ("stage", "is_"),
    [("Closed Won", "won"), ("closedwon", "won"), ("7 - Closed/Won", "won"), ("LOST", "lost"),
     ("closed_lost", "lost"), ("Proposal", "open"), ("won over the champion", "open"),
     ("", "open")],
)  # fmt: skip
def test_a_stage_says_how_the_deal_stands(stage: str, is_: str):
    assert standing(stage) == is_


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",Acme,,", "no id"), ("7,,,", "no company"), ("7,n/a,,", "no company"),
        ("7,Acme,a lot,", "no number"), ("7,Acme,,soon", "no day"),
    ],
)  # fmt: skip
def test_a_row_that_says_too_little_is_rejected_with_the_reason(line: str, why: str):
    (row,) = read("Deal ID,Company,Amount,Close date", line)
    assert isinstance(row, Rejected)
    assert why in row.reason


def test_the_columns_of_the_usual_exports_are_found():
    header = ("Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,"
              "Associated Company,Associated Company IDs")  # fmt: skip
    (row,) = read(header, '9,Rollout,closedwon,2026-03-31 08:00,Dana,"12,000.50",Acme,77')
    assert isinstance(row, OpportunityRow)
    assert (row.external_id, row.name, row.stage, row.closes) == (
        "9", "Rollout", "closedwon", "2026-03-31",
    )  # fmt: skip
    assert (row.owner, row.amount, row.company, row.company_id) == (
        "Dana", "12000.50", "Acme", "77",
    )  # fmt: skip


@pytest.mark.parametrize("header", ["Company,Amount", "Deal ID,Amount"])
def test_a_file_without_ids_or_companies_is_no_file_of_opportunities(header: str):
    with pytest.raises(AbmError, match="no column is one of"):
        read(header, "1,2")


def read(*lines: str) -> list[OpportunityRow | Rejected]:
    table = read_table("\n".join(lines).encode())
    return opportunity_rows(table, guess_columns(table.headers, "opportunities"))
