"""Which pair of each question is the best, which the next, and how sure the best one is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from accounts.matching.candidates import Pairs
from accounts.matching.clues import Array, firsts
from accounts.matching.scoring import probability
from accounts.matching.table import Floats

# Nearer than this, in log-odds, the runner-up is as close.
AS_CLOSE = 0.35


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
    order = plain = np.lexsort((ids, -odds, found.question))
    if found.domain.any():
        order = np.lexsort((ids, -odds, ~found.domain, found.question))
    own = found.question[order]
    start = np.flatnonzero(firsts(own))
    several = np.diff(np.append(start, len(own))) > 1
    after = start + several
    best, following, top = order[start], order[after], plain[start]
    second = np.where(several & found.domain[following], following, -1)
    rival = np.where(top != best, top, np.where(several, plain[after], -1))
    rivals = np.where(rival >= 0, odds[rival], -np.inf)
    return Ranked(best, rival, second, probability(scored.features[best], odds[best], rivals))
