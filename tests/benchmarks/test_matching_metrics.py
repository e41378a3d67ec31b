"""The figures of the matching benchmark, on cases that can be counted by hand."""

from __future__ import annotations

import pytest

from benchmarks.matching_metrics import (
    Answer,
    Score,
    as_shipped,
    best,
    best_pairs,
    pairs_as_shipped,
    recall_at,
)

# Three records have an account (0, 1, 2), two have none; the surest wrong answer is at 0.6.
TRUTH = [0, 1, 2, None, None]
ANSWERS: list[Answer] = [(0, 0.9), (1, 0.7), (2, 0.5), (1, 0.6), (2, 0.1)]


def test_the_best_threshold_is_the_one_with_the_highest_f1():
    """At 0.5 all three are right and one stray comes along: 3 of 4, 3 of 3."""
    score = best(ANSWERS, TRUTH)
    assert (score.precision, score.recall) == (0.75, 1.0)
    assert score.f1 == pytest.approx(6 / 7)
    assert score.wrongly == 0.5
    assert score.threshold == 0.5


def test_recall_counts_only_thresholds_that_are_precise_enough():
    assert recall_at(0.95, ANSWERS, TRUTH) == pytest.approx(2 / 3)
    assert recall_at(0.75, ANSWERS, TRUTH) == 1.0
    assert recall_at(0.95, [(1, 0.9), (0, 0.9)], [0, 1]) == 0.0


def test_recall_looks_past_a_dip_in_precision():
    """The surest answer is wrong, and nineteen right ones after it make up for that."""
    answers: list[Answer] = [(7, 1.0), *((place, 0.5) for place in range(19))]
    assert recall_at(0.95, answers, [0, *range(19)]) == pytest.approx(19 / 20)


def test_equal_scores_are_accepted_together_whatever_their_order():
    right: Answer = (0, 0.8)
    wrong: Answer = (5, 0.8)
    one, other = best([right, wrong], [0, 1]), best([wrong, right], [1, 0])
    assert one == other
    assert (one.precision, one.recall) == (0.5, 0.5)


def test_the_wrong_account_is_neither_precise_nor_found():
    assert best([(1, 0.9)], [0]) == Score(0.0, 0.0, 0.0, 0.9)
    assert best([(1, 0.9)], [0]).f1 == 0.0


def test_no_answer_costs_recall_and_nothing_else():
    score = best([(0, 0.4), (None, 0.99)], [0, 1])
    assert (score.precision, score.recall, score.wrongly) == (1.0, 0.5, 0.0)


def test_nothing_accepted_is_a_score_of_nothing():
    assert best([(None, 0.9)], [0]) == Score()
    assert best([], []) == Score()
    assert as_shipped([None, None], [0, None]) == Score()


def test_as_shipped_counts_what_was_accepted_and_moves_no_threshold():
    score = as_shipped([0, None, 1, 4, None], TRUTH)
    assert score.precision == score.recall == pytest.approx(1 / 3)
    assert score.wrongly == 0.5


def test_an_answer_for_each_record_is_needed():
    with pytest.raises(ValueError, match="longer"):
        best([(0, 0.4)], [0, 1])


# Five rows: a a a b b make three true pairs and one.
CLUSTERS = ["a", "a", "a", "b", "b"]


def test_a_pair_counts_once_in_either_order_with_its_higher_score():
    """At 0.9 two of four pairs are found and none is wrong; the wrong one has only 0.2."""
    score = best_pairs([(0, 1, 0.9), (1, 0, 0.3), (4, 3, 0.9), (2, 3, 0.2)], CLUSTERS)
    assert (score.precision, score.recall, score.threshold) == (1.0, 0.5, 0.9)
    assert score.f1 == pytest.approx(2 / 3)


def test_pairs_as_shipped_are_all_that_were_found():
    score = pairs_as_shipped([(0, 1, 0.9), (1, 0, 0.3), (4, 3, 0.9), (2, 3, 0.2)], CLUSTERS)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == 0.5


def test_a_chain_through_two_companies_costs_its_wrong_pairs():
    everybody = [(one, other, 1.0) for one in range(5) for other in range(one)]
    score = best_pairs(everybody, CLUSTERS)
    assert (score.precision, score.recall) == (0.4, 1.0)


def test_no_pairs_are_a_score_of_nothing():
    assert best_pairs([], CLUSTERS) == pairs_as_shipped([], CLUSTERS) == Score()
