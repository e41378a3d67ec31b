"""From what a pair has in common to odds: a first sum for the order, a second for the best one.

Both are logistic regressions whose frozen weights stand in `weights`; the second also sees how far
the runner-up is, which no pair can know by itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accounts.matching import weights
from accounts.matching.features import FEATURES
from accounts.matching.table import Floats

# In a short list the next one is far away by chance: somebody not listed may be as near as this.
UNSEEN_RIVAL = -4.0

GAPS = ("odds", "odds_high", "gap", "gap_small", "gap_large")


def _vector(named: dict[str, float], names: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([named.get(name, 0.0) for name in names])


PAIR = _vector(weights.PAIR, FEATURES)
BEST = _vector(weights.BEST, FEATURES + GAPS)


def first_odds(features: Floats) -> Floats:
    """Log-odds of each pair by itself; `features` is pairs × FEATURES."""
    total: Floats = (features * PAIR).sum(axis=1)
    return total + weights.PAIR_BIAS


def gaps(odds: Floats, rival: Floats) -> Floats:
    """What the distance to the next one says: pairs × GAPS; a rival of -inf is nobody."""
    next_one = np.maximum(rival, UNSEEN_RIVAL)
    gap = odds - next_one
    return np.array(
        [
            _within(odds, -8, 8) / 8,
            _within(odds, 0, 8) / 8,
            _within(gap, 0, 8) / 8,
            _within(gap, 0, 1.5) / 1.5,
            _within(gap - 3, 0, 6) / 6,
        ]
    ).T


def _within(values: Floats, least: float, most: float) -> Floats:
    """The values, none beyond these: `np.clip` takes five times as long for a few."""
    found: Floats = np.minimum(np.maximum(values, least), most)
    return found


def probability(features: Floats, odds: Floats, rival: Floats) -> Floats:
    """How sure it is that the best account of each question is the right one, 0..1."""
    both = np.concatenate([features, gaps(odds, rival)], axis=1)
    total: Floats = (both * BEST).sum(axis=1)
    chance: Floats = np.round(1 / (1 + np.exp(-_within(total + weights.BEST_BIAS, -30, 30))), 4)
    return chance
