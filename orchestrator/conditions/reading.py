"""From the text of a condition to its tree: tokens, then recursive descent, types on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from accounts.nearest import nearest
from orchestrator.calendar import Span, Unit, parse_span
from orchestrator.conditions.tree import (
    COMPARE,
    Chain,
    Compare,
    Constant,
    Event,
    Expr,
    Happened,
    Not,
    OneOf,
    Operand,
    Outcome,
    OutcomeIs,
    Variable,
    type_of,
)
from orchestrator.conditions.words import (
    FUNCTIONS,
    KEYWORDS,
    OUTCOMES,
    SCOPES,
    VARIABLES,
    ConditionError,
    Scope,
    Type,
)
from orchestrator.terms import OUTCOME_OF_DISPOSITION

_Item = TypeVar("_Item")

MOST = 300  # tokens
DEEPEST = 20  # brackets and `not`s within each other


def parse(text: str) -> Expr:
    """Read a condition. Raises ConditionError at the first mistake."""
    return _Parser(_tokens(text)).whole()


# --- Tokens ----------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str  # number, text, word, op, end
    text: str
    col: int

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else f"'{self.text}'"


_TOKEN = re.compile(
    r"""\s*(?:
      (?P<mistake>&&?|\|\|?|<>|=[<>]|=(?!=)|!(?!=)|[\u2018\u2019\u201c\u201d])
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
    | (?P<text>'[^'\n]*'|"[^"\n]*")
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<op>==|!=|<=|>=|<|>|[()\[\],])
    | (?P<end>\Z)
    | (?P<other>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
_MEANT = {"=": "==", "&": "and", "|": "or", "!": "not", "<>": "!=", "=<": "<=", "=>": ">="}
_MEANT |= {"&&": "and", "||": "or", "'": "a closing quotation mark too"}
_MEANT |= dict.fromkeys("\u2018\u2019\u201c\u201d", "straight quotation marks: 'ring'")
_MEANT |= dict.fromkeys("-0123456789", "numbers as 40, 0.5 or -1")


def _tokens(text: str) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        if kind in ("mistake", "other"):
            sign = found[kind]
            hint = f"write {_MEANT[sign]}" if sign in _MEANT else "texts stand in quotes: 'ring'"
            raise ConditionError(tokens[-1].col, f"{sign} is not understood here", hint)
        if len(tokens) > MOST:
            raise ConditionError(0, f"the condition has more than {MOST} words and signs")
    return tokens


# --- Grammar ---------------------------------------------------------------------------------


class _Parser:
    """or < and < not < comparison < operand."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._rest = iter(tokens)
        self._next = next(self._rest)
        self._depth = 0

    def whole(self) -> Expr:
        if self._next.kind == "end":
            raise ConditionError(0, "the condition is empty", "leave `when` out to go on always")
        col = self._next.col
        expr = self._or()
        if self._next.kind != "end":
            word = self._next.text.lower()
            hint = f"write {word}" if word in KEYWORDS else "join conditions with `and` or `or`"
            raise ConditionError(self._next.col, f"{self._next} follows a whole condition", hint)
        return _truth(expr, col)

    def _take(self) -> _Token:
        token, self._next = self._next, next(self._rest, self._next)
        return token

    def _comes(self, *texts: str) -> bool:
        return self._next.kind in ("word", "op") and self._next.text in texts

    def _expect(self, text: str) -> None:
        if not self._comes(text):
            raise ConditionError(self._next.col, f"'{text}' is missing before {self._next}")
        self._take()

    def _or(self) -> Operand:
        return self._chain("or", self._and)

    def _and(self) -> Operand:
        return self._chain("and", self._not)

    def _chain(self, word: str, operand: Callable[[], Operand]) -> Operand:
        col = self._next.col
        first = operand()
        if not self._comes(word):
            return first
        operands = [_truth(first, col)]
        while self._comes(word):
            self._take()
            col = self._next.col
            operands.append(_truth(operand(), col))
        return Chain(word, tuple(operands))

    def _not(self) -> Operand:
        if not self._comes("not"):
            return self._comparison()
        self._deeper(self._take())
        col = self._next.col
        operand = _truth(self._not(), col)
        self._depth -= 1
        return Not(operand)

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ConditionError(token.col, f"more than {DEEPEST} brackets or `not`s in each other")

    def _comparison(self) -> Operand:
        col = self._next.col
        left = self._operand()
        if self._comes("in", "not"):
            return self._membership(left, col)
        if not self._comes(*COMPARE):
            return left
        op = self._take().text
        right_col = self._next.col
        right = self._operand()
        if self._comes(*COMPARE):
            raise ConditionError(self._next.col, "only two things compare", "join two with `and`")
        return _compare(op, left, col, right, right_col)

    def _membership(self, left: Operand, col: int) -> Expr:
        negated = self._comes("not")
        if negated:
            self._take()
        self._expect("in")
        choices = self._list("[", "]", lambda: self._choice(left, col))
        if isinstance(left, Outcome):
            words = tuple(str(choice.value) for choice in choices)
            return OutcomeIs(left.step, left.scope, words, negated, left.col)
        return OneOf(left, tuple(choices), negated)

    def _list(self, opening: str, closing: str, item: Callable[[], _Item]) -> list[_Item]:
        self._expect(opening)
        items = [item()]
        while self._comes(","):
            self._take()
            items.append(item())
        self._expect(closing)
        return items

    def _choice(self, left: Operand, col: int) -> Constant:
        token = self._next
        choice = self._operand()
        if not isinstance(choice, Constant):
            raise ConditionError(token.col, "a list holds numbers or texts", "[1, 2] or ['a', 'b']")
        _check_types("==", left, col, choice, token.col)
        return choice

    def _operand(self) -> Operand:
        token = self._take()
        if token.kind == "number":
            return _number(token)
        if token.kind == "text":
            return Constant(token.text[1:-1])
        if token.kind == "word" and token.text not in KEYWORDS:
            return self._call(token) if self._comes("(") else _variable(token)
        if token.text == "(" and token.kind == "op":
            return self._bracket(token)
        hint = "such as clicked('teach') or account.engagement >= 40"
        raise ConditionError(token.col, f"there is nothing to ask before {token}", hint)

    def _bracket(self, token: _Token) -> Operand:
        self._deeper(token)
        expr = self._or()
        self._expect(")")
        self._depth -= 1
        return expr

    def _call(self, token: _Token) -> Operand:
        return _function(token, self._list("(", ")", lambda: self._argument(token)))

    def _argument(self, function: _Token) -> _Token:
        token = self._take()
        name = token.text[1:-1]
        if token.kind != "text" or not name.strip():
            hint = f"{function.text}('ring')"
            raise ConditionError(token.col, f"{function} wants a name in quotes", hint)
        return token._replace(text=name)


# --- Operands --------------------------------------------------------------------------------


def _number(token: _Token) -> Constant:
    whole, _, part = token.text.lstrip("-").partition(".")
    if len(whole) > 9 or len(part) > 6:
        hint = "at most 9 digits before the point and 6 after it"
        raise ConditionError(token.col, "the number has too many digits", hint)
    return Constant(float(token.text) + 0.0)  # no negative zero


def _variable(token: _Token) -> Variable:
    if token.text in VARIABLES:
        return Variable(token.text, token.col)
    if _is_function(token.text):
        hint = f"name a step: {token.text}('ring')"
    elif token.text.lower() in ("true", "false"):
        hint = "write clicked('ring') or not clicked('ring')"
    else:
        hint = nearest(token.text, list(VARIABLES))
    raise ConditionError(token.col, f"{token} is not known here", hint)


def _is_function(word: str) -> bool:
    scope, _, name = word.rpartition(".")
    return name in FUNCTIONS and scope in ("", *SCOPES)


def _function(token: _Token, names: list[_Token]) -> Operand:
    said, _, name = token.text.rpartition(".")
    if not _is_function(token.text):
        prefix = f"{said}." if said in SCOPES else ""
        raise ConditionError(
            token.col, f"{token} is not known here", nearest(name, [prefix + f for f in FUNCTIONS])
        )
    if len(names) > (2 if name == "happened" else 1):
        raise ConditionError(names[-1].col, f"{token} wants one name", f"{token.text}('ring')")
    scope: Scope = said or "own"  # type: ignore[assignment]
    if name == "happened":
        return _happened(token, scope, names)
    if name == "outcome":
        return _outcome(token, scope, names[0])
    return Event(name, names[0].text, scope, names[0].col)


def _outcome(token: _Token, scope: Scope, step: _Token) -> Outcome:
    if scope == "count":
        raise ConditionError(token.col, "outcomes are not counted", "write any. or all.")
    return Outcome(step.text, scope, step.col)


def _happened(token: _Token, scope: Scope, names: list[_Token]) -> Happened:
    if scope == "all":
        raise ConditionError(token.col, "happened has no `all.`", "write any. or count.")
    within = _within(names[1]) if names[1:] else None
    return Happened(names[0].text, within, scope, names[0].col)


def _within(token: _Token) -> Span:
    try:
        span = parse_span(token.text)
    except ValueError as error:
        raise ConditionError(token.col, str(error)) from None
    if not span.amount or span.unit in (Unit.BUSINESS_DAYS, Unit.BUSINESS_HOURS):
        raise ConditionError(token.col, "look back over hours, days or weeks", "such as '30d'")
    return span


# --- Types -----------------------------------------------------------------------------------


def _truth(expr: Operand, col: int) -> Expr:
    kind = type_of(expr)
    if isinstance(expr, Expr) and kind in (Type.TRUTH, Type.COUNT):
        return expr
    hint = f"{expr} == 'reached'" if kind is Type.OUTCOME else "compare it, as in x >= 40"
    raise ConditionError(col, f"this is {kind.value}, not true or false", hint)


def _compare(op: str, left: Operand, col: int, right: Operand, right_col: int) -> Expr:
    if isinstance(left, Constant) and isinstance(right, Outcome):
        left, col, right, right_col = right, right_col, left, col
    _check_types(op, left, col, right, right_col)
    if isinstance(left, Outcome) and isinstance(right, Constant):
        return OutcomeIs(left.step, left.scope, (str(right.value),), op == "!=", left.col)
    # An outcome compares with a word and with nothing else.
    assert isinstance(left, Expr)
    assert isinstance(right, Expr)
    return Compare(op, left, right)


def _check_types(op: str, left: Operand, col: int, right: Operand, right_col: int) -> None:
    one, other = _comparable(left, col), _comparable(right, right_col)
    if one is Type.OUTCOME and isinstance(right, Constant) and op in ("==", "!="):
        _check_outcome(right.value, right_col)
    elif one is not other:
        raise ConditionError(right_col, f"{other.value} is compared with {one.value}")
    elif one is not Type.NUMBER and op not in ("==", "!="):
        raise ConditionError(right_col, f"{one.value} has no order", "compare it by == or !=")
    elif one is Type.OUTCOME:
        raise ConditionError(right_col, "an outcome is compared with a word", ", ".join(OUTCOMES))


def _comparable(expr: Operand, col: int) -> Type:
    kind = type_of(expr)
    if kind is Type.TRUTH:
        raise ConditionError(col, f"{expr} is true or false already", "leave the comparison out")
    return Type.NUMBER if kind is Type.COUNT else kind


def _check_outcome(word: str | float, col: int) -> None:
    if word in OUTCOMES:
        return
    ending = OUTCOME_OF_DISPOSITION.get(str(word))
    hint = f"a task that ended so is '{ending}'" if ending else nearest(str(word), OUTCOMES)
    raise ConditionError(col, f"'{word}' is not the outcome of a step", hint)
