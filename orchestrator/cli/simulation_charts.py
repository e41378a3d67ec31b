"""The pictures of a simulation, as SVG for light and for dark screens.

Altair writes them and vl-convert paints them; both are imported here only, and when asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from accounts.errors import AbmError
from orchestrator.simulate import Simulation
from orchestrator.simulate.summary import Summary, day_by_day, spread

WIDTH = 760
MOST = 8  # reps, mailboxes and rules that are drawn; the tables have them all
FATES = ("reached", "not reached", "dropped", "open")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a ground: every text on it has a contrast of at least 4.5 to 1."""

    name: str
    ground: str
    text: str
    muted: str
    line: str
    accent: str
    soft: str
    fates: tuple[str, ...]


LIGHT = Theme("light", "#ffffff", "#1b2027", "#59626f", "#d9dde3", "#2f56c5", "#b9c8f3",
              ("#1a6b3c", "#d08a1d", "#8b93a0", "#b9c8f3"))  # fmt: skip
DARK = Theme("dark", "#14171b", "#e7eaee", "#a3acb8", "#333a44", "#8fb0ff", "#35497d",
             ("#77d49a", "#f0be5e", "#78828f", "#35497d"))  # fmt: skip


class Drawn(NamedTuple):
    """A picture: what it is called, what it shows in words, and its SVG for both grounds."""

    title: str
    about: str
    light: str
    dark: str


def drawn(made: Simulation, told: Summary) -> list[Drawn]:
    """The pictures that say something; AbmError where nothing is installed that can draw them."""
    try:
        alt, paint = import_module("altair"), import_module("vl_convert")
    except ImportError as error:
        hint = "pip install altair vl-convert-python, or --format json for the numbers"
        raise AbmError("charts need altair and vl-convert-python", hint) from error
    found = []
    for title, about, draw in _pictures(alt, made, told):
        light, dark = (_svg(paint, draw(theme), theme) for theme in (LIGHT, DARK))
        found.append(Drawn(title, about, light, dark))
    return found


def _svg(paint: Any, chart: Any, theme: Theme) -> str:
    axis = {
        "labelColor": theme.muted, "titleColor": theme.muted, "gridColor": theme.line,
        "domainColor": theme.line, "tickColor": theme.line, "labelFontSize": 12, "labelLimit": 260,
        "titleFontWeight": "normal", "labelSeparation": 8,
    }  # fmt: skip
    header = {"labelColor": theme.text, "titleColor": theme.muted, "labelFontSize": 12}
    legend = {"labelColor": theme.text, "titleColor": theme.muted, "labelFontSize": 12}
    settings = {
        "background": theme.ground, "font": "system-ui, Segoe UI, Roboto, Noto Sans, sans-serif",
        # A browser's own font may be wider than the one that was measured.
        "padding": {"left": 30, "right": 16, "top": 4, "bottom": 4},
        "view": {"stroke": None}, "axis": axis, "header": header,
        "legend": {**legend, "orient": "top", "title": None},
    }  # fmt: skip
    svg: str = paint.vegalite_to_svg({**chart.to_dict(), "config": settings})
    return svg


def _pictures(alt: Any, made: Simulation, told: Summary) -> Iterator[tuple[str, str, Any]]:
    goal = list(_goal(made))
    middle = told.reached
    yield (
        "Accounts that reach the goal",
        (
            f"{middle.p50:.0f} of {told.accounts} by the end; {middle.p10:.0f} in a poor run, "
            f"{middle.p90:.0f} in a good one"
        ),
        lambda theme: _band(alt, goal, theme),
    )
    steps = list(_steps(told))
    order = [row.step for row in told.steps]
    yield (
        "What becomes of each step",
        "parties of each step by how they end, a run's mean",
        lambda theme: _stacked(alt, steps, order, theme),
    )
    if made.tallies[0].sent:
        mails = list(_daily(made))
        yield (
            "Begun and sent, day by day",
            "accounts that begin and messages that leave, in the middle run",
            lambda theme: _bars(alt, mails, theme),
        )
    yield from _burdens(alt, made, told)


def _burdens(alt: Any, made: Simulation, told: Summary) -> Iterator[tuple[str, str, Any]]:
    """What weighs on our people, and what holds accounts up."""
    if told.reps:
        loads = list(_loads(made, told))
        busiest = max(told.reps, key=lambda row: row.busiest)
        yield (
            "Tasks that come to our people",
            (
                f"most on one day: {busiest.busiest:.0f} for {busiest.name} on "
                f"{busiest.busiest_on}; the line is what they do in a day, grey days are off"
            ),
            lambda theme: _load(alt, made, loads, theme),
        )
    holds = [row for row in told.holds if not row.drops][:MOST]
    if holds:
        rows = [{"rule": row.rule, "accounts": row.accounts} for row in holds]
        yield (
            "What is held, and by which rule",
            "accounts that waited because of each rule, a run's mean",
            lambda theme: _held(alt, rows, theme),
        )


# ---------------------------------------------------------------- numbers by day


def _goal(made: Simulation) -> Iterator[dict[str, object]]:
    zone = ZoneInfo(made.setting.zone)
    runs = [[at.astimezone(zone).date() for at in one.reached.values()] for one in made.tallies]
    for day in made.setting.days():
        low, middle, high = spread(sum(at <= day for at in run) for run in runs)
        yield {"day": day.isoformat(), "p10": low, "p50": middle, "p90": high}


def _steps(told: Summary) -> Iterator[dict[str, object]]:
    for row in told.steps:
        numbers = (row.reached, row.not_reached, row.dropped, row.open)
        for place, (fate, number) in enumerate(zip(FATES, numbers, strict=True)):
            yield {"step": row.step, "fate": fate, "parties": number, "place": place}


def _daily(made: Simulation) -> Iterator[dict[str, object]]:
    for what, counters in (
        ("accounts that begin", [one.begins for one in made.tallies]),
        ("messages that leave", [one.sent for one in made.tallies]),
    ):
        for day in made.setting.days():
            number = spread(one[day] for one in counters).p50
            yield {"day": day.isoformat(), "what": what, "number": number}


def _loads(made: Simulation, told: Summary) -> Iterator[dict[str, object]]:
    came = [one.came for one in made.tallies]
    for row in sorted(told.reps, key=lambda row: -row.total)[:MOST]:
        known, rep = day_by_day(row.name, came), made.setting.reps[row.name]
        most = max(known.values(), default=1.0)
        for day in made.setting.days():
            yield {
                "who": row.name, "day": day.isoformat(), "tasks": known.get(day, 0.0),
                "limit": row.limit, "off": max(most, row.limit or 0) if rep.is_off(day) else None,
            }  # fmt: skip


# ---------------------------------------------------------------- charts


def _data(alt: Any, rows: Iterable[dict[str, object]]) -> Any:
    return alt.Data(values=list(rows))


def _day(alt: Any) -> Any:
    return alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", labelOverlap=True, grid=False))


def _band(alt: Any, rows: Sequence[dict[str, object]], theme: Theme) -> Any:
    base = alt.Chart(_data(alt, rows), width=WIDTH, height=220).encode(x=_day(alt))
    band = base.mark_area(color=theme.soft, interpolate="step-after").encode(
        y=alt.Y("p10:Q", title="accounts, p10 to p90"), y2="p90:Q"
    )
    line = base.mark_line(color=theme.accent, strokeWidth=2.5, interpolate="step-after").encode(
        y="p50:Q"
    )
    return band + line


def _stacked(
    alt: Any, rows: Sequence[dict[str, object]], order: Sequence[str], theme: Theme
) -> Any:
    return (
        alt.Chart(_data(alt, rows), width=WIDTH - 160, height=alt.Step(24))
        .mark_bar()
        .encode(
            y=alt.Y("step:N", sort=list(order), title=None),
            x=alt.X("parties:Q", title="parties"),
            color=alt.Color(
                "fate:N", sort=list(FATES), scale=alt.Scale(domain=FATES, range=theme.fates)
            ),
            order=alt.Order("place:Q"),
        )
    )


def _bars(alt: Any, rows: Sequence[dict[str, object]], theme: Theme) -> Any:
    base = alt.Chart(width=WIDTH, height=110).mark_bar(color=theme.accent)
    bars = base.encode(x=_day(alt), y=alt.Y("number:Q", title=None))
    return _facets(alt, bars, rows, "what")


def _facets(alt: Any, chart: Any, rows: Sequence[dict[str, object]], by: str) -> Any:
    """One under another, each with its own scale, its name above it."""
    header = alt.Header(labelAnchor="start", title=None, labelOrient="top")
    faceted = chart.properties().facet(
        data=_data(alt, rows), facet=alt.Facet(f"{by}:N", header=header, sort=None), columns=1
    )
    return faceted.resolve_scale(y="independent")


def _load(alt: Any, made: Simulation, rows: Sequence[dict[str, object]], theme: Theme) -> Any:
    base = alt.Chart(width=WIDTH, height=80).encode(x=_day(alt))
    off = base.mark_bar(color=theme.line, width=WIDTH / len(made.setting.days()) + 1).encode(
        y=alt.Y("off:Q", title=None)
    )
    bars = base.mark_bar(color=theme.accent).encode(y=alt.Y("tasks:Q", title=None))
    limit = base.mark_line(color=theme.fates[1], strokeWidth=2).encode(y="limit:Q")
    return _facets(alt, alt.layer(off, bars, limit), rows, "who")


def _held(alt: Any, rows: Sequence[dict[str, object]], theme: Theme) -> Any:
    return (
        alt.Chart(_data(alt, rows), width=WIDTH - 260, height=alt.Step(24))
        .mark_bar(color=theme.accent)
        .encode(
            y=alt.Y("rule:N", sort=None, title=None), x=alt.X("accounts:Q", title="accounts held")
        )
    )
