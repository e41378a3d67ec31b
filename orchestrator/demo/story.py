"""What three weeks came to: counted from our log and ledger, beside the sink's own count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.demo.world import Prepared
from orchestrator.engine.context import Context
from orchestrator.store.pages import tallies
from orchestrator.store.pages.tallies import Ended, Told
from orchestrator.store.running.ticks import REASONED

# Kinds of activity -> the column of the tables by step and by team, in the order of columns.
COLUMNS = {
    "touch.sent": "sent",
    "task.opened": "opened",
    "task.done": "done",
    "touch.failed": "failed",
    "touch.unknown": "unknown",
    "touch.suppressed": "not sent",
    "touch.cancelled": "not sent",
    "task.cancelled": "cancelled",
    "step.skipped": "skipped",
    "task.skipped": "skipped",
    "step.held": "held",
    "touch.held": "held",
}
SIGNALS = ("clicked", "bounce", "reply", "unsubscribe", "complaint", "meeting_booked", "departed")


@dataclass(frozen=True, slots=True)
class Witness:
    """Our ledger beside the sink's accept log: mails by their Message-ID."""

    sent: int  # what we say was sent
    accepted: int  # what the sink took
    unknown: int  # what we do not know
    twice: int  # accepted more than once
    missing: int  # we say sent, the sink has never seen it
    unclaimed: int  # accepted, and we neither say sent nor unknown

    @property
    def agrees(self) -> bool:
        """Whether no mail left twice and nothing is told that was not so."""
        return not (self.twice or self.missing or self.unclaimed)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: what it is about, and its counts by column."""

    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """The demo in numbers."""

    seconds: float
    looks: int  # instants to which the clock jumped
    imported: Mapping[str, Mapping[str, int]]  # file -> rows by outcome
    nominated: int
    targets: int
    enrolled: int
    refused: Mapping[str, int]
    mail: Witness
    steps: Sequence[Line]
    teams: Sequence[Line]
    signals: Mapping[str, int]
    held: Mapping[str, int]  # reason -> times, the most frequent first
    tasks: Mapping[str, Mapping[str, int]]  # kind -> how they ended
    plays: Mapping[str, Mapping[str, int]]  # playbook -> outcome
    touches: Mapping[str, Mapping[str, int]]  # channel -> status
    example: str  # an account whose log is worth reading


def summarise(
    ctx: Context, prepared: Prepared, accepted: Path, looks: int, seconds: float
) -> Summary:
    """Count it all."""
    with ctx.db.reading() as session:
        told, example = tallies.told(session), tallies.busiest(session)
        touches, tasks = _nested(tallies.touches(session)), _nested(tallies.tasks(session))
        plays = _nested(tallies.plays(session))
        sent, doubtful = (
            tallies.mail_ids(session, "sent"),
            tallies.mail_ids(session, "unknown", "sending"),
        )
    reports = (prepared.accounts, prepared.crm, prepared.contacts)
    names = ("accounts.csv", "crm_export.csv", "invented contacts")
    return Summary(
        round(seconds, 1),
        looks,
        {name: dict(report.counts) for name, report in zip(names, reports, strict=True)},
        prepared.nominated,
        prepared.targets,
        sum(len(one.accounts) for one in prepared.enrolled),
        dict(sum((one.counts for one in prepared.enrolled), Counter())),
        witness(accepted, sent, doubtful),
        _lines(told, lambda one: f"{one.playbook}: {one.step}" if one.step else ""),
        _lines(told, lambda one: one.team),
        _signals(told),
        _held(told),
        tasks,
        plays,
        touches,
        example,
    )


def witness(accepted: Path, sent: set[str], doubtful: set[str]) -> Witness:
    """Compare ids of our mails with the sink's log."""
    lines = accepted.read_bytes().split(b"\n")[:-1] if accepted.exists() else []
    taken = Counter(json.loads(line)["message_id"].strip("<>").partition("@")[0] for line in lines)
    return Witness(
        len(sent),
        taken.total(),
        len(doubtful),
        taken.total() - len(taken),
        len(sent - taken.keys()),
        len(taken.keys() - sent - doubtful),
    )


def _nested(rows: Iterable[Ended]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.what, {})[row.how] = row.number
    return found


def _lines(told: Iterable[Told], name_of: Callable[[Told], str]) -> list[Line]:
    found: dict[str, Counter[str]] = {}
    for one in told:
        if (column := COLUMNS.get(one.kind)) and (name := name_of(one)):
            found.setdefault(name, Counter())[column] += one.number
    return [Line(name, dict(counts)) for name, counts in found.items()]


def _signals(told: Iterable[Told]) -> dict[str, int]:
    found = Counter[str]()
    for one in told:
        if one.kind.startswith(SIGNALS):
            found[one.kind] += one.number
    return dict(sorted(found.items()))


def _held(told: Iterable[Told]) -> dict[str, int]:
    """What was held back or skipped, by the rule that did it; the step's name is left out."""
    found = Counter[str]()
    for one in told:
        if one.kind in REASONED:
            found[one.reason.removeprefix(f"{one.step}: ").removeprefix("held, ")] += one.number
    return dict(found.most_common())
