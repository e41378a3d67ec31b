"""A playbook as it was written, in the words of the plan: what checks look at.

Names are Words, so that a check can point at them; defaults are filled in. What could not be read
is left out or empty, and its form is not `sound`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

from orchestrator.calendar import parse_span
from orchestrator.language.relations import ALL
from orchestrator.language.shapes import Form, Word
from orchestrator.language.source import Node
from orchestrator.language.steps import KINDS, TASKS
from orchestrator.terms import (
    REACHES_PERSON,
    After,
    Branch,
    Kind,
    Reach,
    Seat,
    Step,
    Variant,
    Within,
)

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
    """A playbook beside its form, the steps of all branches in one row, as they were written.

    `names` and `ids` hold those of unreadable steps, too; `listed` is how many steps there are.
    """

    form: Form
    names: tuple[Word, ...]  # the ids as they were written
    ids: frozenset[str]
    seats: Mapping[str, Seat]  # keys are Words
    steps: tuple[StepDraft, ...]
    listed: int


def draft(form: Form) -> Draft:
    """Read the form of a whole playbook."""
    seats = {name: _seat(name, seat) for name, seat in form.get("committee", {}).items()}
    listed: list[_Listed] = []
    _list(form, After(), None, listed)
    steps = tuple(_step(one, one.form, seats) for one in listed if one.form)
    names = tuple(name for one in listed for name in _id(one.node))
    return Draft(form, names, frozenset(names), seats, steps, len(listed))


class _Listed(NamedTuple):
    """A step as it stands in its list: what it follows there, and in whose branch that is."""

    node: Node
    form: Form | None  # None: it could not be read
    above: After
    within: Within | None


def _list(form: Form, above: After, within: Within | None, listed: list[_Listed]) -> After:
    """Add the steps under a form, and those in their branches; what a step below them follows."""
    forms = {id(step.node): step for step in form.get("steps", ())}
    for node in form.at("steps").items:
        step = forms.get(id(node))
        listed.append(_Listed(node, step, above, within))
        above = After(tuple(_id(node)))
        if step and (branches := step.get(Kind.CHOOSE)):
            ends = [
                _list(branch, above, Within(step.get("id", ""), name), listed).steps
                for name, branch in branches.items()
            ]
            above = After(tuple(dict.fromkeys(chain(*ends))))
    return above


def _id(node: Node) -> Iterable[Word]:
    named = node.get("id")
    return (Word(named.text, named),) if named and named.text else ()


def _seat(name: str, form: Form) -> Seat:
    return Seat(name, form.get("role", ""), form.get("persona", ""), form.get("at_most", 1))


def _step(listed: _Listed, form: Form, seats: Mapping[str, Seat]) -> StepDraft:
    kind = next(kind for kind in KINDS if form.node.get(kind))
    told = form.get(kind)
    body = told if isinstance(told, Form) else Form(form.node, {}, sound=told is not None)
    attempts = form.get("attempts")
    step = Step(
        id=form.get("id", ""),
        kind=kind,
        reach=_reach(body.get("to", Reach()), kind, seats),
        after=form.get("after", listed.above),
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
        branches=tuple(_branches(form)),
        within=listed.within,
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


def _branches(form: Form) -> Iterator[Branch]:
    for name, branch in (form.get(Kind.CHOOSE) or {}).items():
        yield Branch(name, branch.get("when"))


def _title(step: Step) -> str:
    """What a rep reads on a task whose author gave it no title."""
    if step.kind not in TASKS:
        return ""
    if step.kind is Kind.TODO:
        return step.text.partition("\n")[0][:200]
    verb = " ".join(filter(None, (VERBS[step.kind], step.audience)))
    return f"{verb}: {step.id.replace('-', ' ').replace('_', ' ')}"
