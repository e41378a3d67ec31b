"""Which plays can go on in another version of their playbook, and how: asked before any moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.planner.mapping import Names, names_between
from orchestrator.planner.moving import (
    CannotMove,
    Course,
    Fate,
    Standing,
    begun_for,
    course_of,
    standing_of,
)
from orchestrator.store.plays import migrating as store
from orchestrator.store.plays import plays
from orchestrator.store.plays.migrating import Mover
from orchestrator.terms import Plan, Run

BATCH = 500  # plays in one transaction: others want to write, too
LEAVING = "a message is leaving right now; ask again in a minute"


@dataclass(frozen=True, slots=True)
class Stays:
    """A play that does not move, and why in words."""

    account_id: int
    account: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class StepMoves:
    """What becomes of one step in how many plays, by `Fate`: done, open, ahead, passed, gone.

    `was` is what it was called before, "" if the same or nothing.
    """

    step: str
    was: str
    plays: Mapping[str, int]


class Found(NamedTuple):
    """A play, where it stands, and its course; or why it stays, in words."""

    mover: Mover
    runs: Mapping[str, Run]
    course: Course | None
    reason: str = ""


class Courses:
    """The courses from the versions of a playbook to one plan, each worked out once."""

    def __init__(
        self, ctx: Context, session: Session, plan: Plan, number: int, told: Names
    ) -> None:
        self.ctx, self.plan, self.number, self.told = ctx, plan, number, told
        self.versions = sorted(plays.versions(session, plan.name), key=lambda one: one.number)
        self._names: dict[int, Names] = {}
        self._courses: dict[tuple[int, Standing], Course | CannotMove] = {}

    def check_names(self, session: Session, movers: Collection[Mover]) -> None:
        """AbmError unless the steps that were said to be others are in some play's version."""
        ids = {one.version_id for one in movers}
        known = {step for id_ in ids for step in self._plan(session, id_).by_id}
        for was in self.told.keys() - known if ids else ():
            hint = f"its steps are: {', '.join(sorted(known))}"
            raise AbmError(f"no version that anybody runs has a step {was!r}", hint)
        for one in movers:
            self._names_from(session, one)

    def of(self, session: Session, movers: Sequence[Mover]) -> Iterator[Found]:
        """The course of each of these plays."""
        ids = [one.id for one in movers]
        runs, touched = store.runs(session, ids), store.touched(session, ids)
        leaving = store.leaving(session, ids)
        for one in movers:
            mine = begun_for(runs.get(one.id, {}), touched.get(one.id, ()))
            if one.stop_reason:
                yield Found(one, mine, None, sentences.ending(one.stop_reason))
            elif one.id in leaving:
                yield Found(one, mine, None, LEAVING)
            else:
                found = self._course(session, one, mine)
                if isinstance(found, Course):
                    yield Found(one, mine, found)
                else:
                    yield Found(one, mine, None, str(found))

    def _course(self, session: Session, one: Mover, runs: Mapping[str, Run]) -> Course | CannotMove:
        key = one.version_id, standing_of(runs)
        if key not in self._courses:
            names, old = self._names_from(session, one), self._plan(session, one.version_id)
            try:
                self._courses[key] = course_of(old, self.plan, names, runs)
            except CannotMove as reason:
                self._courses[key] = reason
        return self._courses[key]

    def _names_from(self, session: Session, one: Mover) -> Names:
        if one.version_id not in self._names:
            low, high = sorted((one.number, self.number))
            between = [
                self._plan(session, version.id)
                for version in self.versions
                if version.id and low < version.number < high
            ]
            old = self._plan(session, one.version_id)
            told = {was: now for was, now in self.told.items() if was in old.by_id}
            self._names[one.version_id] = names_between(old, self.plan, between, told)
        return self._names[one.version_id]

    def _plan(self, session: Session, version_id: int) -> Plan:
        return plans_of(self.ctx.db).of(session, [version_id])[version_id]


def batches(movers: Sequence[Mover]) -> Iterator[Sequence[Mover]]:
    """As many at a time as one transaction moves."""
    return (movers[start : start + BATCH] for start in range(0, len(movers), BATCH))


@dataclass(slots=True)
class Tally:
    """What was found of many plays: who moves, who stays, and what becomes of each step."""

    plan: Plan
    moved: list[int] = field(default_factory=list)  # ids of accounts
    stay: list[Stays] = field(default_factory=list)
    _fates: dict[str, Counter[str]] = field(default_factory=dict)
    _was: dict[str, str] = field(default_factory=dict)

    def count(self, found: Found) -> None:
        one, course = found.mover, found.course
        if course is None:
            self.stay.append(Stays(one.account_id, one.account, one.number, found.reason))
            return
        self.moved.append(one.account_id)
        for id_, fate in course.fates.items():
            self._fates.setdefault(id_, Counter())[fate] += 1
        self._was |= {now: was for was, now in course.names.items() if was != now}

    @property
    def steps(self) -> tuple[StepMoves, ...]:
        """The steps of the plan in its order, then those that are gone."""
        ids = [*self.plan.by_id, *(id_ for id_ in self._fates if id_ not in self.plan.by_id)]
        return tuple(
            StepMoves(
                id_,
                self._was.get(id_, ""),
                {str(fate): self._fates[id_][fate] for fate in Fate if self._fates[id_][fate]},
            )
            for id_ in ids
            if id_ in self._fates
        )
