"""Commands about which accounts: lists of targets and their signatures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import (
    Json,
    counted,
    say,
    say_json,
    say_table,
    when,
)

if TYPE_CHECKING:
    from orchestrator.engine.plays.targets import TargetList

By = Annotated[str, typer.Option("--by", metavar="USER", help="Who decides.")]


def nominate(
    list_name: Annotated[str, typer.Argument(metavar="LIST", help="A list, as q3-banks.")] = "",
    accounts: Annotated[
        list[str] | None, typer.Argument(metavar="ACCOUNT", help="Names, domains or ids.")
    ] = None,
    segment: Annotated[
        str, typer.Option(metavar="SEGMENT", help="All accounts of a segment of the agreement.")
    ] = "",
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="One name, domain or id in each line.")
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who proposes them.")] = "",
    evidence: Annotated[str, typer.Option(metavar="TEXT", help="Why these accounts.")] = "",
    tier: Annotated[
        int | None, typer.Option(min=1, max=3, help="1 (1:1), 2 (1:few), 3 (1:many).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Propose accounts for a list; without accounts, show the list, or all lists."""
    from orchestrator.engine.plays import targets

    said = [*(accounts or ()), *(_lines_of(file) if file else ())]
    if not said and not segment:
        _show(list_name, as_json)
        return
    if not by:
        raise typer.BadParameter("say --by USER: a nomination is somebody's")
    with project.recorded("nominate", f"list {list_name}", by=by) as app:
        chosen = targets.called(app.ctx, said)
        chosen += targets.in_segment(app.ctx, segment) if segment else []
        done = targets.nominate(app.ctx, list_name, chosen, by, evidence, tier=tier or 0)
    if as_json:
        say_json(done)
        return
    also = f"; {done.already:,} stood on it already" if done.already else ""
    say(f"{counted(done.new, 'account')} nominated for {done.list_name}{also}")
    say(f"next: abm sign {done.list_name} --by USER, by one of marketing and one of sales")


def _lines_of(file: Path) -> list[str]:
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise AbmError(f"{file} cannot be read: {error}") from None
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise AbmError(f"{file} names no account", "one name, domain or id in each line")
    return found


def _show(list_name: str, as_json: bool) -> None:
    from orchestrator.engine.plays import targets

    with project.opened() as app:
        zone = app.ctx.settings.workspace.zone
        found = [targets.read(app.ctx, list_name)] if list_name else targets.lists(app.ctx)
    if as_json:
        say_json(found[0] if list_name else found)
    elif list_name:
        _say_list(found[0], zone)
    else:
        say_table(
            ["list", "accounts", "targets", "signed by"],
            [[one.name, len(one.proposals), one.targets,
              ", ".join(f"{sign.team} ({sign.by})" for sign in one.signatures)] for one in found],
            none="no list yet: `abm nominate LIST ACCOUNT… --by USER --evidence TEXT`",
        )  # fmt: skip


def _say_list(one: TargetList, zone: str) -> None:
    say(f"{one.name}: {counted(len(one.proposals), 'account')}, {one.targets:,} of them targets")
    for sign in one.signatures:
        until = f" until {when(sign.expires_at, zone)}" if sign.expires_at else ""
        say(f"signed by {sign.by} for {sign.team} at {when(sign.at, zone)}{until}, "
            f"{counted(sign.covers, 'account')}")  # fmt: skip
    say()
    say_table(
        ["id", "account", "domain", "tier", "proposed by", "target", "evidence"],
        [
            [line.account_id, line.account, line.domain, line.tier or "",
             f"{line.by} ({line.team})",
             "yes" if line.target else line.reason.removeprefix(f"list {one.name}: "),
             line.evidence]
            for line in one.proposals
        ],
    )  # fmt: skip


def sign(
    list_name: Annotated[str, typer.Argument(metavar="LIST", help="The list, as it stands now.")],
    by: By,
    as_json: Json = False,
) -> None:
    """Sign a list of nominated accounts for your team; both teams make them targets."""
    from orchestrator.engine.plays import targets

    with project.recorded("sign", f"list {list_name}", by=by) as app:
        done, zone = targets.sign(app.ctx, list_name, by), app.ctx.settings.workspace.zone
    if as_json:
        say_json(done)
        return
    say(f"{done.team} signed {done.list_name}: {counted(done.accounts, 'account')}, "
        f"until {when(done.expires_at, zone)}")  # fmt: skip
    if done.missing:
        say(f"no targets yet: {' and '.join(done.missing)} did not sign the whole list")
    else:
        say(f"{counted(done.targets, 'new target account')}; next: abm enroll PLAYBOOK")
