"""Commands about versions of playbooks: what a file would change, and what there was before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError, Problems
from orchestrator.cli import project
from orchestrator.cli.output import Json, clean, counted, say, say_json, say_table, when
from orchestrator.cli.plays import By, is_agreement, not_agreed, say_problems, text_of

if TYPE_CHECKING:
    from orchestrator.engine.plays.versions import Planned, Version
    from orchestrator.language.changes import Change

_STATUSES = ("waiting", "active", "paused", "ended")


def plan(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Playbooks.")],
    as_json: Json = False,
) -> None:
    """Say what applying playbooks would change, and for whom; nothing is written."""
    from orchestrator.engine.plays import playbook_files, versions

    found = []
    with project.opened() as app:
        for file in files:
            content = playbook_files.read(file)
            if is_agreement(file, text_of(content)):
                hint = "`abm check` reads it, `abm apply` brings it into force"
                raise AbmError(f"{file} is the agreement, and no playbook", hint)
            try:
                groups = playbook_files.groups_beside(file)
                found.append(versions.plan(app.ctx, content, str(file), groups))
            except Problems as error:
                say_problems(error.problems)
                reason = f"{file} could not be applied: {error.reason}"
                raise AbmError(reason, not_agreed(app.ctx)) from None
    if as_json:
        say_json(found)
        return
    for one in found:
        _say_plan(one)


def _say_plan(one: Planned) -> None:
    if not one.current:
        say(f"{one.playbook} is new: version 1, on which nobody is yet")
    elif one.number == one.current:
        say(f"{one.playbook} says what version {one.current} says: nothing would change")
    else:
        again = one.number in {version.number for version in one.versions}
        say(f"{one.playbook}: version {one.number} would {'come back' if again else 'follow'}, "
            f"after version {one.current}")  # fmt: skip
        _say_changes(one.changes)
    for version in one.versions:
        under_way = sum(version.accounts.get(name, 0) for name in _STATUSES[:3])
        if under_way and one.number != version.number:
            say(f"  {counted(under_way, 'account')} on version {version.number} would stay with it"
                f"{_could_move(one, version.number)}")  # fmt: skip
    if one.unmovable:
        say(clean(f"  none of them could move: {one.unmovable}"))
    if one.warnings:
        say(f"  {counted(len(one.warnings), 'warning')}: abm check")


def _could_move(one: Planned, number: int) -> str:
    movable = one.movable.get(number, 0)
    command = f"abm migrate {one.playbook} --from {number}"
    return f"; {movable:,} could move after it is applied: `{command}` shows how" * bool(movable)


def _say_changes(changes: Iterable[Change]) -> None:
    for one in changes:
        say(clean(f"  {one.about or 'playbook'}  {one.text}"))


def versions(
    playbook: Annotated[str, typer.Argument(help="Its name.")],
    show: Annotated[int, typer.Option(metavar="N", help="Print this version's source.")] = 0,
    diff: Annotated[
        tuple[int, int], typer.Option(metavar="OLD NEW", help="What NEW says differently from OLD.")
    ] = (0, 0),
    rollback: Annotated[
        int, typer.Option(metavar="N", help="Let version N be in force again, as a new one.")
    ] = 0,
    by: By = "",
    as_json: Json = False,
) -> None:
    """List a playbook's versions and who is on them; print, compare or bring back one of them."""
    from orchestrator.engine.plays import versions as use

    if rollback:
        _roll_back(playbook, rollback, by)
        return
    with project.opened() as app:
        zone = app.ctx.settings.workspace.zone
        if show:
            say(use.source(app.ctx, playbook, show).rstrip())
            return
        if any(diff):
            changes = use.compare(app.ctx, playbook, *diff)
            if as_json:
                say_json(changes)
            else:
                _say_changes(changes)
                say("" if changes else "the two say the same")
            return
        found = use.versions(app.ctx, playbook)
    if as_json:
        say_json(found)
        return
    heads = ["version", f"applied ({zone})", "by", *_STATUSES, ""]
    say_table(heads, [_row(one, zone) for one in found])


def _roll_back(playbook: str, number: int, by: str) -> None:
    from orchestrator.engine.plays.playbooks import roll_back

    with project.recorded("rollback", f"playbook {playbook}", f"to={number}", by=by) as app:
        if by:
            app.user(by)
        done = roll_back(app.ctx, playbook, number, by)
    say(f"{playbook} is at version {done.number} now, which says what {number} says")


def _row(one: Version, zone: str) -> list[object]:
    counts = [one.accounts.get(name, 0) for name in _STATUSES]
    at = when(one.created_at, zone, zone_name=False)
    return [one.number, at, one.created_by, *counts, "in force" if one.current else ""]
