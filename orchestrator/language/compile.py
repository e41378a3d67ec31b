"""A draft without errors -> the plan that runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from orchestrator.conditions import Expr, needs
from orchestrator.language.canonical import canonical, from_canonical
from orchestrator.language.draft import Draft
from orchestrator.language.limits import caps_of
from orchestrator.language.shapes import Form
from orchestrator.language.vocabulary import Vocabulary
from orchestrator.terms import CalendarSpec, Goal, Once, Plan, Recycle, Start, Step, StopRule


def compile_plan(draft: Draft, vocabulary: Vocabulary | None = None) -> Plan:
    """The plan of a draft in which the checks found no error; prerequisites come first in it.

    Its caps are those of the workspace where it sets none.
    """
    form = draft.form
    audience, calendar = form["for"], form["calendar"].values
    steps = in_order([one.step for one in draft.steps])
    plan = Plan(
        name=form["name"],
        title=form.get("title") or form["name"],
        steps=steps,
        seats=draft.seats,
        calendar=CalendarSpec(**{**calendar, "blackout": tuple(calendar["blackout"])}),
        caps=tuple(caps_of(form, vocabulary)),
        stops=tuple(_stop(rule) for rule in form["stop"]),
        pace=form.get("pace"),
        goal=_goal(form),
        budget=form.get("budget"),
        segment=audience.get("segment", ""),
        tiers=tuple(sorted(audience.get("tiers", ()))),
        unsigned=not audience["signed"],
        priority=form["priority"],
        preempt=form.get("preempt", ""),
        once=tuple(map(_once, form["once"])),
        start=_start(form.get("start")),
        on_tier_change=form.get("on_tier_change", ""),
        recycle=_recycle(form.get("recycle")),
        needs=needs(_asked(steps), (step.until for step in steps if step.until)),
    )
    # Through text and back: names lose their places, and what runs is exactly what gets stored.
    return from_canonical(json.loads(json.dumps(canonical(plan))))


def _asked(steps: Iterable[Step]) -> Iterator[Expr]:
    for step in steps:
        yield from filter(None, (step.when, *(branch.when for branch in step.branches)))


def in_order(steps: list[Step]) -> tuple[Step, ...]:
    """Prerequisites first, else as written. Steps in a circle, or after one, are left out."""
    done: dict[str, Step] = {}
    waiting = list(steps)
    while ready := next((s for s in waiting if done.keys() >= {*s.priors}), None):
        done[ready.id] = ready
        waiting = [step for step in waiting if step is not ready]
    return tuple(done.values())


def _goal(form: Form) -> Goal | None:
    told = form.get("goal")
    return Goal(tuple(told["on"]), told["within"]) if told else None


def _once(form: Form) -> Once:
    text = form["todo"]["text"]
    title = form.get("title") or text.partition("\n")[0][:200]
    return Once(form["id"], title, text, form["due"], form.get("by", ""))


def _start(form: Form | None) -> Start | None:
    if not form:
        return None
    on, stage, lists = (tuple(form.get(key, ())) for key in ("on", "stage", "list"))
    return Start(on, stage, lists, form.get("again"))


def _recycle(form: Form | None) -> Recycle | None:
    return Recycle(form["after"], form.get("at_most", 0)) if form else None


def _stop(form: Form) -> StopRule:
    return StopRule(form["on"], form["then"], frozenset(form["keep"]))
