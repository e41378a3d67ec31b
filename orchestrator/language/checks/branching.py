"""Branches: conditions for all but the last, and nobody asks what a choice has reached."""

from __future__ import annotations

from orchestrator.conditions import OutcomeIs
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.steps import MOST_STEPS, OTHERWISE
from orchestrator.terms import Kind


def check_branches(case: Case) -> None:
    """Every branch but `otherwise` has a condition, and `otherwise` stands last."""
    for one in case.steps:
        branches = one.form.get(Kind.CHOOSE) or {}
        for number, (name, branch) in enumerate(branches.items(), start=1):
            if name != OTHERWISE and not branch.node.get("when"):
                message = f"the branch '{name}' has no condition"
                hint = f"say when it is taken; the one of all others is called {OTHERWISE}"
                case.add(branch.node, Code.BRANCHES, message, hint)
            elif name == OTHERWISE and "when" in branch:
                hint = "leave its condition out, or call it something else"
                message = f"'{OTHERWISE}' is taken when no other branch is"
                case.add(branch.at("when"), Code.BRANCHES, message, hint)
            if name == OTHERWISE and number < len(branches):
                message = f"nothing comes after '{OTHERWISE}': it is taken first"
                case.add(name, Code.BRANCHES, message, "let it be the last")


def check_choices_asked(case: Case) -> None:
    """A choice ends as the branch that it took, and reaches nobody."""
    for _, part, at in case.conditions:
        other = case.graph.steps.get(part.step) if isinstance(part, OutcomeIs) else None
        if other and other.step.kind is Kind.CHOOSE:
            message = f"'{other.step.id}' chooses, and is neither reached nor missed"
            case.add(at, Code.NEVER_TRUE, message, "put the step into a branch of it")


def check_number(case: Case) -> None:
    """The steps of all branches together are not too many."""
    if case.draft.listed > MOST_STEPS:
        message = f"{case.draft.listed} steps, those in branches included; {MOST_STEPS} are allowed"
        case.add(case.form.at("steps"), Code.WRONG_COUNT, message)
