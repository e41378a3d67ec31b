"""In which column and row each step stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.drawing.days import Begin
from orchestrator.drawing.words import LANES, PLAY, team_of
from orchestrator.terms import Plan, Step


@dataclass(frozen=True, slots=True)
class Cell:
    """A place: rows are counted through all lanes, from the top."""

    col: int
    row: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Where steps stand; the day of each column, and the rows of each lane that has any."""

    cells: Mapping[str, Cell]
    days: tuple[int, ...]
    lanes: Mapping[str, range]


def grid(plan: Plan, begin: Mapping[str, Begin]) -> Grid:
    """Columns by day; what follows on something of the same day stands in a further column."""
    cols, days = _columns(plan, begin)
    local = _rows(plan, cols)
    lanes, above = {}, 0
    for lane in (LANES[0], PLAY, LANES[1]):
        depth = max((local[s.id] + 1 for s in plan.steps if team_of(s) == lane), default=0)
        if depth or lane in LANES:  # both teams are seen, even if one has nothing to do
            lanes[lane] = range(above, above := above + max(depth, 1))
    cells = {
        step.id: Cell(cols[step.id], lanes[team_of(step)].start + local[step.id])
        for step in plan.steps
    }
    return Grid(cells, days, lanes)


def _columns(plan: Plan, begin: Mapping[str, Begin]) -> tuple[dict[str, int], tuple[int, ...]]:
    keys: dict[str, tuple[int, int]] = {}
    for step in plan.steps:
        day = begin[step.id].day
        ranks = [keys[id_][1] for id_ in step.priors if keys[id_][0] == day]
        keys[step.id] = (day, max(ranks, default=-1) + 1)
    places = sorted(set(keys.values()))
    at = {key: n for n, key in enumerate(places)}
    return {id_: at[key] for id_, key in keys.items()}, tuple(day for day, _ in places)


def _rows(plan: Plan, cols: Mapping[str, int]) -> dict[str, int]:
    """Rows within each lane: that of a prerequisite where the way to it is free, else the first."""
    rows: dict[str, int] = {}
    used: defaultdict[str, set[tuple[int, int]]] = defaultdict(set)
    for step in plan.steps:
        taken, col = used[team_of(step)], cols[step.id]
        row = _straight(plan, step, rows, cols, taken)
        if row is None:
            row = next(n for n in range(len(plan.steps)) if (n, col) not in taken)
        rows[step.id] = row
        taken.add((row, col))
    return rows


def _straight(
    plan: Plan,
    step: Step,
    rows: Mapping[str, int],
    cols: Mapping[str, int],
    taken: set[tuple[int, int]],
) -> int | None:
    for id_ in step.priors:
        if team_of(plan.by_id[id_]) == team_of(step):
            between = range(cols[id_] + 1, cols[step.id] + 1)
            if not any((rows[id_], col) in taken for col in between):
                return rows[id_]
    return None
