"""What stands in a step's box, and how much of it fits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, takewhile

from orchestrator.drawing.days import Begin
from orchestrator.terms import TEAM_OF, How, Kind, Reach, Step

LANES = ("marketing", "sales")
PLAY = "the play"  # does by itself what is done by nobody
SMALL, LARGE = 11.5, 13.0  # sizes of letters, in pixels

_BROAD, _NARROW = frozenset("mwMWQ@%&—…"), frozenset("ijl.,:;'|! ()[]tfr")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it fits, and as it is ("" if it goes on with the line above it).

    Its style is name, plain or asked.
    """

    text: str
    whole: str
    style: str = "plain"

    @property
    def size(self) -> float:
        return LARGE if self.style == "name" else SMALL


def team_of(step: Step) -> str:
    """Whose lane a step stands in: a team that `by` names, else that of its kind, or the play's."""
    return step.by if step.by in LANES else TEAM_OF.get(step.kind, PLAY)


def lines_of(step: Step, begin: Begin, width: float) -> tuple[Line, ...]:
    """A step's name, then what is to be known of it, each cut to `width` pixels."""
    told = [("name", step.id), *_told(step)]
    if begin.first < begin.day:
        told.append(("plain", f"from day {begin.first} on"))
    return tuple(one for style, text in told for one in _lines(text, width, style))


def _lines(text: str, width: float, style: str) -> Iterator[Line]:
    """A condition may take two lines, anything else takes one."""
    first = line(text, width, style)
    if style != "asked" or first.text == first.whole:
        yield first
        return
    words = first.whole.split(" ")
    full = takewhile(lambda text: _length(text) * first.size <= width, accumulate(words, _joined))
    head = max(full, default="", key=len) or first.text.removesuffix("…")
    yield Line(head, first.whole, style)
    yield Line(fitted(first.whole.removeprefix(head).lstrip(), width, first.size), "", style)


def _joined(text: str, word: str) -> str:
    return f"{text} {word}"


def line(text: str, width: float, style: str = "plain") -> Line:
    """A text as a line of at most so many pixels."""
    whole = clean(text)
    size = LARGE if style == "name" else SMALL
    return Line(fitted(whole, width, size), whole, style)


def _told(step: Step) -> Iterator[tuple[str, str]]:
    role = f" · by {step.by}" if step.by else f" · from {step.sender}" if step.sender else ""
    yield "plain", step.kind.value.replace("_", " ") + role
    if step.audience:
        yield "plain", f"on {step.audience}" + (f" for {step.lasts}" if step.lasts else "")
    if whom := _whom(step.reach):
        yield "plain", whom
    if step.at:
        yield "plain", f"on {step.at.words}"
    if step.wait.amount:
        yield "plain", f"waits {step.wait}"
    if ended := [id_ for id_ in step.after.steps if id_ in step.after.ended]:
        yield "plain", f"once {', '.join(ended)} ended"
    if step.attempts > 1:
        every = f", {step.every} apart" if step.every else ""
        yield "plain", f"{step.attempts} tries{every}"
    if step.tiers:
        yield "plain", f"only tier {', '.join(map(str, step.tiers))}"
    if step.when:
        yield "asked", f"when {step.when}"
    yield from _turns(step)


def _turns(step: Step) -> Iterator[tuple[str, str]]:
    """What is waited for, the ways to go, the arms of a split."""
    if step.kind is Kind.WAIT_FOR:
        yield "asked", f"until {step.until}"
        yield "plain", f"at most {step.at_most}"
    for branch in step.branches:
        yield "asked", f"{branch.name}: {branch.when}" if branch.when else branch.name
    if len(step.variants) > 1:
        total = sum(arm.weight for arm in step.variants)
        for arm in step.variants:
            yield "plain", f"{100 * arm.weight / total:.0f} % {arm.name}: {arm.template}"
    for arm in step.variants:
        for tier, template in arm.tiers:
            yield "plain", " ".join(filter(None, (arm.name, f"tier {tier}: {template}")))


def _whom(reach: Reach) -> str:
    seats = ", ".join(reach.seats)
    match reach.how:
        case How.EACH:
            return f"to {seats}"
        case How.FIRST:
            return f"to the first of {seats}"
        case How.STEP:
            return f"to whom {reach.step} reached"
    return ""


def clean(text: str) -> str:
    """One line that any XML may hold: whatever is not printable becomes a space."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def fitted(text: str, width: float, size: float) -> str:
    """The text in at most `width` pixels of letters of a size, with … where it was cut."""
    if _length(text) * size <= width:
        return text
    kept, left = "", width / size - _length("…")
    for char in text:
        left -= _length(char)
        if left < 0:
            break
        kept += char
    return kept.rstrip() + "…"


def width_of(text: str) -> float:
    """How many pixels a small text takes at most."""
    return _length(text) * SMALL


def _length(text: str) -> float:
    """How long a text is at most in the usual faces, in heights of its letters."""
    return sum(map(_breadth, text))


def _breadth(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if char in _NARROW:
        return 0.38
    if char in _BROAD or unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char.isascii():
        return 0.74 if char.isupper() else 0.6
    return 0.8
