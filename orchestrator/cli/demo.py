"""`abm demo`: three weeks in a minute, then what happened and where to look."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, note, say, say_json, say_table, when

if TYPE_CHECKING:
    from orchestrator.demo import Summary
    from orchestrator.demo.story import Line
    from orchestrator.settings import Settings

FOLDER = ".demo"  # in the current folder; made anew by each demo
SHOWN = 12  # reasons of holds that the terminal shows
ENTRIES = 14  # lines of the sample log


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="End by itself; do not keep the pages up.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run three weeks of playbooks on real companies, at a virtual clock, in about a minute."""
    from orchestrator.cli.starting import start
    from orchestrator.demo import show

    folder = (project.chosen.get() or Path.cwd() / FOLDER).absolute()
    _clear(folder)
    start(folder)
    with show(folder, note) as shown:
        if as_json:
            say_json(_plain(shown.summary))
        else:
            _say(shown.summary, folder)
        if not shown.summary.mail.agrees:
            raise AbmError("our log and the mail sink's do not agree", f"see {folder}/.abm/sink")
        if not headless and sys.stdin.isatty():
            _serve(folder, shown.page)
    if not as_json:
        _say_where(shown.summary, folder)


def _clear(folder: Path) -> None:
    """Remove the last demo; AbmError for a folder that no demo made."""
    if not folder.exists():
        return
    if any(folder.iterdir()) and not (folder / ".abm" / "sink").is_dir():
        raise AbmError(f"{folder} is not a demo's folder", "name an empty one with --project DIR")
    shutil.rmtree(folder)


def _serve(folder: Path, prefect: str) -> None:
    """Show the pages to whoever follows a link, until Ctrl-C."""
    from orchestrator.cli.up import web_server
    from orchestrator.settings import load

    settings = load(folder)
    server = web_server(settings)
    server.start()
    try:
        server.wait_ready()
        say("The pages, as three of the team see them (each link works once):")
        for name, who in (("iris", "sales"), ("mona", "marketing"), ("lena", "leader")):
            say(f"  {_link(settings, name)}   {name}, {who}")
        say(f"Prefect's page with all flow runs: {prefect}")
        say("Ctrl-C ends it")
        signal.pause()
    except KeyboardInterrupt:
        say()
    finally:
        server.stop()


def _link(settings: Settings, name: str) -> str:
    from orchestrator.address import address
    from orchestrator.app import build
    from orchestrator.engine.staff.access import link

    app = build(settings)
    try:
        return f"{address(settings)}/sign-in/{link(app.ctx, name)}"
    finally:
        app.close()


def _plain(summary: Summary) -> Mapping[str, object]:
    from orchestrator.cli.output import plain

    told: dict[str, object] = plain(summary)
    return {**told, "agrees": summary.mail.agrees}


# ---------------------------------------------------------------- the summary


def _say(summary: Summary, folder: Path) -> None:
    say()
    say(f"Three weeks in {summary.seconds:.0f} seconds, {summary.looks} looks at the clock.")
    say()
    _say_imported(summary)
    say()
    _say_lines("step", summary.steps)
    say()
    _say_lines("team", summary.teams)
    say()
    _say_counts("what came back", summary.signals)
    say()
    _say_counts("held or skipped because", dict(list(summary.held.items())[:SHOWN]))
    say()
    _say_ends("tasks", summary.tasks)
    say()
    _say_ends("play", summary.plays)
    say()
    mail = summary.mail
    say(
        f"The mail sink accepted {mail.accepted} mails; our log says {mail.sent} were sent, "
        f"{mail.unknown} unknown, {mail.twice} twice: they {'agree' if mail.agrees else 'DIFFER'}."
    )
    if summary.example:
        say()
        _say_story(summary.example, folder)


def _say_imported(summary: Summary) -> None:
    rows = [
        [file, sum(counts.values()), ", ".join(f"{n} {how}" for how, n in counts.items() if n)]
        for file, counts in summary.imported.items()
    ]
    say_table(["imported", "rows", "what became of them"], rows)
    refused = ", ".join(f"{number} {rule}" for rule, number in summary.refused.items())
    say(
        f"{summary.nominated} accounts nominated by both teams, {summary.targets} signed, "
        f"{summary.enrolled} enrolled" + (f" (not: {refused})" if refused else "")
    )


def _say_lines(head: str, lines: Sequence[Line]) -> None:
    from orchestrator.demo.story import COLUMNS

    seen = {column for line in lines for column in line.counts}
    columns = [column for column in dict.fromkeys(COLUMNS.values()) if column in seen]
    rows = [[line.name, *(line.counts.get(column, "") for column in columns)] for line in lines]
    say_table([head, *columns], rows)


def _say_counts(head: str, counts: Mapping[str, int]) -> None:
    say_table([head, "times"], [[name, number] for name, number in counts.items()])


def _say_ends(head: str, found: Mapping[str, Mapping[str, int]]) -> None:
    rows = [
        [name, ", ".join(f"{number} {how.replace('_', ' ')}" for how, number in ends.items())]
        for name, ends in found.items()
    ]
    say_table([head, "how they stand"], rows)


def _say_story(account: str, folder: Path) -> None:
    """The beginning of one account's log: what the command `abm log` shows."""
    from orchestrator.app import build
    from orchestrator.engine.reading import account_log
    from orchestrator.settings import load

    app = build(load(folder))
    try:
        found, zone = account_log(app.ctx, account, limit=10_000), app.ctx.settings.workspace.zone
    finally:
        app.close()
    say(f"One account's log ({account}), from its first entry:")
    rows = [
        [when(one.at, zone, zone_name=False), one.team, one.contact, one.text]
        for one in found.entries[:ENTRIES]
    ]
    say_table(["at", "team", "contact", "what"], rows)
    if len(found.entries) > ENTRIES:
        say(f"... and {len(found.entries) - ENTRIES} more")


def _say_where(summary: Summary, folder: Path) -> None:
    abm = f"abm --project {_short(folder)}"
    say()
    say("Look for yourself:")
    say(f"  {abm} status")
    say(f"  {abm} tasks --user iris")
    if summary.example:
        say(f"  {abm} log '{summary.example}'")
    say(f"  {abm} up               # the pages, and Prefect's with every flow run, until Ctrl-C")
    say(f"  {abm} user link iris   # a way in, while that is up")


def _short(folder: Path) -> Path:
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
