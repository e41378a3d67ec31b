"""Commands of whoever does the work: the queue, and an account's log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from accounts.errors import AbmError
from orchestrator.cli import project
from orchestrator.cli.output import (
    Json,
    clean,
    columns_of,
    plain,
    say,
    say_json,
    say_table,
    screen,
    when,
)

if TYPE_CHECKING:
    from orchestrator.engine.reading import AccountLog, Entry
    from orchestrator.engine.tasks.desk import Closed
    from orchestrator.engine.tasks.sheets import Sheet
    from orchestrator.store.tasks.tasks import Card

tasks = typer.Typer(help="The desk: who does what next.", invoke_without_command=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="The task.")]
By = Annotated[str, typer.Option("--by", metavar="USER", help="Who you are.")]
Token = Annotated[str, typer.Option(metavar="TEXT", help="Asked again under it, it is done once.")]


# ---------------------------------------------------------------- the queue


@tasks.callback()
def tasks_default(
    ctx: typer.Context,
    user: Annotated[str, typer.Option(metavar="NAME", help="Whose. Default: everybody's.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List open tasks, the next best on top: a user's own and those of the team's queue."""
    if ctx.invoked_subcommand is not None:
        return
    from orchestrator.engine.staff.users import everybody
    from orchestrator.engine.tasks.desk import goes_on_at, queue

    with project.opened() as app:
        zone, now = app.ctx.settings.workspace.zone, app.ctx.clock.now()
        found = queue(app.ctx, app.user(user) if user else None, limit=limit)
        names = {one.id: one.name for one in everybody(app.ctx)}
        later = None if found else goes_on_at(app.ctx)
    if as_json:
        say_json([_with_name(one, names) for one in found])
        return
    nothing = f"nothing to do; the plays go on {when(later, zone)}" if later else "nothing to do"
    say_table(["id", f"due ({zone})", "", "what", "kind", "account", "contact", "whose"],
              [_row(one, names, zone, now) for one in found], none=nothing)  # fmt: skip


def _with_name(one: Card, names: Mapping[int, str]) -> dict[str, object]:
    hidden = {"done_token"}
    shown = {name: value for name, value in one._asdict().items() if name not in hidden}
    return shown | {"assignee": names.get(one.assignee_id or 0, "")}


def _row(one: Card, names: Mapping[int, str], zone: str, now: datetime) -> list[object]:
    late = "late" if one.due_at and one.due_at < now else ""
    whose = names.get(one.assignee_id or 0) or f"any of {one.team}"
    kind = one.kind if one.purpose == "step" else one.purpose
    at = when(one.due_at, zone, zone_name=False)
    return [one.id, at, late, one.title, kind, one.account, one.contact, whose]


# ---------------------------------------------------------------- one task


@tasks.command("show")
def tasks_show(task: Id, as_json: Json = False) -> None:
    """Show a task with all that helps to do it: script, person, insight and history."""
    from orchestrator.engine.tasks.sheets import sheet

    with project.opened() as app:
        found, zone = sheet(app.ctx, task), app.ctx.settings.workspace.zone
    if as_json:
        say_json({**plain(found), "task": _with_name(found.task, {})})
    else:
        _say_sheet(found, zone)


def _say_sheet(found: Sheet, zone: str) -> None:
    task, person = found.task, found.person
    say(clean(f"{task.id}: {task.title} ({task.status})"))
    about = [task.account, found.domain, f"tier {task.tier}" if task.tier else "", found.segment]
    say(clean(", ".join(filter(None, about))) or "no account")
    if person:
        who = [person.name, person.title, person.role, person.language, person.zone]
        say(clean(", ".join(filter(None, who))))
        reach = [person.phone, person.email, person.social]
        say(clean("  " + ("  ".join(filter(None, reach)) or "no address is known")))
    if task.due_at:
        say(f"due {when(task.due_at, zone)}")
    for head, text in (("why", task.reason), ("", task.body), ("say", found.script or found.hole)):
        _say_part(head, text)
    _say_part("teach", "\n".join(found.taught))
    _say_part("show", "\n".join(one.title for one in found.material))
    if found.insight:
        _say_part("known", f"engagement {found.engagement:.0f}: {', '.join(found.insight)}")
    _say_part("note", task.note)
    if found.history:
        say()
        say_table([f"before ({zone})", "who", "what", "", "step"],
                  [_entry(one, zone) for one in found.history])  # fmt: skip
    if task.status == "open":
        _say_part("ends as", ", ".join(found.dispositions))


def _say_part(head: str, text: str) -> None:
    """A paragraph under its head; nothing for nothing."""
    if text:
        say(f"\n{head}:" if head else "")
        say("\n".join(f"  {clean(line)}".rstrip() for line in text.strip().splitlines()))


# ---------------------------------------------------------------- close, give, take back


@tasks.command("done")
def tasks_done(
    task: Id,
    disposition: Annotated[str, typer.Option(metavar="NAME", help="How it ended.")],
    by: By,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What was said.")] = "",
    until: Annotated[str, typer.Option(metavar="DAY", help="The day that not_now names.")] = "",
    referral: Annotated[str, typer.Option(metavar="NAME", help="Whom to ask instead.")] = "",
    address: Annotated[str, typer.Option(metavar="TEXT", help="What a search found.")] = "",
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Close a task, and say how it ended."""
    from orchestrator.engine.tasks.desk import done

    detail = f"disposition={disposition}"
    with project.recorded("tasks done", f"task {task}", detail, by=by) as app:
        zone = app.ctx.settings.workspace.zone
        day = _instant(until, zone) if until else None
        closed = done(app.ctx, task, app.user(by), disposition, token,
                      note=note, until=day, referral=referral, address=address)  # fmt: skip
    _say_closed(closed, by, as_json)


@tasks.command("skip")
def tasks_skip(
    task: Id,
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the log.")],
    token: Token = "",
    as_json: Json = False,
) -> None:
    """Close a task without having done it."""
    from orchestrator.engine.tasks.desk import skip

    with project.recorded("tasks skip", f"task {task}", by=by) as app:
        closed = skip(app.ctx, task, app.user(by), reason, token)
    _say_closed(closed, by, as_json)


def _say_closed(closed: Closed, by: str, as_json: bool) -> None:
    if as_json:
        say_json(closed)
        return
    say(clean(closed.text))
    if not closed.repeated:
        say(f"a slip? within 10 seconds: abm tasks undo {closed.task_id} --by {clean(by)}")


@tasks.command("undo")
def tasks_undo(task: Id, by: By, token: Token = "") -> None:
    """Take back what you closed in the last ten seconds."""
    from orchestrator.engine.tasks.desk import undo

    with project.recorded("tasks undo", f"task {task}", by=by) as app:
        card = undo(app.ctx, task, app.user(by), token)
    say(clean(f"{card.id}: {card.title} is open again"))


@tasks.command("give")
def tasks_give(
    task: Id,
    by: By,
    to: Annotated[str, typer.Option(metavar="USER", help="Default: the team's queue.")] = "",
) -> None:
    """Give a task to a colleague, or back to the team's queue."""
    from orchestrator.engine.tasks.desk import hand_over

    with project.recorded("tasks give", f"task {task}", f"to={to}", by=by) as app:
        card = hand_over(app.ctx, task, app.user(by), app.user(to) if to else None)
    say(clean(f"{card.id}: {card.title} is with {to or f'the queue of {card.team}'}"))


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
    say(clean(f"{told.name} ({', '.join(filter(None, facts))})"))
    if told.paused_until:
        say(clean(f"rests until {when(told.paused_until, zone)}: {told.pause_reason}"))
    for gone in told.merged:
        since = when(gone.at, zone)
        say(clean(f"{gone.name} ({gone.id}) was merged into it at {since} by {gone.by}: "
                  f"abm unmerge {gone.merge_id} parts them"))  # fmt: skip
    for one in told.journeys:
        why = f": {', '.join(filter(None, (one.outcome, one.reason)))}"
        since = when(one.since, zone)
        say(clean(f"{one.playbook}: {one.status} since {since}{why * (why != ': ')}"))
    say()
    if told.more:
        say(f"(earlier entries: --before {told.entries[0].at.isoformat()})")
    rows = [_entry(one, zone) for one in told.entries]
    heads = [f"when ({zone})", "who", "what", "step", ""]
    say_table(heads, _wrapped(heads, rows, screen()), none="nothing happened yet")


def _entry(one: Entry, zone: str) -> list[str]:
    at = when(one.at, zone, zone_name=False)
    text = f"{one.text} ({one.why})" if one.why else one.text
    return [at, one.actor or one.team, one.kind, one.step, clean(text)]


def _wrapped(heads: list[str], rows: Sequence[list[str]], width: int | None) -> Iterator[list[str]]:
    """The rows with their last cell over as many lines as it takes: reasons are not cut."""
    if width is None:
        yield from rows
        return
    used = sum(max(columns_of(row[at]) for row in (heads, *rows)) + 2 for at in range(4))
    for *cells, text in rows:
        first, *more = wrap(text, max(width - used, 20)) or [""]
        yield [*cells, first]
        yield from (["", "", "", "", line] for line in more)
