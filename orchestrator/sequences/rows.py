"""Tables with a row for each step: what the columns are, and the steps that they make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from dataclasses import dataclass, field, replace

from accounts.errors import AbmError
from accounts.tables import Table
from orchestrator.sequences.base import DAY, Sequence, Step, Words, meant, number, plain, wait
from orchestrator.terms import Kind

# The first header that fits takes the field.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("sequence name", "cadence name", "sequence", "cadence", "campaign name", "name"),
    "order": ("step number", "step order", "step no", "step", "order", "position", "number"),
    "day": ("day number", "cadence day", "step day", "day"),
    "wait": (
        "interval", "interval minutes", "interval days", "delay", "delay days", "delay in days",
        "delay hours", "delay minutes", "wait", "wait days", "days to wait",
        "days after previous step",
    ),
    "kind": ("step type", "action type", "task type", "type", "channel", "action"),
    "title": ("step name", "display name", "task title", "task name", "task subject", "title"),
    "subject": ("email subject", "subject line", "subject"),
    "body": (
        "email body", "body html", "html body", "template body", "body text", "body", "message",
        "email", "content",
    ),
    "notes": ("task notes", "task note", "notes", "note", "instructions", "description"),
    "enabled": ("enabled", "active", "step enabled"),
}  # fmt: skip
# Minutes, by how their words begin.
_UNITS = {"ms": 1 / 60_000, "mil": 1 / 60_000, "m": 1, "min": 1, "h": 60, "hr": 60, "hou": 60,
          "d": DAY, "day": DAY, "w": 7 * DAY, "wee": 7 * DAY}  # fmt: skip
_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(?:business\s+)?([a-z]*)")
_OFF = ("false", "no", "0", "disabled", "off", "inactive")
_NOW = ("", "immediately", "none", "now", "instantly")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table, its cells by field."""

    line: int
    cells: dict[str, str]
    headers: dict[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def header(self, name: str) -> str:
        """What the file calls the field; "" for a field that it does not have."""
        return self.headers.get(name, "")


# A row and the one before it in its sequence -> (a wait of ours, what is lost of it).
Waits = Callable[[Row, Row | None], tuple[str, str]]


def headers(table: Table) -> frozenset[str]:
    """The headers in plain words."""
    return frozenset(map(plain, table.headers))


def sequences(table: Table, vendor: str, waits: Waits) -> list[Sequence]:
    """A sequence for each name, in the order of the file. AbmError without a column for kinds."""
    found = _columns(table)
    if "kind" not in found:
        hint = f"call the column Type; the file has: {', '.join(table.headers[:12])}"
        raise AbmError("no column says what a step does", hint)
    named: dict[str, list[Row]] = {}
    for row in _rows(table, found):
        named.setdefault(row["name"], []).append(row)
    unread = tuple(f"line {one.line}: {one.reason}" for one in table.rejected)
    return [
        replace(_sequence(name, own, vendor, waits), lost=unread) for name, own in named.items()
    ]


def unit(header: str, default: float) -> float:
    """Minutes in the unit that a header names: `Delay (days)`, `delayMillis`."""
    named = (_UNITS[word[:3]] for word in plain(header).split() if word[:3] in _UNITS)
    return next(named, default)


def length(said: str, bare: float, *, business: bool) -> tuple[str, str]:
    """The wait that a cell says: `3`, of `bare` minutes each, or `2 business days`."""
    word = said.strip().casefold()
    if word in _NOW:
        return "", ""
    found = _LENGTH.fullmatch(word)
    own = _minutes(found[2]) if found and found[2] else bare
    if found is None or own is None:
        return "", f"its wait, {said[:40]!r}"
    return wait(float(found[1]) * own, business=business)


def _minutes(word: str) -> float | None:
    return next((_UNITS[one] for one in (word, word.rstrip("s"), word[:3]) if one in _UNITS), None)


def day(said: str) -> float | None:
    """The day that a cell says: `3` or `Day 3`."""
    return number({"day": re.sub(r"(?i)^\s*day\s*", "", said)}, "day")


def _columns(table: Table) -> dict[str, int]:
    """Where each field stands."""
    places = {name: at for at, name in reversed(list(enumerate(map(plain, table.headers))))}
    found: dict[str, int] = {}
    for one, words in HEADERS.items():
        at = next((places[word] for word in words if word in places), None)
        at = _with_unit(places) if at is None and one == "wait" else at
        if at is not None and at not in found.values():
            found[one] = at
    return found


def _with_unit(places: dict[str, int]) -> int | None:
    """`Interval (minutes)`, `Delay (business days)`."""
    words = ("interval", "delay", "wait")
    return next((at for name, at in places.items() if name.startswith(words)), None)


def _rows(table: Table, found: dict[str, int]) -> Iterator[Row]:
    called = {name: table.headers[at] for name, at in found.items()}
    for row in table.rows:
        yield Row(row.line, {name: row.cells[at].strip() for name, at in found.items()}, called)


def _sequence(name: str, own: Many[Row], vendor: str, waits: Waits) -> Sequence:
    made: list[Step] = []
    before, mail = None, 0
    for row in _in_order(own):
        if made and before and _is_arm(row, before):
            made[-1] = replace(made[-1], words=(*made[-1].words, _words(row)))
            continue
        if row["enabled"].casefold() in _OFF and row["enabled"]:
            continue
        made.append(_step(row, before, waits, mail))
        before, mail = row, len(made) if made[-1].kind is Kind.EMAIL else mail
    return Sequence(vendor, name or f"{vendor} sequence", tuple(made))


def _in_order(own: Many[Row]) -> list[Row]:
    """By day and number; a row without a day keeps its place behind the one above it."""
    places, last = list[tuple[float, float]](), 0.0
    for row in own:
        last = last if (said := day(row["day"])) is None else said
        places.append((last, number({"n": row["order"]}, "n") or 0))
    return [own[at] for at in sorted(range(len(own)), key=places.__getitem__)]


def _is_arm(row: Row, before: Row) -> bool:
    """A second mail under the number of the step before is another arm of it."""
    same = row["order"] != "" and (row["order"], row["day"]) == (before["order"], before["day"])
    return same and meant(row["kind"]).kind is meant(before["kind"]).kind is Kind.EMAIL


def _step(row: Row, before: Row | None, waits: Waits, mail: int) -> Step:
    kind, review, unknown = meant(row["kind"], row["title"])
    waited, no_wait = waits(row, before)
    words = _words(row)
    is_mail = kind is Kind.EMAIL
    named = "" if number({"n": row["order"]}, "n") is not None else row["order"]
    return Step(
        kind,
        row["kind"],
        waited,
        row["title"] or named,
        (words,) if is_mail or words.body else (),
        row["notes"],
        review,
        mail if is_mail and words.body and not words.subject else 0,
        tuple(f"line {row.line}: {one}" for one in (unknown, no_wait) if one),
    )


def _words(row: Row) -> Words:
    return Words(row["subject"], row["body"])
