"""Commands of whoever keeps it running: init, tick, up, worker, status, unknown, demo."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import Json, note, say, say_json, say_table, took, when

if TYPE_CHECKING:
    from orchestrator.engine.reading import ConcernStatus, PlaybookStatus, Status


def init(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Default: --project, or this folder.")
    ] = None,
) -> None:
    """Make a folder a project: settings, playbooks, templates, database."""
    from orchestrator.cli.starting import start, way_in

    folder = (folder or project.chosen.get() or Path.cwd()).absolute()
    made = start(folder)
    say(f"{folder} is a project now: {', '.join(made)} and an empty database")
    say("next: abm check")
    say("      abm import accounts data/companies/accounts.csv")
    if token := way_in(folder):
        say("the first of us: abm user add NAME --team admin --email ADDRESS, or")
        say(f"      abm web, and on its page, once, within an hour, this token: {token}")


# ---------------------------------------------------------------- run


def tick(
    once: Annotated[bool, typer.Option("--once", help="One pass of everything, then end.")] = False,
    as_json: Json = False,
) -> None:
    """Do what is due now, without any server."""
    if not once:
        raise typer.BadParameter("say --once; `abm up` goes on until it is stopped")
    from orchestrator.engine.ticking import tick_once

    with project.working() as app:
        passes = tick_once(app.ctx)
    if as_json:
        say_json([{"concern": one.concern, "counts": one.counts, "error": one.error}
                  for one in passes])  # fmt: skip
    else:
        say_table(["pass", "what it did"], [[one.concern, _did(one.counts)] for one in passes])
    if failed := [one for one in passes if one.error]:
        raise AbmError("; ".join(f"{one.concern} failed: {one.error}" for one in failed))


def _did(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number) or "nothing"


def web() -> None:
    """Serve the pages until Ctrl-C; `abm up` does it too."""
    from orchestrator.address import address
    from orchestrator.engine.staff.users import everybody
    from orchestrator.web.server import serve

    with project.opened() as app:
        settings = app.ctx.settings
        nobody = not everybody(app.ctx)
    if nobody:
        note("nobody can sign in yet: `abm user first` prints a token for the first of us")
    note("`abm user link NAME` prints a link that lets somebody in; Ctrl-C ends it")
    serve(settings, lambda: note(f"the pages: {address(settings)}"))


# ---------------------------------------------------------------- status


def status(as_json: Json = False) -> None:
    """Show how it all stands: enrollments, what is held and why, what is due, the last passes."""
    from orchestrator.engine.reading import status as read

    with project.opened() as app:
        stand, zone = read(app.ctx), app.ctx.settings.workspace.zone
    if as_json:
        say_json(stand)
        return
    goes_on = f"; the plays go on {when(stand.goes_on_at, zone)}" if stand.goes_on_at else ""
    say(f"at {when(stand.at, zone)} ({zone}){goes_on}")
    say()
    _say_playbooks(stand, zone)
    if stand.held:
        say()
        say_table(["held", "what", "playbook", "because"],
                  [[one.number, one.what, one.playbook, one.reason or "no reason given"]
                   for one in stand.held])  # fmt: skip
    say()
    say(_outgoing(stand))
    say(f"tasks: {stand.open_tasks} open, {stand.overdue_tasks} overdue")
    if stand.left_over:
        kept = ", ".join(f"{one} {name}" for name, one in sorted(stand.left_over.items()))
        say(f"events that nothing was done with: {kept.replace('_', ' ')}")
    say()
    heads = ["concern", f"last pass ({zone})", "due", "lag", "what it did"]
    say_table(heads, [_concern(one, zone) for one in stand.concerns])


_STATUSES = ("waiting", "active", "paused", "ended")


def _say_playbooks(stand: Status, zone: str) -> None:
    heads = ["playbook", "version", *_STATUSES, "goal", "spent", ""]
    say_table(heads, [_playbook(one, zone) for one in stand.playbooks],
              none="no playbook yet: `abm apply playbooks/FILE.yaml`")  # fmt: skip


def _playbook(one: PlaybookStatus, zone: str) -> list[object]:
    resting = f"paused since {when(one.paused_at, zone)}" if one.paused_at else ""
    why = f": {one.pause_reason}" if one.pause_reason else ""
    counts = [one.enrollments.get(name, 0) for name in _STATUSES]
    goal = f"{one.reached} of {one.started}" if one.goal or one.reached else ""
    return [one.name, one.version, *counts, goal, one.money, resting + why]


def _outgoing(stand: Status) -> str:
    names = ("ready", "claimed", "sending", "unknown")
    counts = ", ".join(f"{stand.outgoing.get(name, 0)} {name}" for name in names)
    return f"touches: {counts}" + " (see `abm unknown`)" * bool(stand.outgoing.get("unknown"))


def _concern(one: ConcernStatus, zone: str) -> list[object]:
    did = f"failed: {one.error}" if one.error else _did(one.counts) if one.started_at else ""
    last = when(one.started_at, zone, zone_name=False) or "never"
    return [one.name, last, one.due, took(one.lag), did]


# ---------------------------------------------------------------- unknown

unknown = typer.Typer(
    help="Touches of which nobody knows whether they arrived.", invoke_without_command=True
)


class Verdict(StrEnum):
    """What somebody found out about an unknown touch."""

    SENT = "sent"
    NOT_SENT = "not_sent"
    RESEND = "resend"


@unknown.callback()
def unknown_default(ctx: typer.Context, as_json: Json = False) -> None:
    """List touches of which nobody knows whether they arrived."""
    if ctx.invoked_subcommand is None:
        unknown_list(as_json)


@unknown.command("list")
def unknown_list(as_json: Json = False) -> None:
    """List them, the oldest first."""
    from orchestrator.engine.running.unknowns import unknowns

    with project.opened() as app:
        found, zone = unknowns(app.ctx), app.ctx.settings.workspace.zone
    if as_json:
        say_json(found)
        return
    say_table(
        ["touch", f"since ({zone})", "account", "to", "step", "channel", "last answer"],
        [
            [one.id, when(one.intent_at, zone, zone_name=False), one.account, one.contact,
             one.step, one.channel, one.reply]
            for one in found
        ],
        none="nothing is unknown",
    )  # fmt: skip


@unknown.command("settle")
def unknown_settle(
    touch: Annotated[int, typer.Argument(metavar="ID", help="The touch.")],
    verdict: Annotated[Verdict, typer.Argument(help="It arrived, it did not, or send it again.")],
    by: Annotated[str, typer.Option("--by", metavar="USER", help="Who found out.")],
    proof: Annotated[str, typer.Option(metavar="TEXT", help="Where you looked and what it said.")],
) -> None:
    """Say what became of an unknown touch."""
    from orchestrator.engine.running.unknowns import settle

    said = f"verdict={verdict.value}"
    with project.recorded("unknown settle", f"touch {touch}", said, by=by) as app:
        settle(app.ctx, touch, verdict.value, app.user(by), proof)
    say(f"touch {touch}: {verdict.value}")


# ---------------------------------------------------------------- long-running


def up() -> None:
    """Run it all until it is stopped: Prefect's server, the flows, the ticks."""
    from orchestrator.cli.up import supervise

    raise typer.Exit(supervise(project.settings()))


def worker() -> None:
    """Run the flows on this machine beside others, on a server that `prefect_url` names."""
    from flows.runner import work

    raise typer.Exit(work(project.settings()))
