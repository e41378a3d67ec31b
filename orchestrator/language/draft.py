"""A playbook as it was written, in the words of the plan: what checks look at.

Names are Words, so that a check can point at them; defaults are filled in. What could not be read
is left out or empty, and its form is not `sound`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from orchestrator.calendar import parse_span
from orchestrator.language.by_tier import KEYS, told
from orchestrator.language.groups import Includer
from orchestrator.language.relations import ALL
from orchestrator.language.shapes import Form, Word
from orchestrator.language.source import Node
from orchestrator.language.steps import INCLUDED, KINDS, MOST_STEPS, TASKS
from orchestrator.terms import (
    REACHES_PERSON,
    After,
    At,
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


def draft(form: Form, includer: Includer) -> Draft:
    """Read the form of a whole playbook, with the groups that it includes."""
    seats = {name: _seat(name, seat) for name, seat in form.get("committee", {}).items()}
    return drafted(form, seats, includer)


def drafted(
    form: Form, seats: Mapping[str, Seat], includer: Includer, groups: tuple[str, ...] = ()
) -> Draft:
    """The steps of a form, be it a playbook's or that of one of its `groups`."""
    reading = _Reading(includer)
    reading.list(form, _Place(groups=groups), After())
    listed = reading.listed
    dates = form.get("dates", {})
    names = tuple(name for one in listed for name in _id(one.node))
    ends = {id_: steps for id_, steps in reading.ends.items() if id_ not in names}
    steps = tuple(_step(one, one.form, seats, dates, ends) for one in listed if one.form)
    return Draft(form, names, frozenset(names), seats, steps, len(listed))


class _Place(NamedTuple):
    """Where steps are listed: in whose branch, in which groups, and what the group waits for."""

    within: Within | None = None
    groups: tuple[str, ...] = ()
    start: After = After()


class _Listed(NamedTuple):
    """A step as it stands in its list, and what it follows there."""

    node: Node
    form: Form | None  # None: it could not be read
    above: After
    place: _Place


@dataclass(slots=True)
class _Reading:
    """Lists the steps of a playbook, of its branches and of its groups in one row."""

    includer: Includer
    listed: list[_Listed] = field(default_factory=list)
    ends: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of includes: their last steps

    def list(self, form: Form, place: _Place, above: After) -> After:
        """Add the steps under a form; what a step below them follows."""
        forms = {id(step.node): step for step in form.get("steps", ())}
        for node in form.at("steps").items:
            step = forms.get(id(node))
            if step and step.node.get(INCLUDED) is not None:  # it may be unreadable
                above = self._include(step, place, above)
                continue
            self.listed.append(_Listed(node, step, above, place))
            above = After(tuple(_id(node)))
            if step and (branches := step.get(Kind.CHOOSE)):
                above = self._branches(step, branches, place, above)
        return above

    def _branches(
        self, step: Form, branches: Mapping[str, Form], place: _Place, above: After
    ) -> After:
        ends = [
            self.list(branch, place._replace(within=Within(step.get("id", ""), name)), above).steps
            for name, branch in branches.items()
        ]
        return After(tuple(dict.fromkeys(chain(*ends))))

    def _include(self, include: Form, place: _Place, above: After) -> After:
        """The steps of a group, as if they stood here; they begin with what it waits for."""
        start = ended(include.get("after", above), self.ends)
        too_many = len(self.listed) > MOST_STEPS  # which is told once, of the whole playbook
        group = None if too_many else self.includer.steps(include, place.groups)
        end = above
        if group is not None:
            groups = (*place.groups, include["include"])
            end = self.list(group, place._replace(groups=groups, start=start), start)
        self.ends[include.get("id", "")] = end.steps
        return end


def ended(after: After, ends: Mapping[str, tuple[str, ...]]) -> After:
    """The same with the last steps of each include in the place of its id."""
    steps = chain.from_iterable(ends.get(name, (name,)) for name in after.steps)
    return replace(after, steps=tuple(dict.fromkeys(steps)))


def _id(node: Node) -> Iterable[Word]:
    named = node.get("id")
    return (Word(named.text, named),) if named and named.text else ()


def _seat(name: str, form: Form) -> Seat:
    return Seat(name, form.get("role", ""), form.get("persona", ""), form.get("at_most", 1))


def _step(
    listed: _Listed,
    form: Form,
    seats: Mapping[str, Seat],
    dates: Mapping[str, str],
    ends: Mapping[str, tuple[str, ...]],
) -> StepDraft:
    kind = next(kind for kind in KINDS if form.node.get(kind))
    does = form.get(kind)
    body = does if isinstance(does, Form) else Form(form.node, {}, sound=does is not None)
    attempts = form.get("attempts")
    step = Step(
        id=form.get("id", ""),
        kind=kind,
        reach=_reach(body.get("to", Reach()), kind, seats),
        after=ended(_after(listed, form), ends),
        wait=form.get("wait", AT_ONCE),
        variants=tuple(_variants(form, body)),
        when=form.get("when"),
        # The agreement says how soon sales takes up an account, where the step does not.
        due=form.written("due") if kind is Kind.HAND_OFF else form.get("due"),
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
        url=body.get("url", body.get("link", "")),
        audience=body.get("audience", ""),
        lasts=body.get("for"),
        until=body.get("until"),
        at_most=body.get("at_most"),
        branches=tuple(_branches(form)),
        within=listed.place.within,
        at=_at(form.get("at"), dates),
        tiers=tuple(sorted(only.get("tiers", ()))) if (only := form.get("only")) else (),
        was=form.get("was", ""),
        cost=form.get("cost"),
        away=form.get("away", "cover"),
        line=form.node.line,
    )
    return StepDraft(replace(step, title=form.get("title") or _title(step)), form, body)


def _after(listed: _Listed, form: Form) -> After:
    """What a step waits for; `[]` within a group is what the group waits for."""
    above = After() if "at" in form else listed.above
    after: After = form.get("after", above)
    return after if after.steps else listed.place.start


def _at(at: At | None, dates: Mapping[str, str]) -> At | None:
    """With its date, as far as there is one."""
    return at and replace(at, on=dates.get(at.name, ""))


def _reach(reach: Reach, kind: Kind, seats: Mapping[str, Seat]) -> Reach:
    """`all` means every seat; for what reaches no person, the account as a whole."""
    if reach.seats != (ALL,):
        return reach
    everybody = kind in REACHES_PERSON or kind is Kind.TODO
    return replace(reach, seats=tuple(seats)) if everybody else Reach()


def _variants(form: Form, body: Form) -> Iterator[Variant]:
    own = told(body)
    for name, arm in form.get("split", {}).items():
        template, tiers = told(arm) if {*KEYS} & {*arm.values} else own
        yield Variant(name, template, arm.get("weight", 1), tiers)
    if not form.get("split"):
        yield Variant("", own[0], tiers=own[1])


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
