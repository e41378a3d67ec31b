"""What a condition can say at all: every combination of what can be is tried.

Each number is tried at, between and beyond what it is compared with, each step with the ends that
are named and with another one. What would take too many tries, or compares two facts with each
other, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod

from orchestrator.calendar import Span
from orchestrator.conditions import (
    OUTCOMES,
    Event,
    Expr,
    Happened,
    OutcomeIs,
    Variable,
    evaluate,
    walk,
)
from orchestrator.conditions.tree import Compare, Constant, OneOf

MOST = 4_000  # worlds that are tried for one condition
_OTHER = "another"  # a text that no condition names
_LIMITS: Mapping[str, tuple[float, float]] = {"account.fit": (0, 100)}
TIERS = (0.0, 1.0, 2.0, 3.0)
# What one scope says of an event makes another one's say so, too.
_IMPLIED = (("own", "any"), ("own", "count"), ("all", "any"), ("all", "count"), ("any", "count"),
            ("count", "any"))  # fmt: skip

Fact = tuple[str, ...]


def answers(condition: Expr, tiers: Sequence[float]) -> set[bool]:
    """All that it can say of an account of one of the tiers; both where that is not known."""
    facts = _facts(condition, tiers)
    if facts is None or prod(map(len, facts.values())) > MOST:
        return {True, False}
    found: set[bool] = set()
    for values in product(*facts.values()):
        world = dict(zip(facts, values, strict=True))
        if not _is_odd(world):
            found.add(evaluate(condition, _World(world)))
        if len(found) > 1:
            break
    return found or {True, False}


def _is_odd(world: Mapping[Fact, object]) -> bool:
    """Whether what one scope says of something contradicts another one."""
    scopes: dict[Fact, dict[str, object]] = {}
    for fact, value in world.items():
        if fact[0] != "value":
            scopes.setdefault(fact[:-1], {})[fact[-1]] = value
    return any(len(said) > 1 and _contradicts(of[0], said) for of, said in scopes.items())


def _contradicts(kind: str, said: Mapping[str, object]) -> bool:
    if kind != "outcome":
        return any(said.get(one) and not said.get(other, True) for one, other in _IMPLIED)
    ends = {scope: set(value) for scope, value in said.items()}  # type: ignore[call-overload]
    own = ends.pop("own", set())
    return any(not own <= every for every in ends.values()) or any(
        one != other for one, other in combinations(ends.values(), 2)
    )


class _World:
    """A View in which everything is as a combination says."""

    def __init__(self, facts: Mapping[Fact, object]) -> None:
        self.facts = facts

    def event(self, name: str, step: str, scope: str) -> int:
        return self.facts["event", name, step, scope]  # type: ignore[return-value]

    def outcomes(self, step: str, scope: str) -> Sequence[str]:
        return self.facts["outcome", step, scope]  # type: ignore[return-value]

    def happened(self, kind: str, within: Span | None, scope: str) -> int:
        return self.facts["happened", kind, str(within), scope]  # type: ignore[return-value]

    def value(self, path: str) -> float | str:
        return self.facts["value", path]  # type: ignore[return-value]


def _facts(condition: Expr, tiers: Sequence[float]) -> dict[Fact, Sequence[object]] | None:
    """What each fact can be; None if two of them are compared with each other."""
    named: dict[Fact, set[object]] = {}
    for part in walk(condition):
        if isinstance(part, Event | Happened | Variable | OutcomeIs):
            named.setdefault(_fact(part), set()).update(getattr(part, "words", ()))
        elif isinstance(part, Compare):
            if not isinstance(part.right, Constant) or isinstance(part.left, Constant):
                return None
            named.setdefault(_fact(part.left), set()).add(part.right.value)
        elif isinstance(part, OneOf):
            named.setdefault(_fact(part.left), set()).update(one.value for one in part.choices)
    return {fact: _possible(fact, values, tiers) for fact, values in named.items()}


def _fact(part: Expr) -> Fact:
    match part:
        case Event(name, step, scope):
            return "event", name, step, scope
        case OutcomeIs(step, scope):
            return "outcome", step, scope
        case Happened(kind, within, scope):
            return "happened", kind, str(within), scope
    return "value", str(part)


def _possible(fact: Fact, named: Iterable[object], tiers: Sequence[float]) -> Sequence[object]:
    kind, last = fact[0], fact[-1]
    if kind == "outcome":
        return _ends([str(word) for word in named], last)
    if last == "account.tier":
        return tiers
    texts = [one for one in named if isinstance(one, str)]
    if texts:
        return ["", _OTHER, *texts]
    numbers = [float(one) for one in named if isinstance(one, int | float)]
    if kind == "value" and not numbers:
        return ["", _OTHER]
    if kind == "event" and last != "count":
        return [0, 1]
    near = {n + d for n in numbers for d in ((-1, 0, 1) if kind != "value" else (-0.5, 0, 0.5))}
    low, high = _LIMITS.get(last, (0.0, float("inf")))
    return sorted({one for one in near | {0.0, 1.0} if low <= one <= high})


def _ends(words: Sequence[str], scope: str) -> Sequence[Sequence[str]]:
    """Nobody took part, or one ended so; beyond a person's own, several in several ways."""
    other = [word for word in OUTCOMES if word not in words][:1]
    every = [*dict.fromkeys(words), *other]
    most = 1 if scope == "own" else len(every)
    return list(chain.from_iterable(combinations(every, number) for number in range(most + 1)))
