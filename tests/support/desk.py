"""A desk with work on it: one account in a play, two of its people, and our team."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, SQLModel, select

from accounts.records import Contact
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.records import Activity, Enrollment, Stop, Task
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.terms import Plan, Seat, StopRule
from tests.planner.plans import plan, step
from tests.support import cast
from tests.support.cast import NOW

SEATS = {"champion": Seat("champion", "champion", at_most=2)}


@dataclass
class Desk:
    """The use cases' context and who is who."""

    ctx: Context
    clock: ManualClock
    acme: int = 0
    ann: int = 0
    bob: int = 0
    play: int = 0
    users: dict[str, int] = field(default_factory=dict)

    @property
    def dana(self) -> int:
        return self.users["dana"]

    @property
    def max(self) -> int:
        return self.users["max"]

    def task(self, contact: int | None = None, **fields: Any) -> int:
        """An open call of Ann's, or whatever the fields say."""
        with self.ctx.db.writing() as session:
            person = session.get_one(Contact, contact or self.ann)
            play = session.get_one(Enrollment, self.play)
            row = cast.task(session, play, person, **({"assignee_id": self.dana} | fields))
            assert row.id is not None
            return row.id

    def get(self, table: type[SQLModel], id_: int) -> Any:
        with self.ctx.db.reading() as session:
            return session.get_one(table, id_)

    def play_now(self) -> Enrollment:
        return self.get(Enrollment, self.play)  # type: ignore[no-any-return]

    def all(self, table: type[SQLModel]) -> list[Any]:
        with self.ctx.db.reading() as session:
            return list(session.exec(select(table)))

    def stops(self) -> set[tuple[int | None, int | None]]:
        """(contact, enrollment) of every stop in force."""
        stands = [one for one in self.all(Stop) if one.lifted_at is None]
        return {(one.contact_id, one.enrollment_id) for one in stands}

    def kinds(self) -> list[str]:
        """What the log tells, in order."""
        return [one.kind for one in sorted(self.all(Activity), key=lambda one: one.id)]

    def open_tasks(self) -> list[tuple[str, str]]:
        """(purpose, title) of every open task."""
        return sorted((one.purpose, one.title) for one in self.all(Task) if one.status == "open")


def the_plan() -> Plan:
    """A mail, then a call; interest goes to sales while ads go on."""
    return plan(
        step("insight", "email", "champion", variants=("insight",)),
        step("ring", "call", "champion", after=("insight",), wait="1d"),
        seats=SEATS,
        stops=(
            StopRule("meeting_booked", "hand_off", frozenset({"ads"})),
            StopRule("reply.interested", "hand_off", frozenset({"ads"})),
        ),
    )


def furnish(db: Database, folder: Path) -> Desk:
    """Acme with Ann and Bob, in a play that waits; Dana and Sam sell, Max markets."""
    clock = ManualClock(NOW)
    world = Desk(Context(db, clock, Settings(project=folder), {}), clock)
    with db.writing() as session:
        _people(session, world)
        acme = cast.company(session, "Acme", name_key="acme")
        ann = cast.person(session, acme, "Ann Archer", role="champion", phone="+49301234567")
        bob = cast.person(session, acme, "Bob Burns", role="champion")
        play = cast.enrolled(session, acme, cast.version(session, the_plan()))
        world.acme, world.ann, world.bob = (one.id or 0 for one in (acme, ann, bob))
        world.play = play.id or 0
    return world


def _people(session: Session, world: Desk) -> None:
    for name, team in (("dana", "sales"), ("sam", "sales"), ("max", "marketing")):
        row = cast.user(session, name, team)
        assert row.id is not None
        world.users[name] = row.id
