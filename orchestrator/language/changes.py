"""What one version of a playbook says differently from another, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from orchestrator.calendar import Span
from orchestrator.terms import After, Cap, Goal, How, Pace, Plan, Reach, Recycle, Step, Variant

# How a person would call what stands in a plan; the rest is called as in the file.
_WORDS = {
    "reach": "to",
    "sender": "from",
    "always": "clock",
    "lasts": "for",
    "variants": "template",
    "unsigned": "accounts that nobody signed",
    "stops": "stop",
    "within": "branch",
    "tiers": "only for tiers",
}
# Told beside its step or its list, or not at all: where a line stands changes nothing.
_UNTOLD = frozenset({"id", "name", "line", "needs", "steps", "seats", "by_id"})
_NOTHING: tuple[Any, ...] = (None, "", (), frozenset())


class Change(NamedTuple):
    """One difference; `about` is a step or a seat, "" for the playbook as a whole."""

    about: str
    text: str


def changes(old: Plan, new: Plan) -> list[Change]:
    """Every difference, the playbook's own first, then seats and steps in the new order."""
    found = [Change("", text) for text in _fields(old, new)]
    for name, seat in new.seats.items():
        found += _part(f"seat {name}", old.seats.get(name), seat)
    found += [Change(f"seat {name}", "is gone") for name in old.seats if name not in new.seats]
    for step in new.steps:
        found += _part(f"step {step.id}", old.by_id.get(step.id), step)
    return found + [
        Change(f"step {one.id}", "is gone") for one in old.steps if one.id not in new.by_id
    ]


def _part(about: str, old: Any, new: Any) -> Iterator[Change]:
    if old is None:
        yield Change(about, f"is new: {new.kind}" if isinstance(new, Step) else "is new")
    elif old != new:
        yield from (Change(about, text) for text in _fields(old, new))


def _fields(old: Any, new: Any) -> Iterator[str]:
    for field in fields(new):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if field.name not in _UNTOLD and was != now:
            yield f"{_WORDS.get(field.name, field.name)}: {told(now)}, was {told(was)}"


def told(value: Any) -> str:
    """A value of a plan, much as its author wrote it."""
    if value in _NOTHING:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, tuple):
        return "; ".join(map(told, value))
    if is_dataclass(value) and type(value).__str__ is object.__str__:
        return _in_words(value)
    return str(value)


def _in_words(value: Any) -> str:
    match value:
        case Reach():
            return _reach(value)
        case After(steps, any_, ended):
            names = [f"{name}: ended" if name in ended else name for name in steps]
            return ("any of " if any_ else "") + (", ".join(names) or "nothing")
        case Cap(scope, limit, window):
            return f"{_rate(limit, window)} for each {scope}"
        case Goal(on, within):
            return f"{' or '.join(on)} within {within}"
        case Pace(limit, window):
            return _rate(limit, window)
        case Recycle(after, at_most):
            return f"after {after}" + (f", at most {at_most} times" if at_most else "")
        case Variant(name, template, weight, tiers):
            own = (f"tier {tier}: {words}," for tier, words in tiers)
            return " ".join(filter(None, (name, *own, template, f"({weight})" * (weight > 1))))
    return _parts(value)


def _reach(reach: Reach) -> str:
    seats = ", ".join(reach.seats)
    return {
        How.EACH: seats,
        How.FIRST: f"first of {seats}",
        How.ACCOUNT: "the account",
        How.STEP: f"{reach.step}.contact",
    }[reach.how]


def _rate(limit: int, window: Span) -> str:
    return f"{limit} per {str(window).removeprefix('1 ')}"


def _parts(value: Any) -> str:
    """The parts that say something: `09:00-17:00 mon-fri contact country`."""
    parts = [getattr(value, field.name) for field in fields(value)]
    return " ".join(told(part) for part in parts if part not in _NOTHING)
