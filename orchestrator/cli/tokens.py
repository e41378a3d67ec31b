"""Commands about tokens: who calls the API."""

from __future__ import annotations

from typing import Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, note, say, say_json, say_table, when

token = typer.Typer(help="Tokens with which programs call the API.", no_args_is_help=True)


@token.command("add")
def token_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As whom the program acts.")],
    label: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")],
    may: Annotated[
        list[str], typer.Option(metavar="SCOPE", help="What it reaches; may be said again.")
    ],
    writes: Annotated[
        bool, typer.Option("--writes", help="It may change things, not only read.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lasts.")] = 90,
) -> None:
    """Make a token and print it, this once."""
    from orchestrator.engine.staff.tokens import make
    from orchestrator.web.permissions import SCOPES

    if unknown := set(may) - set(SCOPES):
        raise AbmError(
            f"there is no scope {', '.join(sorted(unknown))}", f"allowed: {', '.join(SCOPES)}"
        )
    detail = f"may={','.join(may)} writes={writes} days={days}"
    with project.recorded("token add", f"user {name}", detail) as app:
        made = make(app.ctx, name, label, may, writes=writes, days=days)
    note(f"token {made.id}, which is shown this once:")
    say(made.secret)


@token.command("list")
def token_list(as_json: Json = False) -> None:
    """Show all tokens, the newest first; never their secrets."""
    from orchestrator.engine.staff.tokens import tokens

    with project.opened() as app:
        found, zone = tokens(app.ctx), app.ctx.settings.workspace.zone
    if as_json:
        say_json(found)
        return
    say_table(
        ["id", "user", "for", "reaches", "", f"until ({zone})", "last used", ""],
        [
            [one.id, one.name, one.label, " ".join(one.scopes), "writes" if one.writes else "reads",
             when(one.until, zone, zone_name=False), when(one.used_at, zone, zone_name=False),
             "revoked" if one.revoked_at else ""]
            for one in found
        ],
        none="no token yet: `abm token add NAME --label TEXT --may SCOPE`",
    )  # fmt: skip


@token.command("revoke")
def token_revoke(
    token_id: Annotated[int, typer.Argument(metavar="ID", help="As `abm token list` shows it.")],
) -> None:
    """End a token at once."""
    from orchestrator.engine.staff.tokens import revoke

    with project.recorded("token revoke", f"token {token_id}") as app:
        revoke(app.ctx, token_id)
    say(f"token {token_id} opens nothing any more")
