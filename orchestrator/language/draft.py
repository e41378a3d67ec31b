"""A playbook as it was written, in the words of the plan: what checks look at.

Names are Words, so that a check can point at them; defaults are filled in. What could not be read
is left out or empty, and its form is not `sound`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from orchestrator.calendar import parse_span
from orchestrator.language.relations import ALL
from orchestrator.language.schema import MOST_STEPS
from orchestrator.language.shapes import Form, Word
from orchestrator.language.source import Node
from orchestrator.language.steps import KINDS, TASKS
from orchestrator.terms import REACHES_PERSON, After, Kind, Reach, Seat, Step, Variant

AT_ONCE = parse_span("0 minutes")
VERBS = {
    Kind.ADS: "Ads on",
    Kind.CONTENT: "Publish",
    Kind.DIRECT_MAIL: "Send post",
    Kind.CALL: "Call",
    Kind.SOCIAL: "Social touch",
    Kind.PERSONAL_MAIL: "Write a personal mail",
    Kind.HAND_OFF: "Take over the account",
    Kind.HAND_BACK: "Take the account back",
}


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step of the plan beside the form that it was read from."""

    step: Step
    form: Form
    body: Form  # the map under its kind


@dataclass(frozen=True, slots=True)
class Draft:
    """A playbook beside its form. `names` and `ids` hold those of unreadable steps, too."""

    form: Form
    names: tuple[Word, ...]  # the ids as they were written
    ids: frozenset[str]
    seats: Mapping[str, Seat]  # keys are Words
    steps: tuple[StepDraft, ...]


def draft(form: Form) -> Draft:
    """Read the form of a whole playbook."""
    seats = {name: _seat(name, seat) for name, seat in form.get("committee", {}).items()}
    forms = {id(step.node): step for step in form.get("steps", ())}
    steps, above = [], After()
    for node in form.at("steps").items[:MOST_STEPS]:
        if id(node) in forms:
            steps.append(_step(forms[id(node)], above, seats))
        above = After(tuple(_id(node)))
    names = tuple(name for node in form.at("steps").items for name in _id(node))
    return Draft(form, names, frozenset(names), seats, tuple(steps))


def _id(node: Node) -> Iterable[Word]:
    named = node.get("id")
    return (Word(named.text, named),) if named and named.text else ()


def _seat(name: str, form: Form) -> Seat:
    return Seat(name, form.get("role", ""), form.get("persona", ""), form.get("at_most", 1))


def _step(form: Form, above: After, seats: Mapping[str, Seat]) -> StepDraft:
    kind = next(kind for kind in KINDS if form.node.get(kind))
    body: Form = form.get(kind) or Form(form.node, {}, sound=False)
    attempts = form.get("attempts")
    step = Step(
        id=form.get("id", ""),
        kind=kind,
        reach=_reach(body.get("to", Reach()), kind, seats),
        after=form.get("after", above),
        wait=form.get("wait", AT_ONCE),
        variants=tuple(_variants(form, body)),
        when=form.get("when"),
        due=form.get("due"),
        max_lateness=form.get("max_lateness"),
        attempts=attempts.get("at_most", 1) if attempts else 1,
        every=attempts.get("every") if attempts else None,
        overdue=tuple(form.get("overdue", ())),
        by=form.get("by", body.get("who", "")),
        sender=form.get("from", ""),
        approve=form.get("approve", ""),
        always=form.get("clock") == "always",
        answer=form.get("answer", False),
        join=form.get("join", True),
        text=body.get("text", ""),
        url=body.get("url", ""),
        audience=body.get("audience", ""),
        lasts=body.get("for"),
        until=body.get("until"),
        at_most=body.get("at_most"),
        line=form.node.line,
    )
    return StepDraft(replace(step, title=form.get("title") or _title(step)), form, body)


def _reach(reach: Reach, kind: Kind, seats: Mapping[str, Seat]) -> Reach:
    """`all` means every seat; for what reaches no person, the account as a whole."""
    if reach.seats != (ALL,):
        return reach
    everybody = kind in REACHES_PERSON or kind is Kind.TODO
    return replace(reach, seats=tuple(seats)) if everybody else Reach()


def _variants(form: Form, body: Form) -> Iterator[Variant]:
    own = body.get("template") or body.get("script") or ""
    for name, arm in form.get("split", {}).items():
        template = arm.get("template") or arm.get("script") or own
        yield Variant(name, template, arm.get("weight", 1))
    if not form.get("split"):
        yield Variant("", own)


def _title(step: Step) -> str:
    """What a rep reads on a task whose author gave it no title."""
    if step.kind not in TASKS:
        return ""
    if step.kind is Kind.TODO:
        return step.text.partition("\n")[0][:200]
    verb = " ".join(filter(None, (VERBS[step.kind], step.audience)))
    return f"{verb}: {step.id.replace('-', ' ').replace('_', ' ')}"
