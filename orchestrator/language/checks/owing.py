"""What a playbook promises, against what both teams agreed to owe."""

from __future__ import annotations

from datetime import UTC, datetime, time

from orchestrator.calendar import Hours, Span, add
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import Kind, Step

# Lengths in different units are compared from a Monday morning on, in a usual week.
_MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
_WEEK = Hours(time(9), time(17), frozenset(range(5)), "UTC")


def check_hand_off(case: Case, words: Vocabulary) -> None:
    """A hand-off leaves no more time than the agreement, to accounts of any tier that get it."""
    for one in case.steps if words.taken_up else ():
        due = one.form.written("due")
        if one.step.kind is not Kind.HAND_OFF or due is None:
            continue
        slow = [
            f"{agreed} for {f'tier {tier}' if tier else 'all others'}"
            for tier, agreed in sorted(words.taken_up.items())
            if _is_for(case, one.step, tier, words) and _lasts(due) > _lasts(agreed)
        ]
        if slow:
            message = f"{due} is longer than sales owes by the agreement: {', '.join(slow)}"
            hint = "leave `due` out: then the agreement's time holds; or give less"
            case.add(one.form.at("due"), Code.LATE_HAND_OFF, message, hint)


def _is_for(case: Case, step: Step, tier: int, words: Vocabulary) -> bool:
    """Whether some account of the tier gets the step; 0 are those that the agreement leaves out."""
    audience = case.form.get("for")
    all_ = {*(audience.get("tiers", ()) if audience else ())}
    there = {*step.tiers} & all_ or {*step.tiers} or all_
    return not there or tier in there or (not tier and not there <= words.taken_up.keys())


def _lasts(span: Span) -> datetime:
    return add(_MONDAY, span, _WEEK)
