"""What a step of a playbook will say to one person, seen before anything is planned or sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import plays, project
from orchestrator.cli.output import Json, clean, say, say_json

if TYPE_CHECKING:
    from orchestrator.engine.plays.previewing import Arm, Preview


def preview(
    playbook: Annotated[
        str, typer.Argument(metavar="FILE|PLAYBOOK", help="A file, applied or not, or a name.")
    ],
    step: Annotated[str, typer.Argument(help="The step's id.")],
    account: Annotated[
        str, typer.Option("--account", metavar="ACCOUNT", help="Its name, domain or id.")
    ],
    contact: Annotated[
        str, typer.Option(metavar="NAME", help="To whom, or the e-mail. Default: the first.")
    ] = "",
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the mail's HTML part there.")
    ] = None,
    send_to: Annotated[
        str, typer.Option("--send-to", metavar="E-MAIL", help="Mail it to yourself, as a test.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Show what a step says to an account's person, exactly as it would leave; write nothing."""
    from orchestrator.engine.plays.previewing import preview

    plan = plays.plan_of(playbook)
    with project.opened() as app:
        shown = preview(app.ctx, plan, step, account, contact=contact)
        if html:
            _write_html(shown, html)
        if send_to:  # last: a test that has left cannot be taken back
            shown = preview(app.ctx, plan, step, account, contact=contact, send_to=send_to)
    if as_json:
        say_json(shown)
    else:
        _say_preview(shown)


def _write_html(shown: Preview, file: Path) -> None:
    """Each arm's HTML part: of a split, `mail.html` becomes `mail.a.html` and `mail.b.html`."""
    if not any(arm.html for arm in shown.arms):
        raise AbmError(f"{shown.step} has no HTML part")
    for arm in shown.arms:
        path = file.with_suffix(f".{arm.name}{file.suffix}") if arm.name else file
        try:
            path.write_text(arm.html, "utf-8")
        except OSError as error:
            raise AbmError(f"{path} cannot be written: {error.strerror}") from error


def _say_preview(shown: Preview) -> None:
    whom = f"{shown.contact} of {shown.account}" if shown.contact else shown.account
    say(clean(f"{shown.playbook}, {shown.step}: {shown.kind} to {whom}"))
    also = [name for name in shown.reached if name != shown.contact]
    if also:
        say(clean(f"it reaches {', '.join(also)}, too: --contact chooses"))
    if others := [name for name in shown.others if name != shown.contact]:
        say(clean(f"in their place it could reach {', '.join(others)}: --contact chooses"))
    for arm in shown.arms:
        _say_arm(arm, shown)
    if shown.sent_to:
        say()
        say(clean(f"sent to {shown.sent_to} as a test"))


def _say_arm(arm: Arm, shown: Preview) -> None:
    say()
    if arm.name:
        drawn = f", which {shown.account} gets" if arm.drawn else ""
        say(clean(f"=== {arm.name}: {arm.template}{drawn}"))
    for name in ("sender", "to", "subject"):
        if value := getattr(arm, name):
            head = "From" if name == "sender" else name.title()
            say(clean(f"{head}: {value}"))
    say()
    for line in arm.text.splitlines():
        say(clean(line).rstrip())
