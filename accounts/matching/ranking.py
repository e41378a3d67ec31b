"""Which pair of each question is the best, which the next, and how sure the best one is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from accounts.matching.candidates import Pairs
from accounts.matching.clues import Array, firsts, ordered, sizes
from accounts.matching.scoring import probability
from accounts.matching.table import Floats

# Nearer than this, in log-odds, the runner-up is as close.
AS_CLOSE = 0.35
# No odds are higher; and so many parts of one differ from each other.
_HIGHEST, _PARTS = 1_000, 1e6


@dataclass(slots=True)
class Scored:
    """All pairs of a batch with their features and first odds.

    `weights` are of the table's words; `without` says for each question who it never is.
    """

    pairs: Pairs
    features: Floats
    odds: Floats
    weights: Floats
    without: Sequence[Collection[int]] | None = None


class Ranked(NamedTuple):
    """Per question with pairs: its best pair, the nearest other one, the next of the same domain.

    Accounts of the question's own domain stand before all others; -1 for none. `chance` is the
    model's probability of the best.
    """

    best: Array
    rival: Array
    second: Array
    chance: Floats


def ranked(scored: Scored, ids: Array) -> Ranked:
    """The order of each question's pairs; `ids` are the accounts', which part equals."""
    found, odds = scored.pairs, scored.odds
    key = found.question.astype(np.int64) << 33
    key |= np.rint((_HIGHEST - odds) * _PARTS).astype(np.int64)
    order = plain = ordered(key, ids)
    if found.domain.any():
        order = ordered(key | np.where(found.domain, 0, 1 << 32), ids)
    own = found.question[order]
    start = np.flatnonzero(firsts(own))
    several = sizes(start, len(own)) > 1
    after = start + several
    best, following, top = order[start], order[after], plain[start]
    second = np.where(several & found.domain[following], following, -1)
    rival = np.where(top != best, top, np.where(several, plain[after], -1))
    rivals = np.where(rival >= 0, odds[rival], -np.inf)
    return Ranked(best, rival, second, probability(scored.features[best], odds[best], rivals))
