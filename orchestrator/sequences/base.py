"""What a sequence of another tool says, whichever tool it is, before it becomes a playbook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from accounts.tables import Table
from orchestrator.terms import Kind

DAY = 24 * 60  # minutes
LONGEST_WAIT = 365 * DAY


@dataclass(frozen=True, slots=True)
class Words:
    """A message as their tool keeps it: a body in text or HTML, with their merge fields."""

    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `was` is their word for it, `wait` a length of ours ("" for none).

    Several `words` are the arms of a test. `answers` is the number of the step (1-based) in whose
    thread the mail goes, 0 for none. `lost` says what did not translate, a line for each.
    """

    kind: Kind
    was: str
    wait: str = ""
    title: str = ""
    words: tuple[Words, ...] = ()
    notes: str = ""
    review: bool = False
    answers: int = 0
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """All steps in order; `pace` and `calendar` are values of ours, "" where nothing is said."""

    vendor: str
    title: str
    steps: tuple[Step, ...]
    pace: str = ""
    calendar: str = ""
    lost: tuple[str, ...] = ()


class Vendor(Protocol):
    """One tool whose exports can be read; a module is enough."""

    TITLE: str

    def in_json(self, value: Any) -> bool:
        """Whether a JSON value looks like this tool's."""

    def from_json(self, value: Any) -> Many[Sequence]:
        """The sequences in it, none where there are none. Any value must do."""

    def in_csv(self, headers: frozenset[str]) -> bool:
        """Whether a table with these headers (see `plain`) looks like this tool's."""

    def from_csv(self, table: Table) -> Many[Sequence]:
        """The sequences in it; AbmError where a column is missing that must be there."""


# ---------------------------------------------------------------- words for kinds


class Meant(NamedTuple):
    """A kind of step, whether a person looks at it first, and what of it is lost."""

    kind: Kind
    review: bool = False
    lost: str = ""


def plain(word: str) -> str:
    """`Step Type`, `step_type` and `stepType` are the same: "step type"."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word)
    return " ".join(re.findall(r"[^\W_]+", parted.casefold()))


def meant(word: str, name: str = "") -> Meant:
    """What a tool's word for a step means here; what is unknown becomes a task that says so.

    The step's `name` tells what another program does in it; mostly that is LinkedIn.
    """
    said = plain(word)
    if "integration" in said:
        is_social = meant(name).kind is Kind.SOCIAL
        return Meant(Kind.SOCIAL) if is_social else Meant(Kind.TODO, lost=_INTEGRATION)
    if "linked" in said or "inmail" in word.casefold():
        return Meant(Kind.SOCIAL)
    if "call" in said or "phone" in said:
        return Meant(Kind.CALL)
    if "mail" in said:
        return Meant(Kind.EMAIL, review="manual" in said)
    if "sms" in said or "text message" in said:
        return Meant(Kind.TODO, lost="a text message: nothing here sends it, so it is a task")
    if any(one in said.split() for one in _TASKS):
        return Meant(Kind.TODO)
    return Meant(Kind.TODO, lost=f"a step of the kind {word[:40]!r}: it is a task now")


_INTEGRATION = "what another program does in it: it is a task now"
_TASKS = ("task", "todo", "do", "generic", "custom", "other", "action")


# ---------------------------------------------------------------- lengths of time


def wait(minutes: float, *, business: bool) -> tuple[str, str]:
    """(a wait of ours, what is lost of it); "" for none. Whole days may be business days."""
    if not 0 <= minutes <= LONGEST_WAIT:
        return "", f"a wait of {minutes / DAY:,.0f} days: from none to a year is possible"
    whole = round(minutes)
    if not whole:
        return "", ""
    if whole % DAY == 0:
        unit = "business day" if business else "day"
        return f"{whole // DAY} {unit}{'s' if whole > DAY else ''}", ""
    return (f"{whole // 60}h" if whole % 60 == 0 else f"{whole}m"), ""


# ---------------------------------------------------------------- values that nobody vouches for


def at(value: Any, *path: str) -> Any:
    """What stands under these keys; None where anything is not as expected."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Any, *path: str) -> str:
    """A text or number under these keys, as text; "" for anything else."""
    found = at(value, *path)
    is_said = isinstance(found, str | int | float) and not isinstance(found, bool)
    return str(found).strip() if is_said else ""


def number(value: Any, *path: str) -> float | None:
    """A number under these keys; None for anything else."""
    found = at(value, *path)
    if isinstance(found, str) and re.fullmatch(r"\s*-?[0-9]{1,15}(\.[0-9]{1,9})?\s*", found):
        return float(found)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if is_number else None


def items(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of the list under these keys, or the object itself."""
    found = at(value, *path)
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, dict)]


def documents(value: Any, inside: str) -> Iterator[dict[str, Any]]:
    """The objects that a file holds: one, a list of them, or what stands in them under a key."""
    for one in items({"all": value}, "all"):
        yield from items(one, inside) or (one,)
