"""What is counted when a matcher is judged; all of it pure, shares are 0..1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

Answer = tuple[int | None, float]
"""The place of the account that a matcher means, or None, and how sure it is."""

Pair = tuple[int, int, float]
"""Two places of a list that a matcher holds for the same company, and how sure it is."""


@dataclass(frozen=True, slots=True)
class Score:
    """How good a set of accepted answers is; `wrongly` is the share of no-match records in it."""

    precision: float = 0.0
    recall: float = 0.0
    wrongly: float = 0.0
    threshold: float = 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 when nothing was right."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def best(answers: Sequence[Answer], truth: Sequence[int | None]) -> Score:
    """The score at the threshold with the highest F1, the highest threshold among equals."""
    return max(_scores(answers, truth), key=lambda score: score.f1, default=Score())


def recall_at(precision: float, answers: Sequence[Answer], truth: Sequence[int | None]) -> float:
    """The highest recall that a threshold of at least this precision gives; 0 if none does."""
    enough = (score for score in _scores(answers, truth) if score.precision >= precision)
    return max((score.recall for score in enough), default=0.0)


def as_shipped(accepted: Sequence[int | None], truth: Sequence[int | None]) -> Score:
    """The score of what the matcher accepts by itself; None is not accepted."""
    answers = [(place, 1.0) for place in accepted]
    return next(_scores(answers, truth), Score())


def best_pairs(pairs: Iterable[Pair], clusters: Sequence[Hashable]) -> Score:
    """The score of pairs at the threshold with the highest F1; a pair counts once."""
    return max(_pair_scores(pairs, clusters), key=lambda score: score.f1, default=Score())


def pairs_as_shipped(pairs: Iterable[Pair], clusters: Sequence[Hashable]) -> Score:
    """The score of all pairs that were found, however sure."""
    together = ((one, other, 1.0) for one, other, _ in pairs)
    return next(_pair_scores(together, clusters), Score())


def _pair_scores(pairs: Iterable[Pair], clusters: Sequence[Hashable]) -> Iterator[Score]:
    sure: dict[tuple[int, int], float] = {}
    for one, other, score in pairs:
        key = (min(one, other), max(one, other))
        sure[key] = max(score, sure.get(key, score))
    right = sum(size * (size - 1) // 2 for size in Counter(clusters).values())
    judged = [
        (score, clusters[one] == clusters[other], False) for (one, other), score in sure.items()
    ]
    return _curve(judged, right, 0)


def _scores(answers: Sequence[Answer], truth: Sequence[int | None]) -> Iterator[Score]:
    judged = [
        (score, place == true, true is None)
        for (place, score), true in zip(answers, truth, strict=True)
        if place is not None
    ]
    without = sum(true is None for true in truth)
    return _curve(judged, len(truth) - without, without)


def _curve(judged: list[tuple[float, bool, bool]], right: int, without: int) -> Iterator[Score]:
    """Scores from the highest threshold down; equal ones are accepted together or not at all.

    `judged` has (how sure, is right, has no true answer) of each answer, `right` is how many
    could be right and `without` how many have no true answer.
    """
    accepted = hits = strays = 0
    ordered = sorted(judged, key=lambda one: -one[0])
    for threshold, level in groupby(ordered, key=lambda one: one[0]):
        for _, hit, stray in level:
            accepted, hits, strays = accepted + 1, hits + hit, strays + stray
        yield Score(
            hits / accepted,
            hits / right if right else 0.0,
            strays / without if without else 0.0,
            threshold,
        )
