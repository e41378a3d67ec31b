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
    return np.stack(
        [
            np.clip(odds, -8, 8) / 8,
            np.clip(odds, 0, 8) / 8,
            np.clip(gap, 0, 8) / 8,
            np.clip(gap, 0, 1.5) / 1.5,
            np.clip(gap - 3, 0, 6) / 6,
        ],
        axis=1,
    )


def probability(features: Floats, odds: Floats, rival: Floats) -> Floats:
    """How sure it is that the best account of each question is the right one, 0..1."""
    both = np.concatenate([features, gaps(odds, rival)], axis=1)
    total: Floats = (both * BEST).sum(axis=1)
    chance: Floats = np.round(1 / (1 + np.exp(-np.clip(total + weights.BEST_BIAS, -30, 30))), 4)
    return chance
