"""Random edits of a play: steps are renamed, retimed, put in another order, added, taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from orchestrator.calendar import parse_span
from orchestrator.conditions import Expr, parse, steps_named, with_steps
from orchestrator.terms import Branch, How, Kind, Plan, Step, Within
from tests.planner import plans
from tests.scenarios.plays import SEATS, WAITS

Names = Mapping[str, str]
NEVER = parse("account.fit > 9")


@st.composite
def edits(draw: Any, plan: Plan) -> tuple[Plan, Names]:
    """Another version of the plan, and which of its steps were called otherwise before."""
    steps, names = list(plan.steps), dict[str, str]()
    for _ in range(draw(st.integers(0, 4))):
        edit = draw(st.sampled_from((_rename, _retime, _reorder, _add, _add, _remove)))
        edit(draw, steps, names)
    fitting = tuple(_fit(steps))
    with_was = draw(st.booleans())
    back = {now: was for was, now in names.items()} if with_was else {}
    made = replace(plan, steps=tuple(replace(s, was=back.get(s.id, "")) for s in fitting))
    return made, {} if with_was else {was: now for was, now in names.items() if now in made.by_id}


def _rename(draw: Any, steps: list[Step], names: dict[str, str]) -> None:
    old = draw(st.sampled_from(steps)).id
    if not old.startswith("s"):
        return
    new = f"r{old}"
    names[old] = new
    steps[:] = [_called(step, {old: new}) for step in steps]


def _called(step: Step, names: Names) -> Step:
    def one(id_: str) -> str:
        return names.get(id_, id_)

    def asked(expr: Expr | None) -> Expr | None:
        return with_steps(expr, one) if expr else None

    return replace(
        step,
        id=one(step.id),
        after=replace(step.after, steps=tuple(map(one, step.after.steps))),
        reach=replace(step.reach, step=one(step.reach.step)),
        when=asked(step.when),
        until=asked(step.until),
        branches=tuple(Branch(branch.name, asked(branch.when)) for branch in step.branches),
        within=step.within and Within(one(step.within.choose), step.within.branch),
    )


def _retime(draw: Any, steps: list[Step], names: dict[str, str]) -> None:
    place = draw(st.integers(0, len(steps) - 1))
    wait, late = draw(st.sampled_from(WAITS)), draw(st.sampled_from(("1h", "2d", "90d")))
    steps[place] = replace(steps[place], wait=parse_span(wait), max_lateness=parse_span(late))


def _reorder(draw: Any, steps: list[Step], names: dict[str, str]) -> None:
    steps[:] = draw(st.permutations(steps))


def _add(draw: Any, steps: list[Step], names: dict[str, str]) -> None:
    place, id_ = draw(st.integers(0, len(steps))), f"n{len(steps)}"
    if any(step.id == id_ for step in steps):
        return
    above = [step.id for step in steps[:place]]
    ways = [Within(step.id, branch.name) for step in steps[:place] for branch in step.branches]
    options: dict[str, Any] = {
        "after": draw(st.lists(st.sampled_from(above), max_size=2, unique=True)) if above else [],
        "wait": draw(st.sampled_from(WAITS)),
        "max_lateness": draw(st.sampled_from(("1h", "2d", "90d"))),
        "within": draw(st.sampled_from((None, *ways))),
    }
    kind = draw(st.sampled_from(("email", "call", "todo", "wait_for", "choose")))
    if kind in ("wait_for", "choose") and not above:
        kind = "todo"
    if kind == "wait_for":
        options |= {"until": f"any.clicked('{above[0]}')", "at_most": "2d"}
    elif kind == "choose":
        options["branches"] = (
            Branch("hot", parse(f"any.clicked('{above[0]}')")), Branch("otherwise"),
        )  # fmt: skip
    elif kind == "email":
        options["variants"] = (id_,)
    seats = () if kind in ("todo", "wait_for", "choose") else (draw(st.sampled_from([*SEATS])),)
    steps.insert(place, plans.step(id_, kind, *seats, **options))
    for number in range(place + 1, len(steps)):  # what comes below may wait for it
        if draw(st.integers(0, 2)) == 0:
            after = steps[number].after
            more = replace(after, steps=(*after.steps, id_))
            steps[number] = replace(steps[number], after=more)
        if kind == "choose" and draw(st.integers(0, 2)) == 0:
            steps[number] = replace(steps[number], within=Within(id_, "hot"))


def _remove(draw: Any, steps: list[Step], names: dict[str, str]) -> None:
    if len(steps) > 1:
        del steps[draw(st.integers(0, len(steps) - 1))]


def _fit(steps: Iterable[Step]) -> Iterable[Step]:
    """The steps, without what they say of steps that do not come before them."""
    above: dict[str, Step] = {}
    for step in steps:
        sure = _before(above, step)
        within = step.within
        if within and within.choose in above:
            ways = {branch.name for branch in above[within.choose].branches}
            within = within if within.branch in ways else None
        else:
            within = None
        fit = replace(
            step,
            after=replace(step.after, steps=tuple(i for i in step.after.steps if i in above)),
            within=within,
            when=_if_asked(step.when, sure),
            until=step.until and (_if_asked(step.until, sure) or NEVER),
            branches=tuple(
                Branch(one.name, one.when and (_if_asked(one.when, sure) or NEVER))
                for one in step.branches
            ),
        )
        if step.reach.how is How.STEP and step.reach.step not in sure:
            continue
        above[step.id] = fit
        yield fit


def _before(above: Mapping[str, Step], step: Step) -> set[str]:
    found = {id_ for id_ in step.priors if id_ in above}
    for id_ in (queue := [*found]):
        fresh = [one for one in above[id_].priors if one not in found]
        found.update(fresh)
        queue += fresh
    return found


def _if_asked(expr: Expr | None, sure: set[str]) -> Expr | None:
    return expr if expr and steps_named(expr) <= sure else None


def is_silent(step: Step) -> bool:
    """Whether a step touches nobody and is done by nobody."""
    return step.kind in (Kind.WAIT_FOR, Kind.CHOOSE)
