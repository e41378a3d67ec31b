"""The graph of steps: no circles, nothing that never begins, results only of what came before."""

from __future__ import annotations

from itertools import pairwise

from accounts.nearest import FEW
from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.draft import StepDraft
from orchestrator.language.findings import Place
from orchestrator.language.shapes import Word
from orchestrator.terms import How, Kind, Step


def check_self(case: Case) -> None:
    """No step waits for itself."""
    for one in case.steps:
        for name in one.step.after.steps:
            if name == one.step.id and "after" in one.form:
                message = f"'{name}' waits for itself"
                hint = "to try again there is `attempts`; without `after` it follows the step above"
                case.add(_at_after(one, name), Code.SELF, message, hint)


def check_circles(case: Case) -> None:
    """No steps wait for each other."""
    for tangle in case.graph.tangles():
        circle = case.graph.circle(tangle[0])
        one = case.graph.steps[circle[0]]
        told = [f"'{id_}' waits for '{name}'" for id_, name in pairwise([*circle, circle[0]])]
        more = [f"and so on over {len(told)} steps"] if len(told) > FEW else []
        message = "steps in a circle: " + ", ".join(told[:FEW] + more)
        hint = "there is no way back in a play; to try again there is `attempts`"
        case.add(_at_after(one, circle[1]), Code.CYCLE, message, hint)


def check_reachable(case: Case) -> None:
    """Nothing waits for what can never end."""
    stuck, roots = case.graph.stuck(), _roots(case)
    for id_ in stuck - roots:
        for name in (roots & stuck).intersection(case.graph.after[id_]):
            message = f"'{id_}' can never begin: it waits for '{name}', which never ends"
            at = _at_after(case.graph.steps[id_], name)
            case.add(at, Code.UNREACHABLE, message, f"mend what '{name}' waits for")


def _roots(case: Case) -> set[str]:
    """Steps that wait for themselves, be it over others."""
    tangled = {id_ for tangle in case.graph.tangles() for id_ in tangle}
    return tangled | {id_ for id_, after in case.graph.after.items() if id_ in after}


def check_ends(case: Case) -> None:
    """Only ads that run for a time have an end."""
    for one in case.steps:
        for name in one.step.after.ended:
            other = case.graph.steps.get(name)
            if other and other.body.sound and not _has_end(other.step):
                message = f"'{name}' has no end beside its being done"
                hint = f"write `after: {name}`, or give its ads a time: `for: 6w`"
                case.add(_at_after(one, name), Code.NO_END, message, hint)


def _has_end(step: Step) -> bool:
    return step.kind is Kind.ADS and step.lasts is not None


def check_results(case: Case) -> None:
    """A step asks only for what came before it."""
    for one, part, at in case.conditions:
        step = getattr(part, "step", None)
        if step in case.draft.ids and not case.graph.is_before(step, one.step.id):
            _not_before(case, one, step, at)


def check_contact_of(case: Case) -> None:
    """`ring.contact` is the one person whom a step before has reached."""
    for one in case.steps:
        reach = one.step.reach
        if reach.how is not How.STEP or reach.step not in case.draft.ids:
            continue
        at = one.body.at("to")
        if not case.graph.is_before(reach.step, one.step.id, surely=True):
            _not_before(case, one, reach.step, at)
        elif (other := case.graph.steps.get(reach.step)) and other.body.sound:
            _one_person(case, other.step, at)


def _one_person(case: Case, step: Step, at: Place) -> None:
    if step.reach.how is How.ACCOUNT:
        message, hint = f"'{step.id}' reaches no person, only the account", "name a seat"
        case.add(at, Code.MANY_PEOPLE, message, hint)
    elif step.reach.how is How.EACH and _places(case, step) > 1:
        message = f"'{step.id}' may reach several people: whose {step.id}.contact is it?"
        first = f"{{first: [{', '.join(step.reach.seats[:3])}]}}"
        hint = f"let '{step.id}' reach {first}, or name a seat here"
        case.add(at, Code.MANY_PEOPLE, message, hint)


def _places(case: Case, step: Step) -> int:
    """How many people the step reaches at most; a seat that is not there counts one."""
    seats = (case.draft.seats.get(name) for name in step.reach.seats)
    return sum(seat.at_most if seat else 1 for seat in seats)


def _not_before(case: Case, one: StepDraft, step: str, at: Place) -> None:
    if step == one.step.id:
        message, hint = f"'{step}' asks for its own result", "ask for that of a step before it"
    else:
        message = f"'{step}' need not have ended when '{one.step.id}' begins"
        hint = f"let it come before: after: [{step}]"
    case.add(at, Code.NOT_BEFORE, message, hint)


def _at_after(one: StepDraft, name: str) -> Place:
    """Where the step says that it waits for `name`, or the step that says nothing about it."""
    if "after" not in one.form:
        return one.form.node
    return next(
        (w for w in one.step.after.steps if w == name and isinstance(w, Word)), one.form.node
    )
