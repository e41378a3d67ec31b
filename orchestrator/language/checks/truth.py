"""Conditions that no facts make true, or that all do, and branches that are never taken."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.conditions import Expr, Variable, walk
from orchestrator.conditions.tree import Chain, Compare, Constant, Not, OneOf
from orchestrator.language.checks.case import Case, asked
from orchestrator.language.checks.worlds import TIERS, answers
from orchestrator.language.codes import Code
from orchestrator.language.draft import StepDraft
from orchestrator.language.findings import shown
from orchestrator.language.steps import OTHERWISE
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Kind


def check_truth(case: Case) -> None:
    """A condition can be true, and can be false."""
    for one in case.steps:
        for condition, node in asked(one):
            said = answers(condition, tiers_of(case, one))
            if said == {False}:
                message = f"'{shown(str(condition))}' can never be true"
                hint = "look at its numbers, or take out what it decides about"
                case.add(node, Code.SENSELESS, message, hint)
            elif said == {True}:
                message = f"'{shown(str(condition))}' is true of everybody"
                case.add(node, Code.SENSELESS, message, "leave it out, or ask for something else")


def tiers_of(case: Case, one: StepDraft) -> Sequence[float]:
    """The tiers that an account may have which takes the step."""
    audience = case.form.get("for")
    told = one.step.tiers or (audience and audience.get("tiers")) or ()
    return tuple(map(float, told)) or TIERS


def check_taken(case: Case) -> None:
    """No branch is for accounts that those above it take already."""
    for one in case.steps:
        above: list[Expr] = []
        for name, branch in (one.form.get(Kind.CHOOSE) or {}).items():
            when = branch.get("when")
            if name != OTHERWISE and when is None:
                break  # told before
            if above and _is_shadowed(above, when, tiers_of(case, one)):
                what = "what it asks for is" if when else "every account is"
                message = f"the branch '{name}' is never taken: {what} taken above it"
                hint = "put it above" if when else "leave it out"
                case.add(name, Code.SHADOWED, message, f"{hint}, or ask for less there")
            above += [when] if when else []


def _is_shadowed(above: list[Expr], when: Expr | None, tiers: Sequence[float]) -> bool:
    """Whether nothing is left for a branch, although each of those above leaves something."""
    rest: Expr = Not(Chain("or", tuple(above)))
    if any(answers(one, tiers) == {True} for one in above) or (
        when and True not in answers(when, tiers)
    ):
        return False  # told of that condition itself
    return answers(Chain("and", (rest, when)) if when else rest, tiers) == {False}


def check_words_asked(case: Case, words: Vocabulary) -> None:
    """Conditions name roles and personas that there are: no other one ever holds."""
    known = {"contact.role": words.roles, "contact.persona": words.personas}
    for one in case.steps:
        for condition, node in asked(one):
            for part in walk(condition):
                for path, word in _compared(part):
                    if word and path in known and word not in known[path]:
                        message = f"there is no {path.partition('.')[2]} '{shown(word)}'"
                        case.unknown(node, Code.SENSELESS, message, word, known[path])


def _compared(part: Expr) -> list[tuple[str, str]]:
    """The variable of a comparison with each text that it is compared with."""
    match part:
        case Compare("==" | "!=", Variable(path), Constant(str(word))):
            return [(path, word)]
        case OneOf(Variable(path), choices):
            return [(path, one.value) for one in choices if isinstance(one.value, str)]
    return []
