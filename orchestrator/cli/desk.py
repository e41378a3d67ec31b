"""Commands of whoever does the work: tasks, and an account's log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, say, say_json, say_table, when

if TYPE_CHECKING:
    from orchestrator.engine.reading import AccountLog, Entry

tasks = typer.Typer(help="A rep's queue.", invoke_without_command=True)


# ---------------------------------------------------------------- log


def log(
    account: Annotated[str, typer.Argument(help="Its name, domain or id.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many entries.")] = 50,
    before: Annotated[str, typer.Option(metavar="TIME", help="Entries before this instant.")] = "",
    as_json: Json = False,
) -> None:
    """Tell an account's story: every touch, task, event and hold, and why."""
    from orchestrator.engine.reading import account_log

    with project.opened() as app:
        zone = app.ctx.settings.workspace.zone
        until = _instant(before, zone) if before else None
        told = account_log(app.ctx, account, limit=limit, before=until)
    if as_json:
        say_json(told)
    else:
        _say_log(told, zone)


def _instant(said: str, zone: str) -> datetime:
    """`2026-03-02 09:00` on the workspace's clock, unless it says its own offset."""
    try:
        at = datetime.fromisoformat(said.strip())
    except ValueError:
        raise AbmError(
            f"{said!r} is no time", "write it as 2026-03-02 or 2026-03-02T09:00"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def _say_log(told: AccountLog, zone: str) -> None:
    facts = [told.domain, f"tier {told.tier}" if told.tier else "", told.stage]
    facts.append(f"engagement {told.engagement:.0f}")
    say(f"{told.name} ({', '.join(filter(None, facts))})")
    if told.paused_until:
        say(f"rests until {when(told.paused_until, zone)}: {told.pause_reason}")
    for one in told.journeys:
        why = f": {one.outcome or one.reason}" if one.outcome or one.reason else ""
        say(f"{one.playbook}: {one.status} since {when(one.since, zone)}{why}")
    say()
    if told.more:
        say(f"(earlier entries: --before {told.entries[0].at.isoformat()})")
    say_table([f"when ({zone})", "who", "what", "", "step"],
              [_entry(one, zone) for one in told.entries], none="nothing happened yet")  # fmt: skip


def _entry(one: Entry, zone: str) -> list[object]:
    at = when(one.at, zone, zone_name=False)
    return [at, one.actor or one.team, one.kind, one.text, one.step]
