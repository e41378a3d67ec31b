"""Steps that were called otherwise before."""

from __future__ import annotations

from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.shapes import Word


def check_was(case: Case) -> None:
    """`was` names a step that is no more, and no two steps were the same one."""
    claimed: dict[str, str] = {}
    for one in case.steps:
        was = one.step.was
        if not isinstance(was, Word):
            continue
        if was in case.draft.ids:
            message = f"'{was}' is a step of this playbook, so no other one can have been it"
            case.add(was, Code.WAS, message, "name the id that the step had before it was renamed")
        elif was in claimed:
            message = f"'{claimed[was]}' was called '{was}' already"
            case.add(was, Code.WAS, message, "only one step can be the old one; take one away")
        claimed.setdefault(was, one.step.id)
