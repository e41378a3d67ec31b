"""Two scores, each with its reasons: how engaged an account is, and how well it fits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import fsum

from accounts.errors import AbmError
from accounts.selection import Rule, Value


@dataclass(frozen=True, slots=True)
class Score:
    """A value and what it is made of, the largest part first."""

    value: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """An activity as scoring sees it: its kind ("email.clicked") and when it was."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FitRule:
    """Points of the ideal customer profile that an account gets when the rule holds."""

    rule: Rule
    points: float


def engagement(
    activities: Iterable[Happening],
    now: datetime,
    weights: Mapping[str, float],
    half_life_days: float,
) -> Score:
    """Sum of weight x 0.5^(age / half-life) over the activities, negative weights included.

    The weight of a kind is its own or that of its family: "email.clicked", else "email". What has
    no weight counts nothing; what is dated after `now` counts as happening now. Raises `AbmError`
    unless the half-life is positive.
    """
    if half_life_days <= 0:
        raise AbmError(f"a half-life of {half_life_days} days", "allowed: more than 0")
    parts: defaultdict[str, list[float]] = defaultdict(list)
    for one in activities:
        weight = weights.get(one.kind, weights.get(one.kind.partition(".")[0], 0.0))
        if weight:
            age = max((now - one.at) / timedelta(days=1), 0.0)
            parts[one.kind].append(weight * 0.5 ** (age / half_life_days))
    # fsum: the same value whatever the order in which the activities come.
    sums = {kind: fsum(values) for kind, values in parts.items()}
    order = sorted(sums, key=lambda kind: (-abs(sums[kind]), kind))
    reasons = tuple(f"{sums[kind]:+.1f} {kind} x{len(parts[kind])}" for kind in order)
    return Score(fsum(value for values in parts.values() for value in values), reasons)


def icp_fit(account_fields: Mapping[str, Value], rules: Sequence[FitRule]) -> Score:
    """0..100: the points of the rules that hold, of all points that can be had.

    Rules with negative points take away and count nothing towards the whole; no rules: 0.
    """
    whole = sum(rule.points for rule in rules if rule.points > 0)
    held = [rule for rule in rules if rule.rule.holds(account_fields)]
    earned = sum(rule.points for rule in held)
    value = min(max(100 * earned / whole, 0.0), 100.0) if whole else 0.0
    order = sorted(held, key=lambda rule: -abs(rule.points))
    return Score(value, tuple(f"{rule.points:+g} {rule.rule}" for rule in order))
