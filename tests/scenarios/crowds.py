"""A playbook with many accounts, in the dry run and in the real engine on SQLite.

rule: 18
title: two accounts a week
start: 2027-03-01 09:00              # every time is UTC
days: 30
zone: Asia/Tokyo                     # ours, in which the log names days
accounts: {acme: {zone: Europe/Berlin}}        # each with one champion
playbook: |                          # the real language; several stand in a list: `playbooks`
happens:
  - {at: 2027-03-01 09:00, enroll: [acme]}         # in the first playbook; or {hot: [acme]}
  - {at: 2027-03-02 09:00, pause: the page is down, until: 2027-03-09 09:00}
  - {at: 2027-03-05 09:00, resume: it is up again}
  - {at: 2027-03-06 09:00, priority: 5}        # a new version of the playbook
  - {at: 2027-03-07 09:00, recycle: no}        # another one, in which nobody comes back
expect: |                            # the whole log, and who stands how
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import yaml
from sqlalchemy import select

from orchestrator.clock import ManualClock
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding
from orchestrator.engine.plays.enrolling import enroll
from orchestrator.engine.running.mailboxes import box_of
from orchestrator.engine.running.tiers import change_tiers
from orchestrator.language import check
from orchestrator.records import Playbook
from orchestrator.scenarios.dry_run import ADDRESSES
from orchestrator.scenarios.telling import DAY
from orchestrator.settings import Mail, Workspace
from orchestrator.simulate import Crowd
from orchestrator.simulate.outbox import Outbox
from orchestrator.simulate.rivals import Rivals
from orchestrator.store.database import Database
from orchestrator.terms import AccountFacts, Event, Facts, Person, Plan, RawEvent
from tests.scenarios.scenario import Core, instant
from tests.scenarios.worlds import OURS, TABLES, ByHand, context, write_templates
from tests.support import cast

CHAMPION = "Ann Archer"


class Line(NamedTuple):
    """A line of one account's log."""

    at: datetime
    account: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %a %H:%M} | {self.account} | {self.kind} | {self.text}"


@dataclass(frozen=True)
class Story:
    """One file, read."""

    title: str
    rule: int
    start: datetime
    until: datetime
    zone: str
    accounts: Mapping[str, Mapping[str, str]]
    plans: Sequence[Plan]
    happens: Sequence[Mapping[str, Any]]
    expect: str
    mail: Mapping[str, Any]  # as in abm.toml


def read(file: Path) -> Story:
    """The story of a file; a mistake in its playbook is an assertion that shows it."""
    told: dict[str, Any] = yaml.load(file.read_text("utf-8"), Core)  # noqa: S506 - SafeLoader
    sources = told.pop("playbooks", None) or [told.pop("playbook")]
    plans = [_plan(source, file.name) for source in sources]
    start = instant(told.pop("start"))
    until = start + int(told.pop("days")) * DAY
    happens = [one | {"at": instant(one["at"])} for one in told.pop("happens")]
    rule = int(told.pop("rule"))
    return Story(
        rule=rule, start=start, until=until, plans=plans, happens=happens,
        zone=told.pop("zone", "UTC"), mail=told.pop("mail", {}), **told,
    )  # fmt: skip


def _plan(source: str, name: str) -> Plan:
    checked = check(source, name)
    assert checked.plan, "\n".join(map(str, checked.problems))
    return checked.plan


class World(Protocol):
    """Where a story can happen."""

    def next_at(self) -> datetime | None: ...
    def move(self, to: datetime) -> None: ...
    def settle(self) -> None: ...
    def enroll(self, names: Sequence[str], playbook: str) -> None: ...
    def event(self, kind: str, name: str) -> None: ...
    def tier(self, name: str, tier: int) -> None: ...
    def pause(self, reason: str, until: datetime | None) -> None: ...
    def resume(self, reason: str) -> None: ...
    def change(self, **fields: Any) -> None: ...
    def lines(self) -> Iterator[Line]: ...


def let_happen(story: Story, world: World) -> str:
    """From the start of the story to its last day; the log, as the file shows it."""
    agenda = list(story.happens)
    while True:
        due = [world.next_at(), agenda[0]["at"] if agenda else None]
        at = min((one for one in due if one), default=None)
        if at is None or at > story.until:
            return "".join(f"{line}\n" for line in sorted(world.lines()))
        world.move(at)
        while agenda and agenda[0]["at"] <= at:
            _happen(world, agenda.pop(0))
        world.settle()


def _happen(world: World, told: Mapping[str, Any]) -> None:
    if enrolled := told.get("enroll"):
        by_playbook = enrolled if isinstance(enrolled, dict) else {"": enrolled}
        for playbook, names in by_playbook.items():
            world.enroll(names, playbook)
    for name, tier in told.get("tier", {}).items():
        world.tier(name, int(tier))
    if "event" in told:
        world.event(told["event"], told["who"])
    if "pause" in told:
        world.pause(told["pause"], instant(told["until"]) if "until" in told else None)
    if "resume" in told:
        world.resume(told["resume"])
    if "priority" in told:
        world.change(priority=int(told["priority"]))
    if "budget" in told:
        world.change(budget=Decimal(str(told["budget"])))
    if "recycle" in told:
        world.change(recycle=None)


# ---------------------------------------------------------------- the dry run


class DryRun:
    """The simulator."""

    def __init__(self, story: Story) -> None:
        self.story, self.names = story, list(story.accounts)
        box = box_of(Mail(**story.mail), OURS, story.zone)
        outbox = Outbox(lambda _id, _touch: box)
        plans = [Crowd(plan, story.start, story.zone, outbox=outbox) for plan in story.plans]
        self.rivals = Rivals(plans)
        self.crowd = self.rivals.crowds[story.plans[0].name]

    def next_at(self) -> datetime | None:
        return self.rivals.next_at()

    def move(self, to: datetime) -> None:
        self.rivals.move(to)

    def settle(self) -> None:
        self.rivals.settle()

    def enroll(self, names: Sequence[str], playbook: str) -> None:
        crowd = self.rivals.crowds.get(playbook, self.crowd)
        for name in names:
            facts = self._facts(name)
            crowd.enroll(facts, name, {str(facts.account.id): CHAMPION})

    def _facts(self, name: str) -> Facts:
        id_, zone = self.names.index(name) + 1, self.story.accounts[name].get("zone", "UTC")
        since = self.story.start - 30 * DAY
        ann = Person(id_, "champion", "", 0.0, since, "", "", frozenset(ADDRESSES))
        return Facts(AccountFacts(id_, zone, "", 0, 0.0, 0.0), (ann,))

    def tier(self, name: str, tier: int) -> None:
        self.crowd.new_tier(self.names.index(name) + 1, tier)

    def event(self, kind: str, name: str) -> None:
        facts = self._facts(name)
        names = {str(facts.account.id): CHAMPION}
        for crowd in self.rivals.crowds.values():
            crowd.signal(facts, name, names, Event(kind, crowd.now))

    def pause(self, reason: str, until: datetime | None) -> None:
        self.crowd.pause(reason, until)

    def resume(self, reason: str) -> None:
        self.crowd.resume(reason)

    def change(self, **fields: Any) -> None:
        self.crowd.plan = replace(self.crowd.plan, **fields)

    def lines(self) -> Iterator[Line]:
        for id_, note in self.rivals.lines():
            yield Line(note.at, self.names[id_ - 1], note.kind, note.text)


# ---------------------------------------------------------------- the engine


class Engine(ByHand):
    """The real one: store, activate, advance, deliver into a maildir; a clock by hand."""

    def __init__(self, story: Story, folder: Path, db: Database) -> None:
        self.story, self.names, self.plan = story, list(story.accounts), story.plans[0]
        self.clock, self._numbers = ManualClock(story.start), count(1)
        self.told: set[str] = set()  # kinds of events: their own lines are another story's
        self.ctx = context(db, self.clock, folder, Workspace(zone=story.zone), **story.mail)
        for plan in story.plans:
            write_templates(plan, folder / "templates")
        with db.writing() as session:
            for name, told in story.accounts.items():
                zone = told.get("zone", "UTC")
                account = cast.company(
                    session, name, domain=f"{name}-works.com", zone=zone, country=""
                )
                cast.person(session, account, CHAMPION, role="champion", phone="+49301234567")
            for plan in story.plans:
                cast.version(session, plan)

    def enroll(self, names: Sequence[str], playbook: str) -> None:
        ids = [self.names.index(name) + 1 for name in names]
        assert not enroll(self.ctx, playbook or self.plan.name, accounts=ids).refused

    def tier(self, name: str, tier: int) -> None:
        with self.ctx.db.writing() as session:
            tiers = {self.names.index(name) + 1: tier}
            change_tiers(self.ctx, session, tiers, None, self.clock.now())

    def event(self, kind: str, name: str) -> None:
        self.told.add(kind)
        at, number = self.clock.now(), str(next(self._numbers))
        raw = RawEvent("story", number, kind, at, {"domain": f"{name}-works.com"})
        received = receive(self.ctx, [raw])
        assert received.counts == {"applied": 1}, received

    def pause(self, reason: str, until: datetime | None) -> None:
        holding.pause(self.ctx, self._switch(), reason=reason, until=until)

    def resume(self, reason: str) -> None:
        holding.resume(self.ctx, self._switch(), reason=reason)

    def _switch(self) -> holding.Target:
        return holding.target(self.ctx, "playbook", self.plan.name)

    def change(self, **fields: Any) -> None:
        self.plan = replace(self.plan, **fields)
        with self.ctx.db.writing() as session:
            row = cast.version(session, self.plan, 2)
            session.get_one(Playbook, self.plan.name).current = row.number

    def lines(self) -> Iterator[Line]:
        c = TABLES["activity"].c
        with self.ctx.db.reading() as session:
            query = select(c.at, c.account_id, c.kind, c.text).where(c.kind.not_in(self.told))
            rows = session.connection().execute(query).all()
        for at, account_id, kind, text in rows:
            yield Line(at, self.names[account_id - 1], kind, text)
