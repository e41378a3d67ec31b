"""Conditions that no facts make true, or that all do.

Every combination of what can be is tried: each number at, between and beyond what it is compared
with, each step with the ends that are named and with another one. What would take too many tries,
or compares two facts with each other, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, combinations, product
from math import prod

from orchestrator.calendar import Span
from orchestrator.conditions import Event, Expr, Happened, OutcomeIs, Variable, evaluate, walk
from orchestrator.conditions.tree import Compare, Constant, OneOf
from orchestrator.language.checks.case import Case, asked
from orchestrator.language.codes import Code
from orchestrator.language.draft import StepDraft
from orchestrator.language.findings import shown

MOST = 4_000  # worlds that are tried for one condition
_OTHER = "another"  # a text, or an end, that no condition names
_LIMITS: Mapping[str, tuple[float, float]] = {"account.fit": (0, 100)}
_TIERS = (0.0, 1.0, 2.0, 3.0)

Fact = tuple[str, ...]


def check_truth(case: Case) -> None:
    """A condition can be true, and can be false."""
    for one in case.steps:
        for condition, node in asked(one):
            answers = _answers(condition, _tiers(case, one))
            if answers == {False}:
                message = f"'{shown(str(condition))}' can never be true"
                hint = "look at its numbers, or take out what it decides about"
                case.add(node, Code.SENSELESS, message, hint)
            elif answers == {True}:
                message = f"'{shown(str(condition))}' is true of everybody"
                case.add(node, Code.SENSELESS, message, "leave it out, or ask for something else")


def _tiers(case: Case, one: StepDraft) -> Sequence[float]:
    """The tiers that an account may have which takes the step."""
    audience = case.form.get("for")
    told = one.step.tiers or (audience and audience.get("tiers")) or ()
    return tuple(map(float, told)) or _TIERS


def _answers(condition: Expr, tiers: Sequence[float]) -> set[bool]:
    """All that it can say; both where that is not known."""
    facts = _facts(condition, tiers)
    if facts is None or prod(map(len, facts.values())) > MOST:
        return {True, False}
    found: set[bool] = set()
    for values in product(*facts.values()):
        found.add(evaluate(condition, _World(dict(zip(facts, values, strict=True)))))
        if len(found) > 1:
            break
    return found


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
    every = [*dict.fromkeys(words), _OTHER]
    most = 1 if scope == "own" else len(every)
    return list(chain.from_iterable(combinations(every, number) for number in range(most + 1)))
