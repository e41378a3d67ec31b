"""Rates: what a file may say, how mistakes are told, and what a history is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import Problems
from orchestrator.simulate.chance import delay, draws, pick
from orchestrator.simulate.rate_files import parse
from orchestrator.simulate.rates import ALLOWED, Rates, learned, sums_to


def test_a_file_replaces_what_it_names_and_nothing_else():
    made = parse("email: {clicked: 5%}\ndelays: {reply: 2d, task: 4 business hours}\n")
    assert made.email["clicked"] == 0.05
    assert made.email["opened"] == Rates().email["opened"]
    assert made.call == Rates().call
    assert made.delays["reply"] == timedelta(days=2)
    assert made.delays["task"] == timedelta(hours=4)


@pytest.mark.parametrize(
    ("source", "line", "said", "hint"),
    [
        ("emial: {clicked: 5%}", 1, "has no key 'emial'", "'email'"),
        ("email:\n  cliked: 5%", 2, "has no key 'cliked'", "'clicked'"),
        ("call: {conected: 5%}", 1, "has no key 'conected'", "'connected'"),
        ("email: {clicked: 5}", 1, "'5' is not a share", "write it as 3%"),
        ("email: {clicked: 101%}", 1, "'101%' is not a share", "at most 100%"),
        ("email: {clicked: -1%}", 1, "'-1%' is not a share", "write it as 3%"),
        ("call: {connected: 60%, voicemail: 60%}", 1, "the shares of call add up to", "exclude"),
        ("delays: {reply: soon}", 1, "'soon' is not a delay", "business hours"),
        ("delays: {reply: 2 business days}", 1, "is not a delay", ""),
        ("delays: {reply: 0h}", 1, "is no time at all", "1m"),
        ("[1, 2]", 1, "belongs", ""),
        ("a: &x {b: 1}\nc: *x", 1, "", ""),
    ],
)
def test_every_mistake_has_its_place_and_its_mend(source: str, line: int, said: str, hint: str):
    with pytest.raises(Problems) as caught:
        parse(source, "mine.yaml")
    first = caught.value.problems[0]
    assert (first.file, first.line) == ("mine.yaml", line)
    assert said in first.message
    assert hint in first.hint


def test_the_defaults_are_shares_of_what_may_happen():
    for name, allowed in ALLOWED.items():
        shares = getattr(Rates(), name)
        assert set(shares) <= set(allowed)
        assert sums_to(shares) <= 1


@given(st.integers(0, 5_000), st.data())
def test_a_history_pulls_each_share_from_its_default_to_what_was_seen(tried: int, data):
    clicked = data.draw(st.integers(0, tried))
    share = learned({"email": {"clicked": clicked}}, {"email": tried}).email["clicked"]
    if tried == 0:
        assert share == Rates().email["clicked"]
    else:
        bounds = sorted((Rates().email["clicked"], clicked / tried))
        assert bounds[0] - 1e-12 <= share <= bounds[1] + 1e-12


def test_a_long_history_says_nearly_all():
    share = learned({"call": {"connected": 400}}, {"call": 1_000}).call["connected"]
    assert abs(share - 0.4) < 0.02


def test_chance_hangs_on_names_alone_and_spreads_evenly():
    assert draws(1, "x", 7) == draws(1, "x", 7) != draws(1, "x", 8)
    many = [one for n in range(2_000) for one in draws(n)]
    assert all(0 <= one < 1 for one in many)
    assert abs(sum(many) / len(many) - 0.5) < 0.02


def test_picks_and_delays_come_out_as_often_and_as_long_as_they_should():
    picked = [pick({"a": 0.2, "b": 0.3}, draws(n)[0]) for n in range(4_000)]
    assert abs(picked.count("a") / 4_000 - 0.2) < 0.03
    assert abs(picked.count("") / 4_000 - 0.5) < 0.03
    waits = [delay(timedelta(hours=10), draws(n)[1]).total_seconds() for n in range(4_000)]
    assert abs(sum(waits) / 4_000 / 36_000 - 1) < 0.06
    assert max(waits) <= 5 * 36_000
