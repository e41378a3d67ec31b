"""What a playbook would do, day by day, before it does anything: `abm simulate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError, Problems
from orchestrator.cli import plays, project
from orchestrator.cli.failures import EXPECTED
from orchestrator.cli.output import (
    counted,
    note,
    problem_lines,
    progress,
    say,
    say_json,
    say_table,
    when,
)

if TYPE_CHECKING:
    from orchestrator.app import App
    from orchestrator.engine.plays.simulating import Loaded
    from orchestrator.simulate import Rates, Simulation
    from orchestrator.simulate.summary import LoadRow, Summary
    from orchestrator.terms import Plan

MOST = 12  # rules and events that are listed; --format json has them all
FEW = 3  # accounts whose calendar the table shows
ENOUGH = 2_000  # account runs that a command does unasked: a few seconds
MOST_RUNS = 50
HISTORY = "history"


class Form(StrEnum):
    """How it is told."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def simulate(
    playbook: Annotated[
        str, typer.Argument(metavar="FILE|PLAYBOOK", help="A file, applied or not, or a name.")
    ],
    accounts: Annotated[
        str, typer.Option(metavar="X,Y", help="These: names, domains or ids.")
    ] = "",
    segment: Annotated[str, typer.Option(metavar="NAME", help="All accounts of it.")] = "",
    made_up: Annotated[
        int, typer.Option("--made-up", min=0, max=100_000, help="So many that nobody has.")
    ] = 0,
    days: Annotated[int, typer.Option(min=1, max=1_000, help="How long.")] = 90,
    seed: Annotated[int, typer.Option(help="Another number, other luck.")] = 1,
    runs: Annotated[
        int, typer.Option(min=0, max=10_000, help="How often. Default: as few seconds allow.")
    ] = 0,
    begin: Annotated[
        str, typer.Option("--from", metavar="DATE", help="Default: now; as 2026-03-02.")
    ] = "",
    rates: Annotated[
        str, typer.Option(metavar="FILE|history", help="How people answer; else by figures.")
    ] = "",
    form: Annotated[Form, typer.Option("--format", help="For people or programs.")] = Form.TABLE,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report with charts there, too.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write every table there as CSV, too.")
    ] = None,
) -> None:
    """Show what a playbook would do to its accounts, day by day; nothing is sent."""
    if made_up and (accounts or segment):
        raise typer.BadParameter("accounts are either ours or made up")
    plan = plays.plan_of(playbook)
    wanted = _Wanted(plan, accounts, segment, made_up, days, begin, seed)
    answers = _rates(rates)
    loaded = wanted.load()
    number = len(loaded.setting.members)
    runs = runs or min(max(ENOUGH // number, 1), MOST_RUNS)
    made = _run(loaded, answers, seed, runs)
    if html:
        _write_page(html, made, loaded)
    if csv:
        _write_tables(csv, made)
    if form is Form.JSON:
        _say_json(made, loaded)
    elif form is Form.CSV:
        _say_csv(made)
    else:
        _say(made, loaded, show_days=number <= FEW)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asks for."""

    plan: Plan
    accounts: str
    segment: str
    made_up: int
    days: int
    begin: str
    seed: int

    def load(self) -> Loaded:
        """The accounts, ours or made up."""
        from orchestrator.engine.plays import simulating

        if not self.made_up:
            with project.opened() as app:
                return simulating.load(
                    app.ctx, self.plan, days=self.days, accounts=self._ids(app),
                    segment=self.segment, start=self._start(app.ctx.settings.workspace.zone),
                )  # fmt: skip
        try:
            project.find()
        except AbmError:
            if project.chosen.get():
                raise
            return self._imagined(None)
        with project.opened() as app:
            return self._imagined(app)

    def _imagined(self, app: App | None) -> Loaded:
        from orchestrator.clock import SystemClock
        from orchestrator.engine.plays import simulating

        zone = app.ctx.settings.workspace.zone if app else "UTC"
        clock = app.ctx.clock if app else SystemClock()
        setting = simulating.imagine(
            app.ctx if app else None, self.plan, self.made_up, days=self.days, seed=self.seed,
            now=self._start(zone) or clock.now(),
        )  # fmt: skip
        return simulating.Loaded(setting)

    def _ids(self, app: App) -> Sequence[int]:
        from orchestrator.engine.plays.targets import called

        said = [one.strip() for one in self.accounts.split(",") if one.strip()]
        return called(app.ctx, said) if said else ()

    def _start(self, zone: str) -> datetime | None:
        return plays.instant(self.begin, zone) if self.begin else None


def _rates(said: str) -> Rates:
    """What --rates names: a file, this workspace's history, or nothing."""
    from orchestrator.engine.plays.forecast_rates import from_history
    from orchestrator.engine.plays.playbook_files import read
    from orchestrator.simulate import Rates
    from orchestrator.simulate.rate_files import parse

    if not said:
        return Rates()
    if said == HISTORY:
        with project.opened() as app:
            return from_history(app.ctx)
    file = Path(said)
    source = read(file)
    try:
        return parse(source, said)
    except Problems as error:
        for problem in error.problems:
            say("\n".join([*problem_lines(problem, source.decode("utf-8", "replace")), ""]))
        raise typer.Exit(EXPECTED) from None


def _run(loaded: Loaded, rates: Rates, seed: int, runs: int) -> Simulation:
    from orchestrator.simulate import simulate

    with progress("simulating") as tell:
        return simulate(loaded.setting, rates, seed=seed, runs=runs, tell=tell)


# ---------------------------------------------------------------- for programs


def _say_json(made: Simulation, loaded: Loaded) -> None:
    from orchestrator.simulate.summary import summary

    told = summary(made)
    numbers = {name: getattr(told, name) for name in told.__slots__}
    also = {"refused": loaded.refused, "running": loaded.running, "calendar": made.lines}
    say_json({**numbers, **also})


def _say_csv(made: Simulation) -> None:
    """The calendar of the first run, a line for each thing that happens."""
    import csv
    import sys

    from orchestrator.simulate import Line

    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(Line._fields)
    rows.writerows((line.at.isoformat(), *line[1:]) for line in made.lines)


def _write_tables(folder: Path, made: Simulation) -> None:
    from orchestrator.cli.simulation_csv import write
    from orchestrator.simulate.summary import summary

    names = write(folder, made, summary(made))
    note(f"{counted(len(names), 'table')} in {folder}: {', '.join(names)}")


# ---------------------------------------------------------------- for people


def _write_page(file: Path, made: Simulation, loaded: Loaded) -> None:
    from orchestrator.cli.simulation_charts import drawn
    from orchestrator.cli.simulation_page import page
    from orchestrator.simulate.summary import summary

    told = summary(made)
    written = page(made, told, drawn(made, told), _notes(loaded))
    try:
        file.write_text(written, encoding="utf-8", newline="\n")
    except OSError as error:
        raise AbmError(f"{file} cannot be written: {error.strerror}") from error
    note(f"the report is in {file}")


def _say(made: Simulation, loaded: Loaded, *, show_days: bool) -> None:
    from orchestrator.simulate.summary import summary

    told, zone = summary(made), made.setting.zone
    _say_head(told, loaded)
    if show_days:
        _say_calendar(made, zone)
    _say_results(told)
    _say_loads(told)
    _say_holds(told, zone)


def _say_head(told: Summary, loaded: Loaded) -> None:
    say(
        f"{told.playbook}: {counted(told.accounts, 'account')}, {told.first} to {told.last}, "
        f"{counted(told.runs, 'run')}, seed {told.seed}"
    )
    for line in _notes(loaded):
        say(line)


def _notes(loaded: Loaded) -> list[str]:
    """Who is not shown as they are, and why."""
    notes = []
    if loaded.running:
        number = counted(loaded.running, "account")
        notes.append(f"{number} run it already: shown as if they began now")
    if loaded.refused:
        rules = ", ".join(f"{rule} {number}" for rule, number in loaded.counts.most_common())
        notes.append(f"{counted(len(loaded.refused), 'account')} could not begin: {rules}")
    return notes


def _say_calendar(made: Simulation, zone: str) -> None:
    for name in dict.fromkeys(line.account for line in made.lines):
        say()
        say(f"{name}, in the first run")
        rows = [
            [
                when(line.at, zone, zone_name=False),
                line.who,
                line.text + f", {line.by}" * bool(line.by),
            ]
            for line in made.lines
            if line.account == name
        ]
        say_table(["when", "who", "what"], rows)


def _say_results(told: Summary) -> None:
    say()
    ends = [("reach the goal", told.reached)]
    ends += [(row.end.replace("_", " "), row.accounts) for row in told.ends]
    rows = [[end, *_three(many), f"{100 * many.p50 / told.accounts:.0f}%"] for end, many in ends]
    say_table(["accounts", "p10", "p50", "p90", "of all"], rows)
    say()
    steps = [
        [row.step, row.kind, *map(_round, (row.planned, row.reached, row.not_reached, row.dropped,
                                           row.open, row.held))]
        for row in told.steps
    ]  # fmt: skip
    say_table(["step", "kind", "parties", "reached", "not", "dropped", "open", "held"], steps)
    if told.events:
        say()
        events = [[kind, *_three(number)] for kind, number in told.events[:MOST]]
        say_table(["happens", "p10", "p50", "p90"], events)


def _say_loads(told: Summary) -> None:
    for heads, rows in (
        (["who", "team", "tasks", "done", "busiest day", "on it", "a day", "days over", "off"],
         [[row.name, row.team, *_load(row), row.over, row.off] for row in told.reps]),
        (["mailbox", "mails", "busiest day", "on it", "a day", "days full"],
         [[row.name, _round(row.total), row.busiest_on, _round(row.busiest), row.limit, row.over]
          for row in told.mailboxes]),
        (["costs", "kind", "p10", "p50", "p90", "budget", ""],
         [[row.step or "in all", row.kind, *(f"{number:,.0f}" for number in row.spent),
           row.budget, row.currency] for row in told.money]),
    ):  # fmt: skip
        if rows:
            say()
            say_table(heads, rows)


def _load(row: LoadRow) -> list[object]:
    return [_round(row.total), _round(row.done), row.busiest_on, _round(row.busiest), row.limit]


def _say_holds(told: Summary, zone: str) -> None:
    if not told.holds:
        return
    say()
    rows = [
        [_round(row.times), _round(row.accounts), when(row.first, zone, zone_name=False), row.step,
         "ends" if row.drops else "waits", row.rule]
        for row in told.holds[:MOST]
    ]  # fmt: skip
    say_table(["times", "accounts", "first", "step", "", "because"], rows)


def _three(number: Sequence[float]) -> list[str]:
    return [_round(one) for one in number]


def _round(number: float) -> str:
    """A mean of many runs, with a digit after the point where it says something."""
    if 0 < number < 0.05:
        return "<0.1"
    return f"{number:.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"
