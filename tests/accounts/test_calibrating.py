"""A correction that follows the decisions: little for few, none for right ones, never backwards."""

from __future__ import annotations

from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.calibrating import ENOUGH, FOLDS, Judged, calibrate, fit
from accounts.matching import Calibration

judged = st.lists(
    st.builds(Judged, st.floats(0, 1), right=st.booleans(), doubted=st.booleans()), max_size=80
)


def crowd(
    number: int, slope: float = 1.0, shift: float = 0.0, doubt: float = 0.0, seed: int = 7
) -> list[Judged]:
    """Decisions of people who know the truth, about a model whose odds are out by that much."""
    dice, found = Random(seed), []
    for _ in range(number):
        odds, doubted = dice.uniform(-4, 4), dice.random() < 0.4
        true = 1 / (1 + exp(-(slope * odds + shift + doubt * doubted)))
        found.append(Judged(1 / (1 + exp(-odds)), dice.random() < true, doubted))
    return found


def test_without_decisions_nothing_is_corrected():
    none = calibrate([], 0.5)
    assert (none.calibration, none.enough, none.helps) == (Calibration(), False, False)
    assert fit([]) == Calibration()


def test_few_decisions_are_reported_and_change_nothing():
    few = calibrate(crowd(ENOUGH - 1, shift=-3), 0.5)
    assert (few.calibration, few.enough, few.helps) == (Calibration(), False, False)
    assert few.before is not None
    assert few.after is None


def test_decisions_that_are_all_alike_are_not_enough():
    assert not calibrate([Judged(0.9, right=True)] * 500, 0.5).enough
    assert not calibrate([Judged(0.9, right=False)] * 500, 0.5).enough


@given(judged)
def test_a_handful_moves_the_line_a_little_and_never_turns_it_round(decisions: list[Judged]):
    found = fit(decisions)
    assert found.slope >= 0.1
    said = [found.of(at / 50) for at in range(51)]
    assert said == sorted(said)
    assert all(0 < one < 1 for one in said) or found == Calibration()
    if len(decisions) <= 3:
        assert abs(found.slope - 1) < 1
        assert abs(found.shift) < 2.5


@given(judged)
def test_the_order_of_decisions_does_not_matter(decisions: list[Judged]):
    one, other = fit(decisions), fit(decisions[::-1])
    assert one.of(0.3) == pytest.approx(other.of(0.3), abs=2e-3)


def test_a_model_that_is_right_is_left_as_it_is():
    found = fit(crowd(20_000))
    assert found.slope == pytest.approx(1, abs=0.08)
    assert found.shift == pytest.approx(0, abs=0.12)
    assert found.doubt == pytest.approx(0, abs=0.15)


@pytest.mark.parametrize(
    ("slope", "shift", "doubt"), [(0.4, 0, 0), (1, -1.5, 0), (2, 1, 0), (1, 0, -2), (0.6, 0.8, -1)]
)
def test_a_known_distortion_is_found_and_undone(slope: float, shift: float, doubt: float):
    decisions = crowd(3_000, slope, shift, doubt)
    found = calibrate(decisions, 0.52)
    line = found.calibration
    assert line.slope == pytest.approx(slope, abs=0.2)
    assert line.shift == pytest.approx(shift, abs=0.25)
    assert line.doubt == pytest.approx(doubt, abs=0.3)
    assert found.helps
    assert found.before is not None
    assert found.after is not None
    assert found.after.log_loss < found.before.log_loss
    assert found.after.brier < found.before.brier
    assert line.of(found.threshold) == pytest.approx(0.52, abs=0.002)
    gaps = [abs(one.predicted - one.right) for one in found.after.bins]
    assert max(gaps) < 0.06
    assert sum(one.count for one in found.after.bins) == len(decisions)


def test_doubts_do_not_pull_down_what_nothing_speaks_against():
    dice = Random(1)
    clear = [Judged(0.9, dice.random() < 0.9) for _ in range(300)]
    doubted = [Judged(0.9, dice.random() < 0.2, doubted=True) for _ in range(300)]
    found = fit([*clear, *doubted])
    assert found.of(0.9) == pytest.approx(0.9, abs=0.05)
    assert found.of(0.9, doubted=True) == pytest.approx(0.2, abs=0.1)


def test_answers_against_the_model_flatten_it_and_no_more():
    against = [Judged(0.95, right=False), Judged(0.05, right=True)] * 200
    assert fit(against).slope == 0.1


def test_precision_and_recall_count_what_would_be_accepted():
    decisions = [Judged(0.9, right=True), Judged(0.9, right=False), Judged(0.2, right=True),
                 Judged(0.99, right=False, doubted=True)]  # fmt: skip
    before = calibrate(decisions, 0.52).before
    assert before is not None
    assert (before.precision, before.recall) == (0.5, 0.5)
    assert before.brier == pytest.approx((0.01 + 0.81 + 0.64 + 0.9801) / 4, abs=1e-4)
    logs = -(log(0.9) + log(0.1) + log(0.2) + log(0.01)) / 4
    assert before.log_loss == pytest.approx(logs, abs=1e-3)


def test_the_report_does_not_flatter_itself():
    dice = Random(3)
    noise = [Judged(dice.random(), dice.random() < 0.5) for _ in range(60)]
    found = calibrate(noise, 0.52)
    assert found.after is not None
    seen = [found.calibration.of(one.probability) for one in noise]
    flattering = -sum(log(p if one.right else 1 - p) for p, one in zip(seen, noise, strict=True))
    assert found.after.log_loss > flattering / len(noise)
    assert FOLDS > 1


@given(judged)
def test_the_same_decisions_give_the_same_answer(decisions: list[Judged]):
    assert calibrate(decisions, 0.52) == calibrate(decisions, 0.52)
