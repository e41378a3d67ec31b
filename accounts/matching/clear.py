"""Which best pairs need no second look: nothing ties with them, and nothing could be said against.

Most of a batch is clear, and is told so all at once. Whatever may be in doubt goes the long way of
`verdicts`, which says the same of a clear pair: these rules may be too careful, never too bold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accounts.matching.batch import Batch
from accounts.matching.candidates import Pairs
from accounts.matching.clues import Array
from accounts.matching.doubts import APART, HOLDING, TOLD
from accounts.matching.ranking import AS_CLOSE, Ranked, Scored
from accounts.matching.reasons import AT, RARE_WORD, TELLING
from accounts.matching.table import Table
from accounts.matching.ties import may_settle
from accounts.matching.values import Rules

Bools = NDArray[np.bool_]

# A name that the other explains so far does not contradict a shared domain.
_EXPLAINED = 0.6
_SAME, _OTHER = ([AT[f"{how}_{field}"] for field in APART] for how in ("same", "other"))


class Clear(NamedTuple):
    """Per question with pairs: whether its best pair is accepted, whether it is none of ours.

    `score` is the probability as people's decisions have it.
    """

    accepted: Bools
    none: Bools
    score: list[float]


def clear(rules: Rules, table: Table, batch: Batch, scored: Scored, ranked: Ranked) -> Clear:
    """What is clear of each best pair; of all others both are False."""
    found, of = scored.pairs[ranked.best], _Columns(scored, ranked.best)
    score = list(map(rules.calibration.of, ranked.chance.tolist()))
    sure = np.array(score)
    named, ties = found.name >= 0, _ties(scored, ranked)
    if table.phones:
        named &= np.array([not batch.questions[at].phone for at in found.question.tolist()], bool)
    foreign = of.has("other_domain") & ~of.has("same_stem")
    rare = of("rarest") > RARE_WORD
    branch = of.has("other_country") & (of("covers_theirs") > 0.99) & rare
    least = np.where(branch, rules.review / 2, rules.review)
    least = np.where((of("covers_mine") > 0.99) & rare, rules.review / 20, least)
    least = np.minimum(np.where(foreign, rules.accept, least), rules.accept)
    none = ~found.domain & ~of.has("same_core") & (sure < least)
    against = np.where(found.domain, _of_domain(scored, ranked, of), _of_name(batch, found, of))
    against |= of.has("other_numbers") | of.has("other_country")
    if table.parents:
        against |= found.domain  # it may be lent
    accepted = named & ~ties & (sure >= rules.accept) & ~against
    by_name = np.flatnonzero(accepted & ~found.domain)
    accepted[by_name[_one_is_a_holding(table, batch, found[by_name])]] = False
    if may_settle(rules, table):
        none &= ~ties
    return Clear(accepted, named & none, score)


def nothing(ranked: Ranked) -> Clear:
    """Nothing is clear: every pair gets its second look."""
    no = np.zeros(len(ranked.best), bool)
    return Clear(no, no, ranked.chance.tolist())


class _Columns:
    """Features of the best pairs by their names."""

    def __init__(self, scored: Scored, best: Array) -> None:
        self.features = scored.features[best].T

    def __call__(self, feature: str) -> Array:
        found: Array = self.features[AT[feature]]
        return found

    def has(self, feature: str) -> Bools:
        found: Bools = self.features[AT[feature]] > 0.5
        return found


def _ties(scored: Scored, ranked: Ranked) -> Bools:
    """Whether another account is as close, or has the record's very name and nothing else."""
    best, domain, odds = ranked.best, scored.pairs.domain, scored.odds
    other = np.where(domain[best], ranked.second, ranked.rival)
    close = odds[best] - odds[other] < AS_CLOSE
    one, another = scored.features[best] > 0.5, scored.features[other] > 0.5
    twins = one[:, AT["same_core"]] & another[:, AT["same_core"]]
    same, differs = one[:, _SAME] & ~another[:, _SAME], another[:, _OTHER] & ~one[:, _OTHER]
    twins &= ~(same | differs).any(axis=1)
    return (other >= 0) & (close | (~domain[best] & twins))


def _of_domain(scored: Scored, ranked: Ranked, of: _Columns) -> Bools:
    """What could be said against a pair of one domain: see `doubts.of_domain`."""
    found, same = scored.pairs, of.has("same_core")
    explained = np.maximum(np.maximum(of("covers_mine"), of("covers_theirs")), of("ratio"))
    namesakes = (scored.features[:, AT["same_core"]] > 0.5) & ~found.domain
    named_so = np.bincount(found.question, namesakes) > 0
    others = (ranked.second >= 0) & (of("clash") > TELLING)
    return (explained < _EXPLAINED) | (~same & (others | named_so[found.question[ranked.best]]))


def _of_name(batch: Batch, found: Pairs, of: _Columns) -> Bools:
    """What could be said against a pair that no domain connects: see `doubts.of_name`."""
    one_word = np.array([len(key.words) == 1 for key in batch.keys] + [False])[found.name]
    short = np.array([len(key.core) < TOLD for key in batch.keys] + [False])[found.name]
    little = short | (of("lost_theirs") > TELLING)
    part = one_word & ~of.has("same_core") & little
    against: Bools = part | of.has("other_domain") | of.has("one_word_abroad") | of.has("aside")
    return against


def _one_is_a_holding(table: Table, batch: Batch, found: Pairs) -> Bools:
    """Whether one of the names has a word for a holding that the other has not."""
    mine, theirs = batch.columns["words"][found.name], table.row["words"].values[found.row]
    held = np.zeros(len(found.name), bool)
    for word in batch.numbers(sorted(HOLDING)):
        held |= (mine == word).any(axis=1) != (theirs == word).any(axis=1)
    return held
