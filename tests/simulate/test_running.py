"""A simulation keeps its promises: pace, caps, room, days off, the same luck in any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from orchestrator.calendar import parse_span
from orchestrator.pacing import Box
from orchestrator.simulate import Rates, Setting, Simulation, made_up, simulate
from orchestrator.simulate.running import crewless
from orchestrator.simulate.summary import spread, summary
from orchestrator.terms import Cap, Pace, Plan
from tests.planner.plans import MONDAY, plan, step

DAYS = timedelta(days=90)
MAIL = plan(
    step("hello", "email", "champion", variants=("hello",)),
    step("ring", "call", "champion", after=["hello"], wait="2 business days", attempts=2,
         every="1 business day"),
    step("again", "email", "champion", "buyer", variants=("again",), after=["hello"], wait="3d"),
    step("prepare", "todo"),
)  # fmt: skip


def setting(number: int, of: Plan = MAIL) -> Setting:
    return crewless(of, list(made_up(of, number, MONDAY, "UTC", "")), MONDAY, MONDAY + DAYS)


def lines_of(made: Simulation, account_id: int) -> list[tuple[object, ...]]:
    return [tuple(line) for line in made.lines if line.account_id == account_id]


def test_an_account_has_the_same_luck_whoever_else_is_simulated_and_in_whatever_order():
    whole = setting(12)
    alone = replace(whole, members=[whole.members[6]])
    backwards = replace(whole, members=whole.members[::-1])
    made = simulate(whole, Rates())
    assert lines_of(made, 7) == lines_of(simulate(alone, Rates()), 7)
    assert simulate(backwards, Rates()).lines == made.lines


def test_runs_and_seeds_differ_and_the_first_run_does_not_depend_on_their_number():
    whole = setting(20)
    one, three = simulate(whole, Rates()), simulate(whole, Rates(), runs=3)
    assert one.lines == three.lines
    assert one.tallies[0] == three.tallies[0] != three.tallies[1]
    assert simulate(whole, Rates(), seed=2).lines != one.lines


def test_no_more_accounts_begin_than_the_pace_lets():
    made = simulate(setting(50, replace(MAIL, pace=Pace(10, parse_span("7d")))), Rates())
    starts = sorted(line.at for line in made.lines if line.kind == "started")
    assert len(starts) == 50
    for at in starts:
        assert sum(at - timedelta(days=7) < other <= at for other in starts) <= 10
    held = [row for row in summary(made).holds if row.rule.startswith("pace: 10 accounts")]
    assert held[0].accounts == 40


def test_no_person_is_reached_more_often_than_the_caps_let():
    capped = replace(MAIL, caps=(Cap("account", 1, parse_span("5d")),))
    made = simulate(setting(20, capped), Rates())
    for member in made.setting.members:
        sent = [line.at for line in made.lines
                if line.account_id == member.id and line.kind == "touch.sent"]  # fmt: skip
        assert all(b - a >= timedelta(days=5) for a, b in pairwise(sent))
    assert any("account was reached" in row.rule for row in summary(made).holds)


def test_nobody_does_more_in_a_day_than_they_can_and_nothing_on_days_off():
    whole = setting(60)
    off = date(2027, 3, 8), date(2027, 3, 12)
    reps = {**whole.reps, "sales": replace(whole.reps["sales"], capacity=5, off=(off,))}
    made = simulate(replace(whole, reps=reps), Rates())
    done = Counter(line.at.date() for line in made.lines if line.by == "sales")
    assert max(done.values()) <= 5
    assert not [day for day in done if off[0] <= day <= off[1]]
    [row] = [row for row in summary(made).reps if row.name == "sales"]
    assert (row.limit, row.off) == (5, 5)
    assert row.over > 0


def test_no_mailbox_sends_more_in_a_day_than_its_limit_and_full_days_are_counted():
    box = Box("us", "UTC", 4)
    made = simulate(replace(setting(15), box=lambda *_: box), Rates())
    (row,) = summary(made).mailboxes
    assert (row.name, row.limit, row.busiest) == ("us", 4, 4)
    assert 0 < row.over == sum(number == 4 for number in made.tallies[0].mails.values())


def test_no_more_is_spent_than_the_budget_and_what_was_spent_before_counts():
    costly = replace(step("card", "direct_mail", "champion"), cost=Decimal("30.10"))
    whole = setting(9, replace(plan(costly), budget=Decimal(200)))
    made = simulate(replace(whole, spent=Decimal(60), currency="CHF"), Rates(), runs=2)
    card, total = summary(made).money
    assert 0 < card.spent.p90 <= 4 * 30.10 + 0.001
    assert total.spent.p90 == pytest.approx(card.spent.p90 + 60)
    assert (total.budget, total.before, total.currency) == (Decimal(200), Decimal(60), "CHF")
    held = {row.rule for row in summary(made).holds}
    assert "the budget of 200 CHF has no 30.10 CHF left" in held
    assert summary(simulate(setting(2), Rates())).money == ()


def test_who_never_hears_answers_nothing_and_who_always_answers_does():
    mails = replace(MAIL, steps=MAIL.steps[:1])
    nothing = Rates().with_shares({"email": dict.fromkeys(Rates().email, 0.0)})
    told = summary(simulate(setting(20, mails), nothing))
    assert not [kind for kind, _ in told.events if kind in Rates().email]
    everybody = nothing.with_shares({"email": {"reply.interested": 1.0}})
    told = summary(simulate(setting(20, mails), everybody))
    assert dict(told.events)["reply.interested"].p50 >= 20


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], (0, 0, 0)), ([7], (7, 7, 7)), (range(11), (1, 5, 9)), ([3, 1, 2], (1, 2, 3))],
)
def test_percentiles_are_numbers_that_there_were(numbers, expected):
    assert spread(numbers) == expected


def test_days_are_those_of_our_own_clock():
    tokyo = replace(setting(1), zone="Asia/Tokyo", start=MONDAY.replace(hour=20))
    assert tokyo.days()[0] == date(2027, 3, 2)
