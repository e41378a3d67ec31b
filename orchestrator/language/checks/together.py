"""Which steps may run in one play: not those of two ways, two tiers, or conditions at odds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from orchestrator.conditions import Expr
from orchestrator.conditions.tree import Chain, Not
from orchestrator.language.checks.case import Case
from orchestrator.language.checks.truth import tiers_of
from orchestrator.language.checks.worlds import answers
from orchestrator.language.draft import StepDraft
from orchestrator.terms import Step, Within


def is_certain(one: StepDraft) -> bool:
    """Whether nothing but the end of the play keeps the step from running."""
    step = one.step
    return not (step.when or step.within or step.tiers)


def can_meet(case: Case, group: Sequence[StepDraft]) -> bool:
    """Whether some account runs all of these steps, as far as what they ask for at once tells."""
    ways: dict[str, str] = {}
    for one in group:
        for within in _withins(case, one.step):
            if ways.setdefault(within.choose, within.branch) != within.branch:
                return False
    tiers = set.intersection(*({*tiers_of(case, one)} for one in group))
    asked = [*dict.fromkeys(_asked(case, group, ways))]
    if not tiers or not asked:
        return bool(tiers)
    whole = Chain("and", tuple(asked)) if len(asked) > 1 else asked[0]
    return True in answers(whole, sorted(tiers))


def _withins(case: Case, step: Step) -> Iterator[Within]:
    """The branch of a step, the one in which that stands, and so on."""
    seen: set[str] = set()
    while step.within and step.within.choose not in seen:
        seen.add(step.within.choose)
        yield step.within
        outer = case.graph.steps.get(step.within.choose)
        step = outer.step if outer else step


def _asked(case: Case, group: Sequence[StepDraft], ways: dict[str, str]) -> Iterator[Expr]:
    """What has to hold for all of them: their own conditions, and those of their branches."""
    for one in group:
        if one.step.when:
            yield one.step.when
    for choose, taken in ways.items():
        outer = case.graph.steps.get(choose)
        for branch in outer.step.branches if outer else ():
            if branch.when:
                yield branch.when if branch.name == taken else Not(branch.when)
            if branch.name == taken:
                break
