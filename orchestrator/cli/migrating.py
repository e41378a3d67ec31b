"""The command that moves running plays to another version of their playbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, counted, say, say_json, say_table
from orchestrator.cli.plays import MOST, By

if TYPE_CHECKING:
    from orchestrator.engine.plays.courses import StepMoves
    from orchestrator.engine.plays.migrating import Migrated

_HEADS = {  # what becomes of a step, as `planner.moving.Fate` calls it
    "done": "done",
    "open": "open",
    "ahead": "to come",
    "passed": "skipped",
    "gone": "gone",
}


def migrate(
    playbook: Annotated[str, typer.Argument(help="Its name.")],
    source: Annotated[
        int, typer.Option("--from", metavar="N", help="Only those in version N.")
    ] = 0,
    to: Annotated[
        int, typer.Option("--to", metavar="M", help="Default: the version in force.")
    ] = 0,
    names: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OLD=NEW,…", help="Steps that are called otherwise now."),
    ] = None,
    accounts: Annotated[
        list[str] | None,
        typer.Option("--account", "--accounts", metavar="NAME", help="Only these; say it again."),
    ] = None,
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else it is only shown.")] = False,
    as_json: Json = False,
) -> None:
    """Show what moving running plays to another version would do; with --yes, move them."""
    from orchestrator.engine.plays.migrating import migrate
    from orchestrator.engine.plays.targets import called

    told = dict(_pairs(names or ()))
    about, detail = f"playbook {playbook}", f"from={source} to={to}"
    with project.recorded("migrate", about, detail, by=by, dry_run=not yes) as app:
        done = migrate(
            app.ctx, playbook, source=source, to=to, names=told,
            accounts=called(app.ctx, accounts or ()), by=by, dry_run=not yes,
        )  # fmt: skip
    if as_json:
        say_json({**_plain(done), "dry_run": not yes})
    else:
        _say_migrated(done, dry_run=not yes)


def _pairs(told: Iterable[str]) -> Iterator[tuple[str, str]]:
    for pair in (one.strip() for said in told for one in said.split(",")):
        was, _, now = (part.strip() for part in pair.partition("="))
        if not was or not now:
            raise AbmError(f"{pair!r} names no two steps", "write it as --map old=new")
        yield was, now


def _plain(done: Migrated) -> dict[str, object]:
    return {
        "playbook": done.playbook, "version": done.number, "moved": done.accounts,
        "stay": done.stay, "steps": done.steps,
    }  # fmt: skip


def _say_migrated(done: Migrated, dry_run: bool) -> None:
    would = "would move" if dry_run else "moved"
    say(f"{counted(len(done.accounts), 'account')} {would} to {done.playbook}, "
        f"version {done.number}")  # fmt: skip
    say_table(["step", "was", *_HEADS.values()], map(_row, done.steps))
    if done.stay:
        stay = "would stay" if dry_run else "stayed"
        say(f"{counted(len(done.stay), 'account')} {stay} as they are:")
        rows = [[one.account, one.version, one.reason] for one in done.stay[:MOST]]
        say_table(["account", "version", "because"], rows)
        if len(done.stay) > MOST:
            say(f"and {len(done.stay) - MOST:,} more: --json shows them all")
    if dry_run and done.accounts:
        say("nothing was changed; --yes moves them")


def _row(one: StepMoves) -> list[object]:
    return [one.step, one.was, *(one.plays.get(fate, "") for fate in _HEADS)]
