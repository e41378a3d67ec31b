"""What people's decisions say of the matcher's probabilities, and whether a correction would help.

The correction is a line through log-odds (Platt 1999): `slope * log-odds + shift`, and `doubt` more
for pairs of which something spoke against one. It is the maximum of the likelihood under a normal
prior around "no correction", so that a few decisions move it a little; more flexible curves, as the
isotonic one, want thousands. A pair that went to a person because of a doubt says nothing of those
without one: hence `doubt`.

Every figure about the correction is cross-validated: each decision is judged by a line that was
drawn without it. All is deterministic. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounts.matching import Calibration
from accounts.matching.values import SUREST

Floats = NDArray[np.float64]

FOLDS = 5
# Fewer tell nothing: in all, and of those that were right and of those that were wrong.
ENOUGH, ENOUGH_OF_EACH = 40, 8

# How far slope, shift and doubt may stray from no correction: standard deviations of the prior.
_PRIOR = np.array([0.5, 1.0, 1.0])
_NONE = np.array([1.0, 0.0, 0.0])
# A flatter line would say the same of every pair, a falling one would turn the matcher round.
_FLATTEST = 0.1
_BINS = 5
AS_SHIPPED = Calibration()


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair that a person decided on: the model's probability before any doubt, and who was
    right."""

    probability: float
    right: bool
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class Bin:
    """Pairs of like probability: the mean of what was predicted, the share that was right."""

    count: int
    predicted: float
    right: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How good probabilities are; for all but the last two, lower is better.

    `brier` is the mean squared error, `log_loss` in nats. `precision` is the share that was right
    of those that would have been accepted, `recall` the share of the right that would have been;
    None where there are none. Pairs with a doubt are never accepted, so they do not count there.
    """

    brier: float
    log_loss: float
    precision: float | None
    recall: float | None
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What was learned. `helps`: there are enough decisions and the cross-validated log loss falls.

    `threshold` is the model's own probability from which a pair is accepted then, and
    `threshold_before` the one now.
    """

    decisions: int
    right: int
    enough: bool
    helps: bool
    calibration: Calibration
    threshold_before: float
    threshold: float
    before: Quality | None
    after: Quality | None


def calibrate(
    decisions: Sequence[Judged], accept: float, present: Calibration = AS_SHIPPED
) -> Calibrated:
    """The correction that the decisions suggest, with what it would change.

    `accept` is the probability from which pairs are accepted, `present` the correction that holds
    already; without enough decisions it stays.
    """
    right = sum(one.right for one in decisions)
    wrong = len(decisions) - right
    enough = len(decisions) >= ENOUGH and min(right, wrong) >= ENOUGH_OF_EACH
    now = _threshold(present, accept)
    if not decisions:
        return Calibrated(0, 0, False, False, present, now, now, None, None)
    said = [present.of(one.probability, doubted=one.doubted) for one in decisions]
    before = _quality(decisions, said, accept)
    if not enough:
        return Calibrated(
            len(decisions), right, False, False, present, now, now, before, None
        )  # fmt: skip
    found = fit(decisions)
    after = _quality(decisions, _unseen(decisions), accept)
    helps = after.log_loss < before.log_loss
    threshold = _threshold(found, accept)
    return Calibrated(len(decisions), right, True, helps, found, now, threshold, before, after)


def fit(decisions: Sequence[Judged]) -> Calibration:
    """The line with the highest posterior probability, by Newton's method; none for nobody.

    The slope is never below `_FLATTEST`: who is likelier by the model stays so.
    """
    if not decisions:
        return AS_SHIPPED
    design = np.array([[_odds(one.probability), 1.0, one.doubted] for one in decisions])
    right = np.array([float(one.right) for one in decisions])
    line = _newton(design, right, np.zeros(len(right)), _NONE, _PRIOR)
    if line[0] < _FLATTEST:
        rest = _newton(design[:, 1:], right, _FLATTEST * design[:, 0], _NONE[1:], _PRIOR[1:])
        line = np.array([_FLATTEST, *rest])
    slope, shift, doubt = np.round(line, 4).tolist()
    return Calibration(slope, shift, doubt)


def _newton(design: Floats, right: Floats, fixed: Floats, prior: Floats, width: Floats) -> Floats:
    """The coefficients at which likelihood times prior is highest: a smooth, single summit."""
    line, penalty = prior.copy(), 1 / width**2
    loss = _loss(line, design, right, fixed, prior, penalty)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(design @ line + fixed)))
        gradient = design.T @ (chance - right) + penalty * (line - prior)
        curve = (design.T * (chance * (1 - chance))) @ design + np.diag(penalty)
        step = np.linalg.solve(curve, gradient)
        size = 1.0
        while (less := _loss(line - size * step, design, right, fixed, prior, penalty)) > loss:
            size /= 2  # a whole step may pass over the summit
            if size < 1e-8:
                return line
        line, loss = line - size * step, less
        if np.abs(step).max() < 1e-9:
            break
    return line


def _loss(
    line: Floats, design: Floats, right: Floats, fixed: Floats, prior: Floats, penalty: Floats
) -> float:
    odds = design @ line + fixed
    likelihood = np.logaddexp(0.0, odds) - right * odds
    return float(likelihood.sum() + (penalty * (line - prior) ** 2).sum() / 2)


def _odds(probability: float) -> float:
    chance = min(max(probability, SUREST), 1 - SUREST)
    return float(np.log(chance / (1 - chance)))


def _unseen(decisions: Sequence[Judged]) -> list[float]:
    """Each decision's probability by a line that was drawn without it.

    The folds are dealt out by answer and probability, so that each has its share of all.
    """
    order = sorted(
        range(len(decisions)),
        key=lambda at: (decisions[at].right, decisions[at].doubted, decisions[at].probability, at),
    )
    found = [0.0] * len(decisions)
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        out = set(held)
        line = fit([one for at, one in enumerate(decisions) if at not in out])
        for at in held:
            found[at] = line.of(decisions[at].probability, doubted=decisions[at].doubted)
    return found


def _quality(decisions: Sequence[Judged], said: Sequence[float], accept: float) -> Quality:
    right = np.array([float(one.right) for one in decisions])
    chance = np.clip(np.array(said), SUREST, 1 - SUREST)
    brier = float(((chance - right) ** 2).mean())
    log_loss = float(-(right * np.log(chance) + (1 - right) * np.log(1 - chance)).mean())
    clear = np.array([not one.doubted for one in decisions])
    taken = (np.array(said) >= accept) & clear
    hits = float((taken & (right > 0)).sum())
    return Quality(
        round(brier, 4), round(log_loss, 4), _share(hits, float(taken.sum())),
        _share(hits, float((clear & (right > 0)).sum())), tuple(_bins(chance, right)),
    )  # fmt: skip


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _bins(chance: Floats, right: Floats) -> list[Bin]:
    """The decisions in bins of equal numbers, the unlikeliest first."""
    order = np.argsort(chance, kind="stable")
    return [
        Bin(len(part), round(float(chance[part].mean()), 3), round(float(right[part].mean()), 3))
        for part in np.array_split(order, min(_BINS, len(order)))
    ]


def _threshold(found: Calibration, accept: float) -> float:
    """The model's probability that the correction makes `accept`."""
    odds = (_odds(accept) - found.shift) / found.slope
    return round(float(1 / (1 + np.exp(-odds))), 4)
