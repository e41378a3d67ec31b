"""The nodes of an expression. Each is called with a View for its value, a truth as 0 or 1."""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from orchestrator.calendar import Span
from orchestrator.conditions.words import VARIABLES, Scope, Type
from orchestrator.terms import EVENT_KINDS, Needs

Value = float | str


class View(Protocol):
    """The facts of one party of one step, as conditions ask for them.

    A scope is "own", "any", "all" or "count".
    """

    def event(self, name: str, step: str, scope: str) -> int:
        """Whether (0 or 1) a step's own, any or all parties had one of EVENTS, or how many.

        `all` of nobody is 0.
        """

    def outcomes(self, step: str, scope: str) -> Sequence[str]:
        """How the own party ended or, in any other scope, each of the step's: words of OUTCOMES."""

    def happened(self, kind: str, within: Span | None, scope: str) -> int:
        """How many activities of a kind the own person or, in any other scope, all people had."""

    def value(self, path: str) -> float | str:
        """One of VARIABLES; 0 or "" for a person who is not there."""


class Expr(ABC):
    """A node of an expression."""

    __slots__ = ()

    @abstractmethod
    def __call__(self, view: View) -> Value:
        """What it is for the party that `view` shows."""


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A number or a text."""

    value: Value

    def __call__(self, view: View) -> Value:
        return self.value

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return _quoted(self.value)
        return f"{self.value:.6f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Variable(Expr):
    """One of VARIABLES."""

    path: str
    col: int = field(default=0, compare=False)

    def __call__(self, view: View) -> Value:
        return view.value(self.path)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Event(Expr):
    """Whether one of EVENTS came to the parties of a step, or to how many of them."""

    name: str
    step: str
    scope: Scope
    col: int = field(default=0, compare=False)

    def __call__(self, view: View) -> Value:
        return view.event(self.name, self.step, self.scope)

    def __str__(self) -> str:
        return f"{_prefix(self.scope)}{self.name}({_quoted(self.step)})"


@dataclass(frozen=True, slots=True)
class Happened(Expr):
    """How many activities of a kind, and of the kinds below it, there were."""

    kind: str
    within: Span | None
    scope: Scope
    col: int = field(default=0, compare=False)

    def __call__(self, view: View) -> Value:
        return view.happened(self.kind, self.within, self.scope)

    def __str__(self) -> str:
        within = f", '{self.within}'" if self.within else ""
        return f"{_prefix(self.scope)}happened({_quoted(self.kind)}{within})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended; no expression before it is compared, so it stands in no finished tree."""

    step: str
    scope: Scope
    col: int = 0

    def __str__(self) -> str:
        return f"{_prefix(self.scope)}outcome({_quoted(self.step)})"


@dataclass(frozen=True, slots=True)
class OutcomeIs(Expr):
    """Whether the own party, any or all of a step's parties ended in one of these ways.

    False, negated or not, where there is no party.
    """

    step: str
    scope: Scope
    words: tuple[str, ...]
    negated: bool = False
    col: int = field(default=0, compare=False)

    def __call__(self, view: View) -> Value:
        ends = view.outcomes(self.step, self.scope)
        hits = sum((end in self.words) is not self.negated for end in ends)
        return hits > 0 and (self.scope != "all" or hits == len(ends))

    def __str__(self) -> str:
        left = Outcome(self.step, self.scope)
        if len(self.words) == 1:
            return f"{left} {'!=' if self.negated else '=='} '{self.words[0]}'"
        return f"{left} {_in(self.negated)} [{', '.join(map(_quoted, self.words))}]"


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """Two numbers or, by == and != only, two texts."""

    op: str
    left: Expr
    right: Expr

    def __call__(self, view: View) -> Value:
        return COMPARE[self.op](self.left(view), self.right(view))

    def __str__(self) -> str:
        return f"{self.left} {self.op} {self.right}"


@dataclass(frozen=True, slots=True)
class OneOf(Expr):
    """Whether a number or a text is in a list."""

    left: Expr
    choices: tuple[Constant, ...]
    negated: bool = False

    def __call__(self, view: View) -> Value:
        value = self.left(view)
        return any(value == choice.value for choice in self.choices) is not self.negated

    def __str__(self) -> str:
        return f"{self.left} {_in(self.negated)} [{', '.join(map(str, self.choices))}]"


@dataclass(frozen=True, slots=True)
class Not(Expr):
    """The contrary."""

    operand: Expr

    def __call__(self, view: View) -> Value:
        return not self.operand(view)

    def __str__(self) -> str:
        return f"not {_bracketed(self.operand, 'or', 'and')}"


@dataclass(frozen=True, slots=True)
class Chain(Expr):
    """All of several (`and`), or any of them (`or`)."""

    word: str
    operands: tuple[Expr, ...]

    def __call__(self, view: View) -> Value:
        enough = self.word == "or"
        for operand in self.operands:
            if bool(operand(view)) is enough:
                return enough
        return not enough

    def __str__(self) -> str:
        # `and` binds closer than `or`, so that only such a chain needs no brackets within another.
        words = ("or",) if self.word == "or" else ("or", "and")
        return f" {self.word} ".join(_bracketed(operand, *words) for operand in self.operands)


Operand = Expr | Outcome
COMPARE: dict[str, Callable[[Value, Value], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _prefix(scope: Scope) -> str:
    return "" if scope == "own" else f"{scope}."


def _in(negated: bool) -> str:
    return "not in" if negated else "in"


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _bracketed(expr: Expr, *words: str) -> str:
    return f"({expr})" if isinstance(expr, Chain) and expr.word in words else str(expr)


def type_of(expr: Operand) -> Type:
    """What the expression, or what is to be compared, gives."""
    match expr:
        case Constant(str()):
            return Type.TEXT
        case Constant():
            return Type.NUMBER
        case Variable(path):
            return VARIABLES[path]
        case Event(scope="count") | Happened(scope="own" | "count"):
            return Type.COUNT
        case Outcome():
            return Type.OUTCOME
    return Type.TRUTH


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, in the order in which they were written."""
    yield expr
    match expr:
        case Compare(_, left, right):
            yield from (*walk(left), *walk(right))
        case OneOf(operand) | Not(operand):
            yield from walk(operand)
        case Chain(_, operands):
            for operand in operands:
                yield from walk(operand)


def evaluate(expr: Expr, view: View) -> bool:
    """Whether the condition holds for the party that `view` shows."""
    return bool(expr(view))


def needs(asked: Iterable[Expr], awaited: Iterable[Expr] = ()) -> Needs:
    """What must be loaded before these can be evaluated, and what events to listen to.

    A play wakes for what its conditions count, and for all that may make true what is `awaited`.
    """
    waiting = list(awaited)
    nodes = (node for expr in (*asked, *waiting) for node in walk(expr))
    kinds = frozenset(node.kind for node in nodes if isinstance(node, Happened))
    told = (kind for expr in waiting for node in walk(expr) for kind in _told_by(node))
    return Needs(kinds, kinds.union(told))


def _told_by(node: Expr) -> Iterable[str]:
    """The kinds of events that may change it; the end of a step wakes its play anyway."""
    match node:
        case Event("sent"):
            return ()
        case Event(name):
            return ({"replied": "reply", "bounced": "bounce"}.get(name, name),)
        case Variable(path) if path.endswith(".engagement"):
            return EVENT_KINDS
        case Variable("account.lost_reason"):
            return ("lost",)
    return ()


def steps_named(expr: Expr) -> frozenset[str]:
    """The ids of the steps whose parties the expression asks about."""
    return frozenset(node.step for node in walk(expr) if isinstance(node, Event | OutcomeIs))


def with_steps(expr: Expr, renamed: Callable[[str], str]) -> Expr:
    """The same question about steps of other names."""
    match expr:
        case Event() | OutcomeIs():
            return replace(expr, step=renamed(expr.step))
        case Compare(op, left, right):
            return Compare(op, with_steps(left, renamed), with_steps(right, renamed))
        case OneOf(left):
            return replace(expr, left=with_steps(left, renamed))
        case Not(operand):
            return Not(with_steps(operand, renamed))
        case Chain(word, operands):
            return Chain(word, tuple(with_steps(one, renamed) for one in operands))
    return expr
