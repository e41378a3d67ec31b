"""Which step of one version of a playbook is which step of another. Pure.

A step keeps its id, or says in the file what it `was` called before; whoever moves plays may say
more. The numbers in brackets are the rules of the language reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from accounts.errors import AbmError
from orchestrator.terms import Plan, Seat

Names = Mapping[str, str]  # of steps or seats: as it was called -> as it is called


def names_between(
    old: Plan, new: Plan, between: Iterable[Plan] = (), told: Names = MappingProxyType({})
) -> Names:
    """What each step of `old` is called in `new`; those that are no more are left out (11).

    `between` are the versions that were applied between the two, in their order, and `told` is what
    somebody said of it. AbmError if two steps would be one, or if one's id went to another.
    """
    plans, names = [*between], dict[str, str]()
    forth = {step.was: step.id for plan in (*plans, new) for step in plan.steps if step.was}
    back = {step.id: step.was for plan in (*plans, old) for step in plan.steps if step.was}
    for step in old.steps:
        found = told.get(step.id) or _follow(step.id, forth, new) or _follow(step.id, back, new)
        if found and (step.id in told or found not in told.values()):
            names[step.id] = found
    _check_told(old, new, told)
    _check_apart(old, new, names)
    return names


def _follow(id_: str, links: Names, new: Plan) -> str:
    """The last name along the links that the new version has; "" if it has none of them."""
    found = id_ if id_ in new.by_id else ""
    for _ in links:
        if (id_ := links.get(id_, "")) in new.by_id:
            found = id_
    return found


def _check_told(old: Plan, new: Plan, told: Names) -> None:
    for was, now in told.items():
        if was in old.by_id and now not in new.by_id:
            known = ", ".join(new.by_id)
            raise AbmError(f"the version to come has no step {now!r}", f"its steps are: {known}")


def _check_apart(old: Plan, new: Plan, names: Names) -> None:
    sources: dict[str, str] = {}
    for was, now in names.items():
        if now in sources:
            reason = f"{sources[now]!r} and {was!r} cannot both be {now!r} from now on"
            raise AbmError(reason, "map one of them to another step, or none")
        sources[now] = was
    for was, now in changed(names):
        if was in new.by_id and was not in sources:
            reason = f"{was!r} is {now!r} from now on, and another step has its name"
            raise AbmError(reason, f"give the new step another id than {was!r}")
        if now in old.by_id and now not in names:
            reason = f"{was!r} cannot be {now!r} from now on, which was another step before"
            raise AbmError(reason, f"say which step {now!r} is now")


def seats_between(old: Plan, new: Plan) -> Names:
    """What each seat of `old` is called in `new`: the same, or the one new seat for such people."""
    return dict(_seats_between(old, new))


def _seats_between(old: Plan, new: Plan) -> Iterator[tuple[str, str]]:
    fresh = [seat for name, seat in new.seats.items() if name not in old.seats]
    lost = [seat for name, seat in old.seats.items() if name not in new.seats]
    yield from ((name, name) for name in old.seats if name in new.seats)
    for seat in lost:
        alike = [one for one in fresh if _wants(one) == _wants(seat)]
        rivals = [one for one in lost if _wants(one) == _wants(seat)]
        if len(alike) == len(rivals) == 1:
            yield seat.name, alike[0].name


def _wants(seat: Seat) -> tuple[str, str]:
    return seat.role, seat.persona


def changed(names: Names) -> Iterator[tuple[str, str]]:
    """(old, new) of all that is called otherwise now."""
    return ((was, now) for was, now in names.items() if was != now)
