"""The artifact of a tick: one page that says what was done, and what was held and why."""

from __future__ import annotations

import html
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from prefect.artifacts import create_markdown_artifact

from orchestrator.address import address
from orchestrator.engine.context import Context
from orchestrator.engine.ticking import left_behind
from orchestrator.records import Tick
from orchestrator.store.running.ticks import REASONED, Happened

# Kinds of the activity log and their columns, in the order in which ops read them.
COLUMNS = {
    "started": "started",
    "touch.sent": "sent",
    "task.opened": "tasks opened",
    "waiting": "waiting",
    "step.held": "held",
    "touch.held": "held",
    "step.skipped": "skipped",
    "task.skipped": "skipped",
    "touch.suppressed": "suppressed",
    "touch.cancelled": "cancelled",
    "touch.failed": "failed",
    "touch.unknown": "unknown",
    "ended": "ended",
}
REASONS = 50  # the most frequent ones: a page that nobody can read tells nothing

logger = logging.getLogger(__name__)


def publish(ctx: Context, done: Tick) -> None:
    """Leave the tick's page with its flow run; a tick that found nothing leaves none."""
    if not done.counts and not done.error:
        return
    try:
        create_markdown_artifact(
            key=f"abm-{done.concern}",
            markdown=page(done, left_behind(ctx, done), address(ctx.settings)),
            description=f"{done.concern}: {_counted(done)}",
        )
    except Exception:
        logger.warning("the tick's page cannot be left with Prefect", exc_info=True)


def page(done: Tick, rows: Sequence[Happened], desk: str) -> str:
    """The page as markdown: counts, a table by playbook, and why what did not happen did not.

    `desk` is the address of our own pages, to which it leads back.
    """
    when = f"At {done.started_at:%Y-%m-%d %H:%M} UTC. [What needs you]({desk}/ops)"
    parts = [f"## {done.concern}: {_counted(done)}", when]
    if done.error:
        parts.append(f"**Failed:** {_cell(done.error)}")
    parts += [_by_playbook(rows, desk), _reasons(rows)]
    return "\n\n".join(part for part in parts if part)


def _counted(done: Tick) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(done.counts.items()))
    return counts or "nothing done"


def _by_playbook(rows: Iterable[Happened], desk: str) -> str:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if column := COLUMNS.get(row.kind):
            found[row.playbook][column] += row.times
    seen = {column for counts in found.values() for column in counts}
    columns = [column for column in dict.fromkeys(COLUMNS.values()) if column in seen]
    lines = [
        [_Link(name, f"{desk}/playbooks/{quote(name, safe='')}"),
         *(counts[column] or "" for column in columns)]
        for name, counts in found.items()
    ]  # fmt: skip
    return _table(["playbook", *columns], lines)


def _reasons(rows: Iterable[Happened]) -> str:
    found = sorted((row for row in rows if row.kind in REASONED), key=lambda row: -row.times)
    lines = [[row.times, COLUMNS[row.kind], row.playbook, row.reason] for row in found[:REASONS]]
    more = f"\n\n… and {len(found) - REASONS} more" if len(found) > REASONS else ""
    return _table(["times", "what", "playbook", "reason"], lines) + more


def _table(head: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    if not lines:
        return ""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows)


class _Link(NamedTuple):
    """A text that leads somewhere."""

    text: str
    where: str


def _cell(value: object) -> str:
    """Text that stays in its cell and is no markup; or a link."""
    if isinstance(value, _Link):
        return f"[{_cell(value.text)}]({value.where})" if value.text else ""
    text = html.escape(" ".join(str(value).split()), quote=False)
    return text.replace("|", "&#124;").replace("[", "&#91;").replace("]", "&#93;")
