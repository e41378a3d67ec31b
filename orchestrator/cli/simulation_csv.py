"""A simulation as a folder of CSV files, a table in each: `abm simulate --csv FOLDER`."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from accounts.cells import guard_cell
from accounts.errors import AbmError
from orchestrator.simulate import Line, Simulation
from orchestrator.simulate.summary import HoldRow, LoadRow, Spread, StepRow, Summary, day_by_day

Row = Sequence[object]


class Sheet(NamedTuple):
    """A table, with what stands above its columns."""

    name: str
    heads: Sequence[str]
    rows: Iterable[Row]


def sheets(made: Simulation, told: Summary) -> Iterator[Sheet]:
    """Every table that people read of it, and what lies behind the sums: load and mails by day."""
    yield Sheet("calendar", Line._fields, made.lines)
    goal = (("goal", *told.reached), *((row.end, *row.accounts) for row in told.ends))
    yield Sheet("accounts", ("end", *Spread._fields), goal)
    yield Sheet("steps", StepRow._fields, told.steps)
    yield Sheet(
        "events", ("event", *Spread._fields), ((kind, *number) for kind, number in told.events)
    )
    yield Sheet("people", LoadRow._fields, told.reps)
    yield Sheet("people-by-day", ("name", "team", "day", "tasks", "a_day", "off"), _loads(made))
    yield Sheet("mailboxes", LoadRow._fields, told.mailboxes)
    yield Sheet("mails-by-day", ("mailbox", "day", "mails", "limit"), _mails(made, told))
    money = ("step", "kind", *Spread._fields, "before", "budget", "currency")
    yield Sheet("money", money, ((row.step, row.kind, *row.spent, *row[3:]) for row in told.money))
    yield Sheet("holds", HoldRow._fields, told.holds)


def _loads(made: Simulation) -> Iterator[Row]:
    came = [one.came for one in made.tallies]
    for name, rep in sorted(made.setting.reps.items()):
        tasks = day_by_day(name, came)
        days = {*tasks, *(day for day in made.setting.days() if rep.is_off(day))}
        for day in sorted(days):
            off = "yes" if rep.is_off(day) else "no"
            yield name, rep.team, day, tasks.get(day, 0), rep.capacity, off


def _mails(made: Simulation, told: Summary) -> Iterator[Row]:
    mails = [one.mails for one in made.tallies]
    for row in told.mailboxes:
        box = next((one.boxes[row.name] for one in made.tallies if row.name in one.boxes), None)
        for day, number in day_by_day(row.name, mails).items():
            yield row.name, day, number, box and box.limit(day)


def write(folder: Path, made: Simulation, told: Summary) -> list[str]:
    """Write them all, over what stands there; the names of the files. AbmError if it cannot."""
    names = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for sheet in sheets(made, told):
            names.append(f"{sheet.name}.csv")
            with (folder / names[-1]).open("w", encoding="utf-8", newline="") as file:
                rows = csv.writer(file, lineterminator="\n")
                rows.writerow(sheet.heads)
                rows.writerows(map(_cells, sheet.rows))
    except OSError as error:
        raise AbmError(f"{folder} cannot be written: {error.strerror}") from error
    return names


def _cells(row: Row) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: object) -> str:
    """Dates as ISO, numbers as short as they are, texts that no spreadsheet takes for formulas."""
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return guard_cell(str(value))
