"""A picture as SVG: one text, the same for the same picture, for light and dark screens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from xml.etree import ElementTree as ET

from orchestrator.drawing import marks as marking
from orchestrator.drawing.layout import (
    HEAD,
    LINE,
    MARGIN,
    NAME,
    NAMES,
    PAD,
    SLANT,
    Arrow,
    Band,
    Box,
    Picture,
    Point,
)  # fmt: skip
from orchestrator.drawing.marks import Mark, mark
from orchestrator.drawing.words import LARGE, SMALL, clean, line

_RADIUS = 6  # of corners
# Every pair of a text and its ground has a contrast of at least 4.5 to 1.
_LIGHT = {
    "ground": "#fff", "band": "#f6f7f9", "rule": "#d9dde3", "text": "#1b2027", "muted": "#59626f",
    "marketing": "#e9eefb", "marketing-edge": "#2f56c5", "sales": "#e6f4ea",
    "sales-edge": "#1a6b3c", "play": "#efecfa", "play-edge": "#5b4a9c",
}  # fmt: skip
_DARK = {
    "ground": "#14171b", "band": "#1c2026", "rule": "#333a44", "text": "#e7eaee",
    "muted": "#a3acb8", "marketing": "#1c2743", "marketing-edge": "#8fb0ff", "sales": "#15301f",
    "sales-edge": "#77d49a", "play": "#272140", "play-edge": "#bcaefc",
}  # fmt: skip


def size(picture: Picture) -> tuple[int, int]:
    """Width and height in whole pixels, for a page that keeps room for it."""
    return ceil(picture.width), ceil(picture.height)


def svg(picture: Picture, marks: Mapping[str, Mark] | None = None) -> str:
    """The picture as an SVG document; any text in it is harmless.

    `marks` say by step what is to be told of it beside the plan, as how many accounts are there.
    """
    marks = marks or {}
    root = ET.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "title about",
        **_numbers(width=picture.width, height=picture.height),
        "viewBox": f"0 0 {_number(picture.width)} {_number(picture.height)}",
    })  # fmt: skip
    ET.SubElement(root, "title", id="title").text = clean(picture.title)
    ET.SubElement(root, "desc", id="about").text = _about(picture, marks)
    ET.SubElement(root, "style").text = _style()
    marker = ET.SubElement(ET.SubElement(root, "defs"), "marker", {
        "id": "head", "viewBox": "0 0 8 8", "refX": "8", "refY": "4", "markerWidth": "8",
        "markerHeight": "8", "markerUnits": "userSpaceOnUse", "orient": "auto",
    })  # fmt: skip
    ET.SubElement(marker, "path", {"class": "head", "d": "M0 0 8 4 0 8z"})
    _rect(root, "ground", 0, 0, picture.width, picture.height)
    _frame(root, picture)
    for arrow in picture.arrows:
        _arrow(root, arrow)
    for box in picture.boxes:
        _box(root, box)
    for box in picture.boxes:
        if found := marks.get(box.id):
            mark(root, found, right=box.right, bottom=box.bottom)
    return ET.tostring(root, encoding="unicode") + "\n"


def _about(picture: Picture, marks: Mapping[str, Mark]) -> str:
    """The whole picture in words, for who does not see it."""
    days = {box.id: _day(box, picture.days) for box in picture.boxes}
    before: dict[str, list[str]] = {}
    for arrow in picture.arrows:
        branch = f" ({arrow.label.whole})" if arrow.label else ""
        before.setdefault(arrow.end, []).append(arrow.start + branch)
    any_of = {arrow.end for arrow in picture.arrows if arrow.dashed}
    told = []
    for box in picture.boxes:
        after = (" or " if box.id in any_of else " and ").join(before.get(box.id, ()))
        facts = [box.lane, days[box.id], *_known(box)]
        if box.id in marks:
            facts.insert(0, marks[box.id].text)
        told.append(f"{box.id}: {', '.join([*facts, f'after {after}'] if after else facts)}.")
    return clean(" ".join(told))


def _known(box: Box) -> list[str]:
    """What is to be known of a step, uncut."""
    return [one.whole for one in box.lines[1:] if one.whole]


def _day(box: Box, days: Iterable[Band]) -> str:
    return next(day.name for day in reversed(tuple(days)) if day.start <= box.left)


def _style() -> str:
    sizes = f"text{{font:{SMALL}px system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif}}"
    return (
        f"{sizes}.name{{font-size:{LARGE}px;font-weight:600}}.title{{font-size:17px;"
        "font-weight:600}.asked{font-style:italic}.link{fill:none;stroke-width:1.5}"
        ".any{stroke-dasharray:5 4}.box{stroke-width:1.25}"
        f"{_colours(_LIGHT)}{marking.LIGHT}@media (prefers-color-scheme:dark)"
        f"{{{_colours(_DARK)}{marking.DARK}}}"
    )


def _colours(of: dict[str, str]) -> str:
    boxes = "".join(
        f".{lane}{{fill:{of[lane]};stroke:{of[lane + '-edge']}}}"
        for lane in ("marketing", "sales", "play")
    )
    return (
        f".ground{{fill:{of['ground']}}}.band{{fill:{of['band']}}}.rule{{stroke:{of['rule']}}}"
        f"text{{fill:{of['text']}}}.plain,.asked,.day{{fill:{of['muted']}}}"
        f".link{{stroke:{of['muted']}}}.head{{fill:{of['muted']}}}{boxes}"
    )


def _frame(root: ET.Element, picture: Picture) -> None:
    """The title, the lanes and the days."""
    room = picture.width - 2 * MARGIN
    _text(root, "title", MARGIN, 28, line(picture.title, room * SMALL / 17).text)
    for lane in picture.lanes:
        _rect(root, "band", MARGIN / 2, lane.start + 2, picture.width - MARGIN, lane.length - 4)
        _text(root, "name", MARGIN, lane.start + 22, lane.name)
    for day in picture.days:
        _text(root, "day", day.start, HEAD - 10, day.name)
        rule = {"x1": day.start, "x2": day.start + day.length, "y1": HEAD - 4, "y2": HEAD - 4}
        ET.SubElement(root, "line", {"class": "rule", **_numbers(**rule)})
    if any(arrow.dashed for arrow in picture.arrows):
        _text(root, "day", MARGIN + NAMES, picture.height - 9, "dashed: one of them is enough")


def _box(root: ET.Element, box: Box) -> None:
    group = ET.SubElement(root, "g")
    whole = [box.lines[0].whole, *filter(None, [clean(box.title)]), *_known(box)]
    ET.SubElement(group, "title").text = "\n".join(whole)
    if box.lozenge:
        ET.SubElement(group, "path", {"class": "box play", "d": _lozenge(box)})
    else:
        _rect(group, f"box {box.lane}", box.left, box.top, box.width, box.height, _RADIUS)
    left = box.left + PAD + (SLANT if box.lozenge else 0)
    for n, one in enumerate(box.lines):
        base = box.top + PAD + LARGE + (NAME - LARGE + LINE * n - 4 if n else 0)
        _text(group, one.style, left, base, one.text)


def _lozenge(box: Box) -> str:
    corners = [
        (box.left, box.middle), (box.left + SLANT, box.top), (box.right - SLANT, box.top),
        (box.right, box.middle), (box.right - SLANT, box.bottom), (box.left + SLANT, box.bottom),
    ]  # fmt: skip
    return "M" + " ".join(map(_point, corners)) + "z"


def _arrow(root: ET.Element, arrow: Arrow) -> None:
    group = ET.SubElement(root, "g")
    told = f"{arrow.start} → {arrow.end}" + (f", {arrow.label.whole}" if arrow.label else "")
    ET.SubElement(group, "title").text = clean(told)
    style = "link any" if arrow.dashed else "link"
    way = {"class": style, "d": _way(arrow.points), "marker-end": "url(#head)"}
    ET.SubElement(group, "path", way)
    if arrow.label:
        _text(group, "plain", *arrow.label_at, arrow.label.text).set("text-anchor", "end")


def _way(points: tuple[Point, ...]) -> str:
    """Straight runs with round corners: a corner is a turn, a cross is none."""
    parts = [f"M{_point(points[0])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        bend = min(_RADIUS, _far(before, at) / 2, _far(at, after) / 2)
        parts.append(f"L{_point(_towards(at, before, bend))}")
        parts.append(f"Q{_point(at)} {_point(_towards(at, after, bend))}")
    return "".join([*parts, f"L{_point(points[-1])}"])


def _far(one: Point, other: Point) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _towards(start: Point, end: Point, by: float) -> Point:
    """So far from `start` along a run to `end`, which goes up, down or sideways."""
    share = by / (_far(start, end) or 1)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _rect(
    root: ET.Element,
    style: str,
    left: float,
    top: float,
    width: float,
    height: float,
    round_: int = 0,
) -> None:
    sizes = {"x": left, "y": top, "width": width, "height": height, "rx": round_}
    ET.SubElement(root, "rect", {"class": style, **_numbers(**sizes)})


def _text(root: ET.Element, style: str, left: float, base: float, text: str) -> ET.Element:
    made = ET.SubElement(root, "text", {"class": style, **_numbers(x=left, y=base)})
    made.text = text
    return made


def _numbers(**of: float) -> dict[str, str]:
    return {name: _number(value) for name, value in of.items()}


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _point(point: Point) -> str:
    return f"{_number(point[0])} {_number(point[1])}"
