"""Marks on a picture: what is to be said of a step beside its plan, as where an account stands."""

from __future__ import annotations

from typing import NamedTuple
from xml.etree import ElementTree as ET

from orchestrator.drawing.words import clean, line, width_of

_HIGH, _PAD, _ROOM = 18, 7, 180  # of a mark in pixels; the widest text


class Mark(NamedTuple):
    """A text on the edge of a box; its style is done, now, held or plain."""

    text: str
    style: str = "plain"


# Every pair of a text and its ground has a contrast of at least 4.5 to 1.
_LIGHT = {
    "done": ("#e6f4ea", "#1a6b3c"), "now": ("#2f56c5", "#fff"), "held": ("#fdf1d8", "#7f4f00"),
    "plain": ("#fff", "#59626f"),
}  # fmt: skip
_DARK = {
    "done": ("#15301f", "#77d49a"), "now": ("#8fb0ff", "#0f1a33"), "held": ("#33270e", "#f0be5e"),
    "plain": ("#14171b", "#a3acb8"),
}  # fmt: skip


def _style(of: dict[str, tuple[str, str]]) -> str:
    return "".join(
        f".mark.{name}{{fill:{ground};stroke:{text}}}.said.{name}{{fill:{text}}}"
        for name, (ground, text) in of.items()
    )


LIGHT, DARK = _style(_LIGHT), _style(_DARK)


def mark(root: ET.Element, one: Mark, *, right: float, bottom: float) -> None:
    """Draw a mark on the lower edge of a box."""
    told = line(one.text, _ROOM)
    width = width_of(told.text) + 2 * _PAD
    left, top = right - width - 8, bottom - _HIGH / 2
    group = ET.SubElement(root, "g")
    ET.SubElement(group, "title").text = clean(one.text)
    ET.SubElement(group, "rect", {
        "class": f"mark {one.style}", "x": f"{left:.1f}", "y": f"{top:.1f}",
        "width": f"{width:.1f}", "height": str(_HIGH), "rx": str(_HIGH / 2),
    })  # fmt: skip
    text = ET.SubElement(group, "text", {
        "class": f"said {one.style}", "x": f"{left + _PAD:.1f}", "y": f"{top + 13:.1f}",
    })  # fmt: skip
    text.text = told.text
