"""Commands of whoever watches the house: the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, counted, plain, say, say_json, say_table, when

if TYPE_CHECKING:
    from orchestrator.engine.staff.auditing import Link

audit = typer.Typer(help="Who did what to the house.", no_args_is_help=True)


@audit.command("list")
def audit_list(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    find: Annotated[str, typer.Option(metavar="TEXT", help="Part of who did what to what.")] = "",
    as_json: Json = False,
) -> None:
    """Show what was done, the newest first."""
    from orchestrator.engine.staff.auditing import entries

    with project.opened() as app:
        found, zone = entries(app.ctx, limit=limit, said=find), app.ctx.settings.workspace.zone
    if as_json:
        say_json(found)
        return
    say_table(
        ["number", f"when ({zone})", "who", "by", "did", "to", "with", "likeness", "from"],
        [
            [one.number, when(one.at, zone, zone_name=False), one.actor, one.via, one.action,
             one.object, one.detail, _likeness(one), one.address]
            for one in found
        ],
        none="nobody did anything yet",
    )  # fmt: skip


def _likeness(one: Link) -> str:
    """What its object was like before and after, in short."""
    if not one.before and not one.after:
        return ""
    return f"{one.before[:8] or 'new'} > {one.after[:8] or 'gone'}"


@audit.command("verify")
def audit_verify(
    head: Annotated[
        str, typer.Option(metavar="HEAD", help="What an earlier verify printed, kept elsewhere.")
    ] = "",
) -> None:
    """Follow the chain from its start; exits 1 where it was altered."""
    from orchestrator.engine.staff.auditing import verify

    with project.opened() as app:
        found = verify(app.ctx, head)
    if found.problem:
        raise AbmError(f"the log was altered: {found.problem}", f"it holds up to {found.head}")
    say(f"{counted(found.number, 'entry', 'entries')} hold together; the head is {found.head}")


@audit.command("export")
def audit_export() -> None:
    """Print the whole log, one JSON object a line, as it was linked; the last is this deed."""
    import json

    from orchestrator.engine.staff.auditing import everything, note

    with project.working() as app:
        note(app.ctx, project.deed("audit export", "audit log"))
        for one in everything(app.ctx):
            say(json.dumps(plain(one), ensure_ascii=False))
