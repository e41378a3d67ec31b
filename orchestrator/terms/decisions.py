"""The decision: what the planner wants written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from orchestrator.terms.state import Holder, Run


class OpenTouch(NamedTuple):
    """A touch to plan. `ended` parties are recorded only: skipped, late, unreachable."""

    step: str
    who: str
    occurrence: int
    channel: str
    template: str
    variant: str
    due_at: datetime
    late_at: datetime | None
    sender: str = ""
    status: str = "ready"
    outcome: str = ""
    reason: str = ""
    ended_at: datetime | None = None


class OpenTask(NamedTuple):
    """A task to open; as with touches, an ended one is recorded only."""

    step: str
    who: str
    occurrence: int
    purpose: str
    kind: str
    team: str
    by: str
    title: str
    template: str
    variant: str
    opened_at: datetime
    due_at: datetime | None
    reason: str = ""
    status: str = "open"
    outcome: str = ""
    ended_at: datetime | None = None


class Close(NamedTuple):
    """A party that the planner ends: passed over, overdue, stopped, its person left."""

    table: str
    id: int
    status: str
    outcome: str
    reason: str
    ended_at: datetime
    keep_open: bool = False  # `proceed`: the journey goes on, the task stays workable


class Advance(NamedTuple):
    """A task's `overdue` chain moved on by one link; it is asked again at `due_at`."""

    task_id: int
    overdue: int
    due_at: datetime
    action: str


class Note(NamedTuple):
    """A line for the activity log."""

    kind: str
    step: str
    who: str
    text: str
    at: datetime


class Again(NamedTuple):
    """The account is to be enrolled once more: when, why in words, and as which round.

    Round 0 begins anew, as if it had never come so far.
    """

    at: datetime
    because: str
    round: int


@dataclass(slots=True)
class Decision:
    """What `decide` wants written, all of it in one transaction.

    `runs` are new or changed; `next_due` is None when only an event can wake the enrollment.
    `end` is "" or how the enrollment ends; `again` whether the account is to be enrolled once more.
    """

    runs: list[Run] = field(default_factory=list)
    touches: list[OpenTouch] = field(default_factory=list)
    tasks: list[OpenTask] = field(default_factory=list)
    closes: list[Close] = field(default_factory=list)
    advances: list[Advance] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    next_due: datetime | None = None
    end: str = ""
    reason: str = ""
    again: Again | None = None
