"""What an answer is worth: the more waits for it, hangs on it and is open about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.questions import Stake, because, uncertainty, worth

ROW = Stake(0.5, rows=1)
stakes = st.builds(
    Stake,
    st.floats(0, 1),
    rows=st.integers(0, 10_000),
    events=st.integers(0, 10_000),
    urgent=st.integers(0, 100),
    accounts=st.sampled_from([0, 2]),
    tier=st.integers(0, 3),
    target=st.booleans(),
    playing=st.booleans(),
)


def test_one_row_about_nobodys_account_is_worth_one_at_most():
    assert worth(ROW) == 1
    assert worth(replace(ROW, score=0.9)) < 0.5


@pytest.mark.parametrize(
    "more",
    [{"rows": 2}, {"events": 1}, {"urgent": 1}, {"tier": 3}, {"target": True}, {"playing": True}],
)
def test_whatever_hangs_on_it_makes_it_worth_more(more: dict[str, Any]):
    assert worth(replace(ROW, **more)) > worth(ROW)


@pytest.mark.parametrize(("better", "than"), [(1, 2), (2, 3), (3, 0)])
def test_a_higher_tier_is_worth_more(better: int, than: int):
    assert worth(replace(ROW, tier=better)) > worth(replace(ROW, tier=than))


def test_somebody_of_a_target_who_wrote_to_us_stands_before_a_heap_of_rows():
    heap, waits = replace(ROW, rows=5_000), Stake(0.5, urgent=1, tier=1, target=True)
    assert worth(waits) > worth(heap)


def test_what_is_as_good_as_known_is_asked_last_unless_nobody_else_acts_on_it():
    sure = replace(ROW, score=0.99)
    assert worth(sure) < worth(replace(ROW, score=0.8)) < worth(ROW)
    pair = Stake(0.99, accounts=2)
    assert worth(pair) > worth(replace(pair, score=0.6))


@given(stakes)
def test_worth_is_a_number_that_orders(stake: Stake):
    assert 0 <= worth(stake) < float("inf")
    assert worth(stake) <= worth(replace(stake, target=True, playing=True, tier=1))
    assert worth(stake) <= worth(replace(stake, urgent=stake.urgent + 1))
    assert "  " not in because(stake)


@given(st.floats(0, 1))
def test_uncertainty_is_the_same_for_yes_and_no(probability: float):
    assert uncertainty(probability) == pytest.approx(uncertainty(1 - probability))
    assert 0 < uncertainty(probability) <= 1


def test_it_says_what_makes_it_worth_giving():
    whole = Stake(0.5, rows=1_200, events=1, urgent=2, tier=1, target=True, playing=True)
    assert because(whole) == (
        "2 replies or forms, 1 event, 1,200 rows wait; a play runs; a target; tier 1"
    )
    assert because(ROW) == "1 row waits"
    assert because(Stake(0.9, accounts=2)) == "2 accounts wait"
