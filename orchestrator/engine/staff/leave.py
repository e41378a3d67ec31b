"""Who of us is away, and who stands in: rule 15 for whoever gives out work.

Who is away counts as not there: the work goes to whom they named, and if that one is away too, to
the one after; without anybody, to the next in the order of rule 13.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session

from orchestrator.engine.staff.assigning import holder_of
from orchestrator.planner.hours import working_hours
from orchestrator.store.staff import absences
from orchestrator.store.staff.absences import Absent
from orchestrator.store.staff.rosters import Colleague, Teammate, roster
from orchestrator.terms import Away, CalendarSpec, Step


class Leave:
    """The absences that are not over. False if there is none."""

    def __init__(self, rows: Sequence[Absent]) -> None:
        self._of: dict[int, list[Absent]] = defaultdict(list)
        for row in rows:
            self._of[row.user_id].append(row)

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, user_id: int) -> Sequence[Absent]:
        """Somebody's absences, the earliest first."""
        return self._of.get(user_id, ())

    def absence(self, user_id: int, at: datetime) -> Absent | None:
        """The one in which somebody is away at that instant."""
        mine = self.of(user_id)
        return next((one for one in mine if one.starts_at <= at < one.ends_at), None)

    def stand_in(self, user_id: int, at: datetime) -> Absent | None:
        """The absence whose `cover` does somebody's work then; None if nobody does."""
        seen = {user_id}
        one = self.absence(user_id, at)
        while one and one.cover_id is not None and one.cover_id not in seen:
            further = self.absence(one.cover_id, at)
            if further is None:
                return one
            seen.add(one.cover_id)
            one = further
        return None

    def team(self, mates: Sequence[Teammate], at: datetime) -> Sequence[Teammate]:
        """An account's team as it works then: who is away gives way to the stand-in."""
        return list(self._team(mates, at)) if self else mates

    def _team(self, mates: Sequence[Teammate], at: datetime) -> Iterator[Teammate]:
        for mate in mates:
            if self.absence(mate.user_id, at) is None:
                yield mate
            elif (one := self.stand_in(mate.user_id, at)) and one.cover_id:
                place = {"zone": one.cover_zone, "country": one.cover_country}
                yield mate._replace(user_id=one.cover_id, **place)

    def signer(self, mates: Sequence[Teammate], step: Step, at: datetime) -> int | None:
        """In whose name a mail goes that is due then; without a stand-in it waits for them."""
        user_id = holder_of(step.sender, mates)
        while user_id is not None and (one := self.absence(user_id, at)):
            found = None if step.away == "wait" else self.stand_in(user_id, at)
            if found:
                return found.cover_id
            at = min(cut for cut in (one.ends_at, *self._changes(one)) if cut > at)
        return user_id

    def roster(self, colleagues: Sequence[Colleague], at: datetime) -> Sequence[Colleague]:
        """Who of us is there."""
        there = (one for one in colleagues if self.absence(one.user_id, at) is None)
        return list(there) if self else colleagues

    def away(self, spec: CalendarSpec, mates: Sequence[Teammate]) -> dict[str, tuple[Away, ...]]:
        """The absences of an account's team by role and by team, as the planner sees them."""
        found: dict[str, tuple[Away, ...]] = {}
        for mate in mates if self else ():
            theirs = tuple(self._pieces(spec, mate.user_id))
            found[mate.role] = theirs
            found.setdefault(mate.team, theirs)
        return found

    def _pieces(self, spec: CalendarSpec, user_id: int) -> Iterator[Away]:
        """An absence falls into pieces where the stand-in comes or goes."""
        for one in self.of(user_id):
            cuts = sorted({one.starts_at, one.ends_at, *self._changes(one)})
            for since, until in pairwise(cuts):
                found = self.stand_in(user_id, since)
                hours = found and working_hours(spec, found.cover_zone, found.cover_country)
                back = until.astimezone(ZoneInfo(one.zone)).date()
                yield Away(since, until, back, one.name, hours)

    def _changes(self, one: Absent) -> Iterator[datetime]:
        for others in self._of.values():
            for other in others:
                yield from (
                    at for at in (other.starts_at, other.ends_at)
                    if one.starts_at < at < one.ends_at
                )  # fmt: skip


def leave(session: Session, now: datetime) -> Leave:
    """All absences that are not over."""
    return Leave(absences.current(session, now))


def on_duty(session: Session, now: datetime) -> Sequence[Colleague]:
    """Who of us is there now."""
    return leave(session, now).roster(roster(session), now)
