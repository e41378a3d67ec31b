"""What a scenario expects, against what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher, unified_diff
from typing import Any, NamedTuple

from orchestrator.language.findings import Place
from orchestrator.language.shapes import Form
from orchestrator.scenarios.happened import Happened, Outcome

LISTS = {"touches": "touch", "tasks": "task", "holds": "hold"}
NEAREST = 3  # lines that are shown in place of one that is missing


class Failure(NamedTuple):
    """An expectation that did not come true: where it stands, what is wrong, what happened."""

    line: int
    col: int
    message: str
    diff: tuple[str, ...] = ()  # lines that begin with -, + or a space


def failures(expect: Form, outcome: Outcome) -> list[Failure]:
    """All that did not come true, in the order of the file."""
    if not expect.node.pairs:
        hint = "nothing is expected; `abm test --update` writes what happened"
        return [Failure(expect.node.line, expect.node.col, hint)]
    found = [
        *(one for key in LISTS for one in _missing(key, expect, outcome)),
        *_never(expect, outcome),
        *_log(expect, outcome),
        *_end(expect, outcome),
    ]
    return sorted(found)


# ---------------------------------------------------------------- lists


def _missing(key: str, expect: Form, outcome: Outcome) -> Iterator[Failure]:
    wanted: Sequence[Form] = expect[key] if expect.written(key) else ()
    there: Sequence[Happened] = getattr(outcome, key)
    met = _paired(wanted, there, lambda form, one: _fits(form, one, outcome))
    free = [one for number, one in enumerate(there) if number not in met.values()]
    for number, form in enumerate(wanted):
        if number in met:
            continue
        said = in_words(form)
        near = sorted(free, key=lambda one, form=form: _distance(form, one, outcome))  # type: ignore[misc]
        shown = [f"+ {row(key, one, outcome)}" for one in near[:NEAREST]]
        what = f"no {LISTS[key]} is left for this" if not shown else f"no such {LISTS[key]}"
        yield Failure(form.node.line, form.node.col, f"{what}: {said}", (f"- {said}", *shown))


def _paired(
    wanted: Sequence[Form], there: Sequence[Happened], fits: Callable[[Form, Happened], bool]
) -> dict[int, int]:
    """Which of `there` meets which of `wanted`, so that as many as can be are met (by Kuhn)."""
    taken: dict[int, int] = {}  # of there -> of wanted

    def place(number: int, tried: set[int]) -> bool:
        for other, one in enumerate(there):
            if other in tried or not fits(wanted[number], one):
                continue
            tried.add(other)
            if other not in taken or place(taken[other], tried):
                taken[other] = number
                return True
        return False

    for number in range(len(wanted)):
        place(number, set())
    return {number: other for other, number in taken.items()}


def _fits(form: Form, one: Happened, outcome: Outcome) -> bool:
    return _distance(form, one, outcome) == 0


def _distance(form: Form, one: Happened, outcome: Outcome) -> float:
    """0 for what fits; how far it is from that, for choosing what is shown in its place."""
    name = form.get("task", form.get("step", ""))
    far: float = 16 * (name not in ("", one.name))
    far += 4 * (form.get("who", one.who) != one.who)
    if moment := form.get("at"):
        days = abs((one.at.date() - moment.on(outcome.start)).days)
        far += 0 if outcome.is_at(moment, one.at) else 1 + min(days, 100) / 50
    words = str(form.get("because", form.get("title", ""))).casefold()
    if words and words not in one.words.casefold():
        far += 2 - SequenceMatcher(None, words, one.words.casefold()).ratio()
    return far


def _never(expect: Form, outcome: Outcome) -> Iterator[Failure]:
    for form in expect.get("never", ()):
        for said in broken(form, outcome):
            shown = (f"- never {in_words(form)}", f"+ {said}")
            yield Failure(form.node.line, form.node.col, f"this happened: {said}", shown)


def broken(never: Form, outcome: Outcome) -> list[str]:
    """The touches and tasks that should not have been."""
    return [
        row(key, one, outcome)
        for key in ("touches", "tasks")
        for one in getattr(outcome, key)
        if _fits(never, one, outcome)
    ]


# ---------------------------------------------------------------- the log, the end


def _log(expect: Form, outcome: Outcome) -> Iterator[Failure]:
    if not (text := expect.written("log")):
        return
    wanted = [line.strip() for line in text.splitlines() if line.strip()]
    if wanted == outcome.log:
        return
    told = [*outcome.log]
    lines = list(unified_diff(wanted, told, lineterm="", n=2))[3:]
    same = next((n for n, (a, b) in enumerate(zip(wanted, told, strict=False)) if a != b),
                min(len(wanted), len(told)))  # fmt: skip
    at, block = expect.at("log"), expect.at("log").style in ("|", ">")
    yield Failure(at.line + (1 + same if block else 0), 1 if block else at.col,
                  "the log is another one", tuple(lines))  # fmt: skip


def _end(expect: Form, outcome: Outcome) -> Iterator[Failure]:
    ends, ended = expect.written("ends"), expect.written("ended")
    there = outcome.ends + (f" on {_day(outcome)}" if outcome.ended_at else "")
    if ends and ends != outcome.ends:
        shown = (f"- ends: {ends}", f"+ ends: {outcome.ends}")
        yield _at(expect.at("ends"), f"the play is {there}, not {ends}", shown)
    if ended and not (outcome.ended_at and outcome.is_at(ended, outcome.ended_at)):
        said = expect.at("ended").text
        shown = (f"- ended: {said}", f"+ ended: {_day(outcome) or 'not yet'}")
        yield _at(expect.at("ended"), f"the play is {there}, not ended on {said}", shown)


def _at(place: Place, message: str, diff: tuple[str, ...]) -> Failure:
    return Failure(place.line, place.col, message, diff)


def _day(outcome: Outcome) -> str:
    at = outcome.ended_at
    return Happened(at, "", "").on(outcome.start) if at else ""


# ---------------------------------------------------------------- in words


def in_words(form: Form) -> str:
    """An expectation in one line, as it was written."""
    told: list[tuple[str, Any]] = [(key.text, value.text) for key, value in form.node.pairs]
    return "{" + ", ".join(f"{key}: {value}" for key, value in told) + "}"


def row(key: str, one: Happened, outcome: Outcome) -> str:
    """What happened, as an expectation would say it."""
    told = {
        "task" if key == "tasks" else "step": one.name,
        "who": one.who,
        "at": one.on(outcome.start),
        {"tasks": "title", "holds": "because"}.get(key, ""): one.words,
    }
    return "{" + ", ".join(f"{name}: {value}" for name, value in told.items() if value) + "}"
