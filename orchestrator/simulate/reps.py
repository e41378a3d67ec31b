"""Our own people in the dry run: whose a task is, and when they come to it.

First come, first served: a task goes to the first day of work on which its rep has room. A rep
without a limit has room for all. Days off have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from orchestrator.calendar import Hours, day_window, midnight, next_open, open_time
from orchestrator.terms import OpenTask

Whose = Callable[[int, OpenTask], str]  # the rep of an account's task
_SEARCH = 400  # days; whoever is away for longer does nothing at all


@dataclass(frozen=True, slots=True)
class Rep:
    """One of us, or the shared queue of a team: at most `capacity` tasks a day (None: no limit)."""

    name: str
    team: str
    hours: Hours
    capacity: int | None = None
    off: tuple[tuple[date, date], ...] = ()  # first and last day of each time off
    covered: tuple[tuple[date, date, str], ...] = ()  # those in which somebody else takes over

    def is_off(self, day: date) -> bool:
        """Whether they are away."""
        return any(first <= day <= last for first, last in self.off)

    def stand_in(self, day: date) -> str:
        """Who does their work on that day, "" if nobody else does."""
        return next((who for first, last, who in self.covered if first <= day <= last), "")

    def day_of(self, at: datetime) -> date:
        """The date on their own clock."""
        return at.astimezone(ZoneInfo(self.hours.zone)).date()


@dataclass(slots=True)
class Desk:
    """Everybody's days. `whose` names the rep of a task, by account; `planned` counts their days.

    `came` counts the tasks that were opened for them on each day.
    """

    reps: Mapping[str, Rep]
    whose: Whose
    planned: Counter[tuple[str, date]] = field(default_factory=Counter)
    came: Counter[tuple[str, date]] = field(default_factory=Counter)
    did: dict[tuple[int, int], str] = field(default_factory=dict)  # who, by account and task

    def take(
        self, name: str, at: datetime, lag: timedelta, *, stays: bool = False
    ) -> tuple[datetime, str] | None:
        """When the rep does a task that was opened at `at`, after `lag` of open time at the
        earliest, and who does it; None if nobody. One that `stays` goes to no stand-in."""
        rep = self.reps[name]
        self.came[name, rep.day_of(at)] += 1
        return self._first_room(rep, open_time(next_open(at, rep.hours), lag, rep.hours), stays)

    def _first_room(
        self, rep: Rep, earliest: datetime, stays: bool, passed: frozenset[str] = frozenset()
    ) -> tuple[datetime, str] | None:
        first = rep.day_of(earliest)
        for number in range(_SEARCH):
            day = first + timedelta(days=number)
            other = "" if stays else rep.stand_in(day)
            if other and other not in passed:
                begun = max(earliest, midnight(day, rep.hours))
                return self._first_room(self.reps[other], begun, stays, passed | {rep.name})
            window = None if rep.is_off(day) else day_window(rep.hours, day)
            busy = self.planned[rep.name, day]
            if window and (rep.capacity is None or busy < rep.capacity):
                self.planned[rep.name, day] += 1
                share = busy / rep.capacity if rep.capacity else 0.0
                return max(earliest, window[0] + (window[1] - window[0]) * share), rep.name
        return None
