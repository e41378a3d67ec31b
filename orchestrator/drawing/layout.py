"""A plan as boxes and arrows with coordinates in pixels; nothing here knows how they are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from orchestrator.calendar import Span, Unit
from orchestrator.drawing.days import begins
from orchestrator.drawing.grid import Grid, grid
from orchestrator.drawing.routes import Link, Route, Router, links
from orchestrator.drawing.words import LANES, PLAY, Line, line, lines_of, team_of
from orchestrator.terms import After, Kind, Once, Plan, Reach, Step

Point = tuple[float, float]

WIDTH = 208  # of a box
PAD, SLANT = 10, 14  # within a box; how far the ends of a lozenge reach out
LINE, NAME = 16, 20  # heights
MARGIN, HEAD = 16, 64  # around the picture; above the lanes, for title and days
NAMES = 84  # for the names of the lanes
GUTTER, GAP, SLOT = 38, 26, 9  # least distances of columns and rows; of two runs in them
LABEL = 90  # of a branch, on its arrow
ASIDE = 11  # of the middle, where an arrow comes from above or below
FOOT = 28


@dataclass(frozen=True, slots=True)
class Box:
    """A step; `lozenge` for what the play does by itself."""

    id: str
    lane: str
    lozenge: bool
    left: float
    top: float
    height: float
    lines: tuple[Line, ...]
    title: str = ""
    width: float = WIDTH

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way of straight runs from the right edge of a box to the left edge of another."""

    start: str
    end: str
    points: tuple[Point, ...]
    dashed: bool
    label: Line | None
    label_at: Point  # its right end


@dataclass(frozen=True, slots=True)
class Band:
    """A lane from top to bottom, or the columns of a day from left to right."""

    name: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is to be drawn."""

    title: str
    width: float
    height: float
    lanes: tuple[Band, ...]
    days: tuple[Band, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def layout(plan: Plan) -> Picture:
    """Where everything of a plan stands. No two boxes overlap; prerequisites stand to the left."""
    plan = replace(plan, steps=(*map(_as_step, plan.once), *plan.steps))
    begin = begins(plan)
    cells = grid(plan, begin)
    router = Router(cells)
    routes = [router.route(link) for link in links(plan)]
    lines = {step.id: lines_of(step, begin[step.id], _room(team_of(step))) for step in plan.steps}
    for one in plan.once:
        lines[one.id] += (line("once, for all accounts", WIDTH - 2 * PAD),)
    sizes = {id_: _height(of) for id_, of in lines.items()}
    lefts = _lefts(cells, router, [one.link for one in routes])
    tops, heights = _tops(cells, router, sizes)
    boxes = {}
    for step in plan.steps:
        cell, size, lane = cells.cells[step.id], sizes[step.id], team_of(step)
        top = tops[cell.row] + (heights[cell.row] - size) / 2
        boxes[step.id] = Box(
            step.id, lane, lane == PLAY, lefts[cell.col], top, size, lines[step.id], step.title
        )
    arrows = tuple(_arrow(route, boxes, lefts, tops, router) for route in routes)
    lanes = tuple(_lane(name, rows, tops, heights, router) for name, rows in cells.lanes.items())
    return Picture(
        plan.title or plan.name,
        lefts[-1] + WIDTH + MARGIN,
        lanes[-1].start + lanes[-1].length + FOOT,
        lanes, _days(cells.days, lefts), tuple(boxes.values()), arrows,
    )  # fmt: skip


def _as_step(once: Once) -> Step:
    """Work that is done once, as a step with which the first account begins."""
    by, at_once = once.by or LANES[0], Span(0, Unit.MINUTES)
    return Step(once.id, Kind.TODO, Reach(), After(), at_once, by=by, title=once.title)


def _room(lane: str) -> float:
    return WIDTH - 2 * (PAD + (SLANT if lane == PLAY else 0))


def _height(lines: Sequence[Line]) -> float:
    return 2 * PAD + NAME + LINE * (len(lines) - 1)


def _lefts(cells: Grid, router: Router, found: Iterable[Link]) -> list[float]:
    """The left edge of each column. A gutter is as wide as the runs and the labels in it."""
    labelled = {cells.cells[link.end].col for link in found if link.label}
    lefts, at = [], float(MARGIN + NAMES)
    for col in range(len(cells.days)):
        if col:
            at += GUTTER + SLOT * router.gutters.count(col) + LABEL * (col in labelled)
        lefts.append(at)
        at += WIDTH
    return lefts


def _tops(
    cells: Grid, router: Router, sizes: Mapping[str, float]
) -> tuple[list[float], list[float]]:
    """The top and the height of each row."""
    tops, heights, at = [], [], float(HEAD)
    for row in range(max(rows.stop for rows in cells.lanes.values())):
        in_row = [sizes[id_] for id_, cell in cells.cells.items() if cell.row == row]
        at += GAP + SLOT * router.gaps.count(row)
        tops.append(at)
        heights.append(max(in_row, default=2 * PAD + NAME))
        at += heights[-1]
    return tops, heights


def _gap_top(row: int, tops: Sequence[float], router: Router) -> float:
    return tops[row] - GAP - SLOT * router.gaps.count(row)


def _lane(
    name: str, rows: range, tops: Sequence[float], heights: Sequence[float], router: Router
) -> Band:
    """A lane ends halfway in the gap below its last row, above the runs of the next one's."""
    top = _gap_top(rows.start, tops, router)
    bottom = tops[rows.stop - 1] + heights[rows.stop - 1]
    return Band(name, top + GAP / 4, bottom - top)


def _days(days: Sequence[int], lefts: Sequence[float]) -> tuple[Band, ...]:
    bands = []
    for day, of_day in groupby(range(len(days)), key=lambda col: days[col]):
        cols = list(of_day)
        bands.append(Band(f"day {day}", lefts[cols[0]], lefts[cols[-1]] + WIDTH - lefts[cols[0]]))
    return tuple(bands)


def _arrow(
    route: Route,
    boxes: Mapping[str, Box],
    lefts: Sequence[float],
    tops: Sequence[float],
    router: Router,
) -> Arrow:
    start, end, link = boxes[route.link.start], boxes[route.link.end], route.link
    points: list[Point] = [(start.right, start.middle)]
    if route.first:
        points.append((_slot_left(route.first, lefts), start.middle))
    if route.first and route.gap and route.last:
        row, slot = route.gap
        over = _gap_top(row, tops, router) + GAP / 2 + SLOT * slot
        points += [(points[-1][0], over), (_slot_left(route.last, lefts), over)]
    side = (points[-1][1] < end.middle) - (points[-1][1] > end.middle)
    enter = end.middle - side * ASIDE
    if side:
        points.append((points[-1][0], enter))
    points.append((_edge(end, side), enter))
    label = line(link.label, LABEL - 10) if link.label else None
    below = end.middle + ASIDE + LINE - 2 if side < 0 else end.middle - ASIDE - 5
    return Arrow(link.start, link.end, tuple(points), link.any, label and _whole(label, link),
                 (end.left - 12, below))  # fmt: skip


def _whole(label: Line, link: Link) -> Line:
    return Line(label.text, line(link.whole, LABEL).whole)


def _edge(box: Box, side: int) -> float:
    """Where an arrow meets the left edge: that of a lozenge slants."""
    return box.left + (SLANT * ASIDE / (box.height / 2) if box.lozenge and side else 0)


def _slot_left(slot: tuple[int, int], lefts: Sequence[float]) -> float:
    col, place = slot
    return lefts[col - 1] + WIDTH + 14 + SLOT * place
