"""Migrate: let running plays go on in another version of their playbook, once it was previewed.

Plays stay with the version that they began in unless somebody moves them. `planner.moving` says how
each goes on. Where one of its steps has begun, it gets a version made for it: the new one, in which
that step is what it was. All plays of one standing share it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.records import User
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.plays.courses import Courses, Found, Stays, StepMoves, Tally, batches
from orchestrator.engine.plays.playbooks import stored
from orchestrator.engine.staff import users
from orchestrator.language import FORMAT, canonical, digest
from orchestrator.planner.mapping import Names, changed
from orchestrator.planner.moving import Course, runs_after
from orchestrator.records import PlaybookVersion
from orchestrator.store.companies import log
from orchestrator.store.plays import enrolling, plays
from orchestrator.store.plays import migrating as store
from orchestrator.store.plays.migrating import Mover
from orchestrator.terms import Plan


@dataclass(frozen=True, slots=True)
class Migrated:
    """What moving did (or, as a preview, would do): accounts by id, steps in the new order."""

    playbook: str
    number: int
    accounts: tuple[int, ...]
    stay: tuple[Stays, ...]
    steps: tuple[StepMoves, ...]


def migrate(
    ctx: Context,
    playbook: str,
    *,
    source: int = 0,
    to: int = 0,
    names: Names | None = None,
    accounts: Collection[int] = (),
    by: str = "",
    dry_run: bool = True,
) -> Migrated:
    """Move the plays of a playbook to version `to` (0: the one in force), those in version `source`
    (0: in any other) and of these accounts (none: of all).

    `names` maps ids of steps that are called otherwise now; `was` in the file does the same. A dry
    run writes nothing. AbmError for a version, a step or a user that does not exist.
    """
    with ctx.db.reading() as session:
        user = users.find(session, by) if by else None
        target = _target(session, playbook, to)
        assert target.id is not None
        plan = plans_of(ctx.db).of(session, [target.id])[target.id]
        wanted = [
            one
            for one in store.movers(session, playbook)
            if target.id not in (one.version_id, one.base_id)
            and source in (0, one.number)
            and (not accounts or one.account_id in accounts)
        ]
        courses, tally = Courses(ctx, session, plan, target.number, names or {}), Tally(plan)
        courses.check_names(session, wanted)
        for batch in batches(wanted) if dry_run else ():
            for found in courses.of(session, batch):
                tally.count(found)
    desk = _Desk(ctx, target, plan, user)
    for batch in () if dry_run else batches(wanted):
        with ctx.db.writing() as session:
            enrolling.lock(session)
            these = store.locked(session, [one.id for one in batch])
            told = list(courses.of(session, these))
            desk.write(session, told)
            ctx.probe("in_migrate")
        for found in told:
            tally.count(found)
    return Migrated(playbook, target.number, tuple(tally.moved), tuple(tally.stay), tally.steps)


def _target(session: Session, playbook: str, number: int) -> PlaybookVersion:
    known = plays.playbook(session, playbook)
    if known is None or not known.current:
        raise AbmError(f"no playbook {playbook!r} was ever applied", "`abm status` lists them")
    return stored(session, playbook, number or known.current)


# ---------------------------------------------------------------- rows


class _Desk:
    """Writes down what plays move, a batch at a time."""

    def __init__(
        self, ctx: Context, target: PlaybookVersion, plan: Plan, user: User | None
    ) -> None:
        self.ctx, self.target, self.plan, self.user = ctx, target, plan, user
        self.now = ctx.clock.now()

    def write(self, session: Session, found: Iterable[Found]) -> None:
        """Everything that follows from the courses of these plays, which are locked."""
        going = [(one.mover, one.course, one.runs) for one in found if one.course]
        lines = [line for m, c, _ in going for line in self._cancel(session, m, c)]
        store.call(session, [(m.id, *pair) for m, c, _ in going for pair in changed(c.names)])
        store.stand(session, {m.id: runs_after(c, runs) for m, c, runs in going})
        store.seat(
            session,
            [(m.id, *pair) for m, c, _ in going for pair in changed(c.seats)],
            [(m.id, name) for m, c, _ in going for name in c.freed],
        )
        store.move(session, self._rows(session, [(m.id, c) for m, c, _ in going]))
        log.write(session, lines + [self._moved(m, c) for m, c, _ in going])

    def _rows(self, session: Session, going: Sequence[tuple[int, Course]]) -> list[dict[str, Any]]:
        same = {"urgency": self.plan.priority, "now": self.now}
        made: dict[int, int] = {}  # the version of each course, by the course's own id()
        for _, course in going:
            if id(course) not in made:
                made[id(course)] = self._version(session, course)
        return [{"of_id": id_, "to": made[id(course)], **same} for id_, course in going]

    def _version(self, session: Session, course: Course) -> int:
        """The version to which plays of this course are pinned."""
        content = digest(course.plan)
        assert self.target.id is not None
        if content == self.target.digest:
            return self.target.id
        return store.derived(
            session,
            PlaybookVersion(
                playbook=self.target.playbook,
                number=self.target.number,
                digest=content,
                format=FORMAT,
                source=self.target.source,
                groups=self.target.groups,
                canonical=canonical(course.plan),
                created_at=self.now,
                created_by=self.user.name if self.user else "",
                base_id=self.target.id,
            ),
        )

    # ------------------------------------------------------------ lines of the log

    def _cancel(self, session: Session, one: Mover, course: Course) -> Iterator[dict[str, Any]]:
        """Cancel the work beside steps that are no more, and say so."""
        if not course.dropped:
            return
        reason = sentences.not_in(self.target.number)
        for step, contact_id in store.cancel(session, one.id, course.dropped, reason, self.now):
            yield self._line("task.cancelled", one, reason, step=step, contact_id=contact_id)

    def _moved(self, one: Mover, course: Course) -> dict[str, Any]:
        title, who = sentences.called(self.plan), self.user.name if self.user else ""
        text = sentences.moved(title, self.target.number, course.past, who)
        renamed = dict(changed(course.names))
        return self._line("moved", one, text, before=one.number, renamed=renamed)

    def _line(self, kind: str, one: Mover, text: str, **more: Any) -> dict[str, Any]:
        user = self.user
        return log.entry(
            kind, at=self.now, account_id=one.account_id, enrollment_id=one.id, text=text,
            team=user.team if user else "engine", actor_id=user.id if user else None,
            flow_run_id=self.ctx.flow_run_id, **more,
        )  # fmt: skip
