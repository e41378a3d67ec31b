"""Names within a playbook: each is said once, and what it names is there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from orchestrator.language.checks.case import Case
from orchestrator.language.codes import Code
from orchestrator.language.findings import Place
from orchestrator.language.relations import ALL
from orchestrator.language.shapes import Word
from orchestrator.terms import EVENT_KINDS, How, Kind

FAMILIES = frozenset(kind.partition(".")[0] for kind in EVENT_KINDS)
EVENTS = FAMILIES | frozenset(EVENT_KINDS)
_FORM = re.compile(r"form\.[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
KIND_WORDS = frozenset(map(str, Kind))
RESERVED_STEPS = KIND_WORDS | {ALL, "any", "ended"}
RESERVED_SEATS = frozenset({ALL})


def is_event(kind: str) -> bool:
    """Whether an event of this kind, or of a family such as `reply`, can come in."""
    return kind in EVENTS or bool(_FORM.fullmatch(kind))


# --- Names of our own ------------------------------------------------------------------------


def check_duplicate_ids(case: Case) -> None:
    """Two steps never share an id, nor two stop rules their event."""
    once = [word for one in case.maps("once") if isinstance(word := one.get("id"), Word)]
    _no_duplicates(case, (*case.draft.names, *once), "step")
    events = [word for rule in case.maps("stop") if isinstance(word := rule.get("on"), Word)]
    _no_duplicates(case, events, "stop rule for")


def _no_duplicates(case: Case, names: Iterable[Word], what: str) -> None:
    first: dict[str, Word] = {}
    for name in names:
        if name in first:
            message = f"a second {what} '{name}'"
            case.add(name, Code.DUPLICATE_ID, message, f"the first is in line {first[name].line}")
        first.setdefault(name, name)


def check_similar_ids(case: Case) -> None:
    """Ids that only differ in the case of their letters are one slip away from each other."""
    _no_similar(case, case.draft.names)
    _no_similar(case, case.draft.seats)
    for one in case.steps:
        _no_similar(case, one.form.get("split", {}))


def _no_similar(case: Case, names: Iterable[str]) -> None:
    spelled: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name in names:
        others = spelled[name.casefold()]
        if isinstance(name, Word) and others and name not in others:
            message = f"'{name}' and '{next(iter(others))}' differ only in the case of letters"
            case.add(name, Code.SIMILAR_ID, message, "name them apart")
        others[name] = None


def check_reserved_ids(case: Case) -> None:
    """No step is called like a kind, because `keep` takes both; no name is a word of `to`."""
    for names, reserved in (
        (case.draft.names, RESERVED_STEPS),
        (case.draft.seats, RESERVED_SEATS),
    ):
        for name in names:
            if isinstance(name, Word) and name.casefold() in reserved:
                message = f"'{name}' is a word of the language"
                case.add(name, Code.RESERVED_ID, message, f"call it {name}-1, or what it is for")


# --- Names within the playbook ---------------------------------------------------------------


def check_seats_of_steps(case: Case) -> None:
    """Every seat that a step reaches for is one of the committee."""
    seats = case.draft.seats
    for one in case.steps:
        reach = one.step.reach
        if reach.how in (How.EACH, How.FIRST) and not reach.seats:
            hint = "name seats under `committee`"
            message = f"'{ALL}' reaches nobody: the playbook has no committee"
            case.add(one.body.at("to"), Code.UNKNOWN_SEAT, message, hint)
        for name in reach.seats:
            if name not in seats and isinstance(name, Word):
                _unknown_seat(case, name)


def _unknown_seat(case: Case, name: Word) -> None:
    message = f"the committee has no seat '{name}'"
    if name == ALL:
        case.add(name, Code.UNKNOWN_SEAT, f"'{ALL}' means every seat and stands alone", "to: all")
    elif name in case.draft.ids:
        hint = f"to reach whom the step '{name}' reached, write {name}.contact"
        case.add(name, Code.UNKNOWN_SEAT, message, hint)
    else:
        case.unknown(name, Code.UNKNOWN_SEAT, message, name, case.draft.seats)


def check_steps_named(case: Case) -> None:
    """Every step that `after`, `to` or a condition names is there."""
    for one in case.steps:
        reach = one.step.reach
        named = [name for name in (*one.step.after.steps, reach.step) if isinstance(name, Word)]
        for name in named:
            _known_step(case, name, name)
    for _, part, at in case.conditions:
        step = getattr(part, "step", None)
        if step is not None:
            _known_step(case, step, at)


def _known_step(case: Case, name: str, at: Place) -> None:
    if name not in case.draft.ids:
        case.unknown(at, Code.UNKNOWN_STEP, f"no step is called '{name}'", name, case.draft.ids)


def check_stop_events(case: Case) -> None:
    """`on` names a kind of event, or a family of them such as `reply`."""
    for rule in case.maps("stop"):
        kind = rule.get("on")
        if isinstance(kind, Word) and not is_event(kind):
            message = f"no event '{kind}' stops anything"
            case.unknown(kind, Code.UNKNOWN_EVENT, message, kind, EVENTS)


def check_goal(case: Case) -> None:
    """The goal names kinds of events that come in, or families of them."""
    told = case.form.get("goal")
    for kind in told.get("on", ()) if told else ():
        if not is_event(kind):
            message = f"no event '{kind}' can come in"
            case.unknown(kind, Code.UNKNOWN_EVENT, message, kind, EVENTS)


def check_start(case: Case) -> None:
    """What lets an account begin is an event, a stage or a list that is named."""
    form = case.form.get("start")
    for kind in form.get("on", ()) if form else ():
        if isinstance(kind, Word) and not is_event(kind):
            message = f"no event '{kind}' lets anything begin"
            case.unknown(kind, Code.UNKNOWN_EVENT, message, kind, EVENTS)
    if form and form.sound and not any(key in form for key in ("on", "stage", "list")):
        message = "nothing is said that lets an account begin"
        case.add(form.node, Code.MISSING_KEY, message, "say on, stage or list; or leave it out")


def check_keep(case: Case) -> None:
    """`keep` names kinds of steps or ids of steps."""
    known = case.draft.ids | frozenset(map(str, Kind))
    for rule in case.maps("stop"):
        for name in rule.get("keep", ()):
            if name not in known:
                message = f"'{name}' is neither a kind nor the id of a step"
                case.unknown(name, Code.UNKNOWN_KEEP, message, name, known)
