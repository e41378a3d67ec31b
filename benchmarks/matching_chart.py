"""The picture of a run: F1 of everybody as bars, and how speed falls as the list grows."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

OUR_COLOURS = {"abm": "#0b6e4f", "abm (names)": "#6cc4a1"}
PEER_COLOURS = ("#c44536", "#e09f3e", "#335c81", "#7b5ea7", "#5f6c72", "#a3763d")


class Bar(NamedTuple):
    """An F1, 0..1, of a matcher on one kind of query."""

    matcher: str
    kind: str
    f1: float


class Point(NamedTuple):
    """Queries per CPU second of a matcher on a list of this size."""

    matcher: str
    accounts: int
    rate: float


def drawable() -> bool:
    """Whether there is something to draw with; says so on stderr if not."""
    missing = [name for name in ("altair", "vl_convert") if find_spec(name) is None]
    if missing:
        print(f"SKIPPED: the chart, for want of {', '.join(missing)}", file=sys.stderr)
    return not missing


def draw(bars: Sequence[Bar], points: Sequence[Point], file: Path) -> None:
    """Write the chart; the ending of `file` says the format (.svg, .png, .html, .json)."""
    import altair as alt

    matchers = list(
        dict.fromkeys([point.matcher for point in points] + [bar.matcher for bar in bars])
    )
    theirs = iter(PEER_COLOURS)
    colours = [OUR_COLOURS.get(matcher) or next(theirs) for matcher in matchers]
    colour = alt.Color("matcher:N", title=None, scale=alt.Scale(domain=matchers, range=colours))
    both = alt.hconcat(_accuracy(alt, bars, matchers, colour), _growth(alt, points, colour))
    # Where it is shown, letters may be wider than was reckoned.
    chart = both.configure(padding=24, view=alt.ViewConfig(stroke=None))
    chart.save(str(file))


def _accuracy(alt: Any, bars: Sequence[Bar], matchers: list[str], colour: Any) -> Any:
    kinds = list(dict.fromkeys(bar.kind for bar in bars))
    base = alt.Chart(alt.Data(values=[bar._asdict() for bar in bars])).encode(
        y=alt.Y("matcher:N", sort=matchers, title=None, axis=alt.Axis(ticks=False, domain=False))
    )
    drawn = base.mark_bar().encode(
        x=alt.X("f1:Q", scale=alt.Scale(domain=[0, 1]), title=None), color=colour
    )
    figure = base.mark_text(align="left", dx=3).encode(
        x="f1:Q", text=alt.Text("f1:Q", format=".3f")
    )
    return (
        alt.layer(drawn, figure)
        .properties(width=200, height=150)
        .facet(column=alt.Column("kind:N", sort=kinds, title="F1 at each one's best threshold"))
    )


def _growth(alt: Any, points: Sequence[Point], colour: Any) -> Any:
    base = alt.Chart(alt.Data(values=[point._asdict() for point in points])).encode(
        x=alt.X("accounts:Q", scale=alt.Scale(type="log"), axis=alt.Axis(format="~s")),
        y=alt.Y("rate:Q", scale=alt.Scale(type="log"), title="queries per CPU second",
                axis=alt.Axis(format="~s")),
        color=colour,
    )  # fmt: skip
    return (base.mark_line() + base.mark_point(filled=True, size=50)).properties(
        title="Speed on one core as the list grows", width=340, height=220
    )
