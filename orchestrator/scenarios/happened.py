"""What came of a scenario: touches, tasks, holds, the log and the end, in the account's zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator.scenarios.dry_run import DryRun, Line, name_of
from orchestrator.scenarios.moments import Moment
from orchestrator.scenarios.reading import Staged
from orchestrator.scenarios.running import let_happen
from orchestrator.simulate import Ledger

HOLDS = (
    "step.held", "step.skipped", "touch.held", "touch.cancelled", "touch.suppressed",
    "task.cancelled", "task.skipped",
)  # fmt: skip


class Happened(NamedTuple):
    """A touch, a task or a hold; `name` is the step or what a task is for, `words` why or what."""

    at: datetime  # local
    name: str
    who: str
    words: str = ""

    def on(self, start: date) -> str:
        """`day 3 09:00`."""
        return f"day {(self.at.date() - start).days + 1} {self.at:%H:%M}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that came of one scenario."""

    ledger: Ledger
    start: date
    touches: Sequence[Happened]
    tasks: Sequence[Happened]
    holds: Sequence[Happened]
    log: Sequence[str]
    ends: str
    ended_at: datetime | None  # local

    def is_at(self, moment: Moment, at: datetime) -> bool:
        """Whether an instant is at that minute, or on that day."""
        there = at.date() == moment.on(self.start)
        return there and moment.clock in (None, at.time().replace(second=0, microsecond=0))


def play(staged: Staged) -> Outcome:
    """Let the scenario happen in a dry run."""
    world = DryRun(staged.scenario, staged.scores, staged.owed)
    let_happen(staged.scenario, world)
    ledger, zone, lines = world.play.ledger, staged.zone, world.log()
    tasks = [
        Happened(
            task.opened_at.astimezone(zone),
            task.step if task.purpose == "step" else task.purpose,
            name_of(task.who, world.names),
            task.title,
        )
        for task in ledger.tasks.values()
        if task.status == "open"
    ]
    ended = next((line.at for line in lines if line.kind == "ended"), None)
    return Outcome(
        ledger,
        staged.start,
        [Happened(at.astimezone(zone), step, name_of(who, world.names))
         for at, step, who in ledger.sent],
        sorted(tasks),
        [_hold(line, zone) for line in lines if line.kind in HOLDS],
        [in_words(line, zone) for line in lines],
        ledger.outcome or ledger.status,
        ended.astimezone(zone) if ended else None,
    )  # fmt: skip


def _hold(line: Line, zone: ZoneInfo) -> Happened:
    words = line.text.removeprefix(f"{line.step}: ")
    return Happened(line.at.astimezone(zone), line.step, line.who, words)


def in_words(line: Line, zone: ZoneInfo) -> str:
    """A line of the log, to the minute: `2027-03-02 Tue 09:00 | touch.sent | …`."""
    return str(line._replace(at=line.at.astimezone(zone).replace(second=0, microsecond=0)))
