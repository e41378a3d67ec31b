"""The state: what one enrollment has recorded so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple


class Run(NamedTuple):
    """A StepRun as a value; the columns of `step_run` after the enrollment, in order."""

    step: str
    status: str  # waiting, held, open, done
    due_at: datetime | None = None
    reason: str = ""
    cast_ids: str = ""
    opened_at: datetime | None = None
    done_at: datetime | None = None
    outcome: str = ""


class Party(NamedTuple):
    """One Touch or Task of a step as the planner sees it; open while `ended_at` is empty."""

    step: str
    who: str  # the party key
    occurrence: int
    table: str  # touch, task
    id: int
    status: str
    outcome: str
    opened_at: datetime
    ended_at: datetime | None
    due_at: datetime | None = None  # touch: planned send; task: deadline
    overdue: int = 0
    purpose: str = "step"
    delivered_at: datetime | None = None
    viewed_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    bounced_at: datetime | None = None


class Holder(NamedTuple):
    """Who holds a seat, since when, and until when."""

    seat: str
    contact_id: int
    bound_at: datetime
    left_at: datetime | None = None
    left_reason: str = ""


class StopMark(NamedTuple):
    """A stop in force, see records.Stop."""

    contact_id: int | None
    enrollment_id: int | None
    reason: str
    keep: frozenset[str]
    at: datetime
    until: datetime | None = None


class State(NamedTuple):
    """All that one enrollment has recorded."""

    enrollment_id: int
    account_id: int
    status: str  # waiting, active, paused, ended
    activated_at: datetime | None
    runs: Mapping[str, Run] = {}
    parties: tuple[Party, ...] = ()
    holders: tuple[Holder, ...] = ()
    stops: tuple[StopMark, ...] = ()
    resumed_at: datetime | None = None  # when it last went on after a pause
    round: int = 1  # how often the account has begun this playbook by coming back
    tier: int | None = None  # the account's when it was enrolled, which binds to the end
    moved_at: datetime | None = None  # when it last moved to another version of its playbook
