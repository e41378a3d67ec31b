"""How the arrows go: through the gutters between columns and the gaps between rows.

An arrow runs along the row of its first or its last box where no box stands in the way, else along
the gap above its last box. Every run has a lane of its own within a gutter or a gap, shared only
with arrows that part from one box or come together at one, so that no arrow lies upon another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestrator.drawing.grid import Cell, Grid
from orchestrator.terms import Plan, Step, Within


@dataclass(frozen=True, slots=True)
class Link:
    """A prerequisite: `any` if it is one of several of which one is enough; a branch's name."""

    start: str
    end: str
    any: bool = False
    label: str = ""
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A link's way: a run up or down in gutter `first`, in `last` too if it has a gap to cross."""

    link: Link
    first: tuple[int, int] | None = None  # the gutter left of a column, and a slot in it
    gap: tuple[int, int] | None = None  # the gap above a row, and a slot in it
    last: tuple[int, int] | None = None


def links(plan: Plan) -> Iterator[Link]:
    """What joins the steps: `after`, and from a `choose` to the first steps of each branch."""
    for step in plan.steps:
        chosen = step.within.choose if step.within else ""
        for id_ in dict.fromkeys(step.after.steps):
            named = _named(plan, step) if id_ == chosen else ("", "")
            yield Link(id_, step.id, step.after.any, *named)
        inside = any(step.within in set(_ways(plan, plan.by_id[id_])) for id_ in step.after.steps)
        if chosen and chosen not in step.after.steps and not inside:
            yield Link(chosen, step.id, False, *_named(plan, step))


def _named(plan: Plan, step: Step) -> tuple[str, str]:
    """The branch in which a step stands, and with its condition."""
    assert step.within
    name = step.within.branch
    for branch in plan.by_id[step.within.choose].branches:
        if branch.name == name and branch.when:
            return name, f"{name}: {branch.when}"
    return name, name


def _ways(plan: Plan, step: Step) -> Iterator[Within]:
    """The branches around a step, from within."""
    while step.within:
        yield step.within
        step = plan.by_id[step.within.choose]


@dataclass(slots=True)
class Slots:
    """Runs side by side: who comes first takes the first place and keeps it."""

    places: dict[int, dict[str, int]] = field(default_factory=dict)

    def take(self, where: int, who: str) -> tuple[int, int]:
        taken = self.places.setdefault(where, {})
        return where, taken.setdefault(who, len(taken))

    def count(self, where: int) -> int:
        return len(self.places.get(where, ()))


@dataclass(slots=True)
class Router:
    """Finds the ways of a grid's links, one after another."""

    grid: Grid
    gutters: Slots = field(default_factory=Slots)
    gaps: Slots = field(default_factory=Slots)
    taken: dict[Cell, str] = field(default_factory=dict)  # by a box or by a run

    def __post_init__(self) -> None:
        self.taken.update({cell: f"box {id_}" for id_, cell in self.grid.cells.items()})

    def route(self, link: Link) -> Route:
        start, end = self.grid.cells[link.start], self.grid.cells[link.end]
        leaving, coming = f"from {link.start}", f"to {link.end}"
        if self._free(start.row, start, end, leaving):
            if start.row == end.row:
                return Route(link)
            return Route(link, self.gutters.take(end.col, leaving))
        first = self.gutters.take(start.col + 1, leaving)
        if start.row != end.row and self._free(end.row, start, end, coming):
            return Route(link, first)
        last = self.gutters.take(end.col, coming)
        return Route(link, first, self.gaps.take(end.row, coming), last)

    def _free(self, row: int, start: Cell, end: Cell, who: str) -> bool:
        """Takes the row between two columns, if nothing else is there."""
        cells = [Cell(col, row) for col in range(start.col + 1, end.col)]
        if any(self.taken.get(cell, who) != who for cell in cells):
            return False
        self.taken.update(dict.fromkeys(cells, who))
        return True
