"""What `when:` says: text -> expression tree -> the kinds it needs, and its truth. Pure.

    any.clicked('teach') or account.engagement >= 40
    outcome('ring') in ['not_reached', 'not_done'] and not happened('visit', '30d')

A party's own facts are meant unless a scope is said: `any.`, `all.` or `count.`. Expressions are
checked when they are parsed, so that evaluating one cannot fail. Two are equal if they say the
same, however they were spaced; `str()` gives text that parses to an equal expression.
"""

from orchestrator.conditions.reading import parse
from orchestrator.conditions.tree import (
    Event,
    Expr,
    Happened,
    OneOf,
    OutcomeIs,
    Variable,
    View,
    evaluate,
    needs,
    steps_named,
    walk,
    with_steps,
)
from orchestrator.conditions.words import EVENTS, NO_CONTACT, OUTCOMES, VARIABLES, ConditionError

__all__ = [
    "EVENTS",
    "NO_CONTACT",
    "OUTCOMES",
    "VARIABLES",
    "ConditionError",
    "Event",
    "Expr",
    "Happened",
    "OneOf",
    "OutcomeIs",
    "Variable",
    "View",
    "evaluate",
    "needs",
    "parse",
    "steps_named",
    "walk",
    "with_steps",
]
