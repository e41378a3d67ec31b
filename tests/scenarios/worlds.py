"""Two worlds in which a scenario can happen: the dry run's, and the real engine's on SQLite."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from accounts.records import Account, AccountTeam, Contact
from orchestrator.channels.maildir import Maildir
from orchestrator.clock import ManualClock
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.engine.events import inbox
from orchestrator.engine.plays import migrating
from orchestrator.engine.staff import assigning
from orchestrator.engine.staff.absences import days_away
from orchestrator.engine.tasks import desk
from orchestrator.planner.mapping import names_between
from orchestrator.planner.moving import CannotMove
from orchestrator.scenarios import dry_run
from orchestrator.scenarios.dry_run import (
    ADDRESSES,
    Line,
    addresses,
    name_of,
    raw_event,
    since,
)
from orchestrator.scenarios.telling import Duty, Scenario
from orchestrator.settings import DatabaseSettings, Mail, Settings, Workspace
from orchestrator.store.database import Database, lease_now
from orchestrator.store.plays import plays
from orchestrator.store.running import facts, ticks
from orchestrator.store.staff import absences
from orchestrator.terms import Party, Plan, Run
from tests.support import cast

TABLES = SQLModel.metadata.tables
ROUNDS = 200


class Standing(NamedTuple):
    """How a play stands: all of it that its rows say."""

    status: str
    outcome: str
    runs: list[Run]
    parties: list[Party]
    seats: list[tuple[str, str, datetime, datetime | None]]
    stops: list[tuple[str, str, str, datetime | None]]


# ---------------------------------------------------------------- the dry run


class DryRun(dry_run.DryRun):
    """The simulator, and all that it can be compared by; it can also move to another version."""

    versions = 1

    def event(self, told: Mapping[str, Any]) -> None:
        if told["event"] == "migrate":
            self.migrate(told["plan"], told["names"])
            return
        # A message is known by its key, and that by what its step was called first.
        roots = {step.root: step.id for step in self.play.plan.steps}
        about = told.get("about", "")
        super().event({**told, "about": roots.get(about, about)})

    def migrate(self, plan: Plan, names: Mapping[str, str]) -> None:
        self.versions += 1
        if self.play.ledger.status == "ended":
            return
        with suppress(CannotMove):
            every = names_between(self.play.plan, plan, told=names)
            self.play.migrate(plan, every, self.versions)

    def standing(self) -> Standing:
        ledger = self.play.ledger
        return standing_of(
            ledger.status, ledger.outcome, ledger.runs.values(), ledger.parties.values(),
            ((h.seat, str(h.contact_id), h.bound_at, h.left_at) for h in ledger.holders.values()),
            ((str(s.contact_id or ""), s.reason, " ".join(sorted(s.keep)), s.until)
             for s in ledger.stops),
        )  # fmt: skip

    def details(self) -> dict[str, dict[str, str]]:
        """Who does each step's task or signs its mail, and in which words."""
        ledger, plan, roles = self.play.ledger, self.play.plan, self.scenario.team
        everybody, away = dry_run.mates_of(self.scenario), dry_run.leave_of(self.scenario)
        names = [*roles, *(f"{role}-cover" for role in roles)]
        found = {}
        for touch in ledger.planned.values():
            by = away.signer(everybody, plan.by_id[touch.step], touch.due_at)
            found[touch.step] = _detail(names[by] if by is not None else "", touch.template)
        for id_, task in ledger.tasks.items():
            if task.purpose == "step":
                covered = plan.by_id[task.step].away == "cover"
                mates = away.team(everybody, task.opened_at) if covered else everybody
                by = assigning.assign(1, task.by, task.team, mates, [])
                alone = by is None or id_ in ledger.shared
                found[task.step] = _detail("" if alone else names[by or 0], task.template)
        return found


# ---------------------------------------------------------------- the engine


OURS = "team@us.example"


def context(
    db: Database, clock: ManualClock, folder: Path, workspace: Workspace, **mail: Any
) -> Context:
    """The engine at our place, with a maildir for its letters."""
    settings = Settings(
        project=folder,
        database=DatabaseSettings(url=db.url),
        workspace=workspace,
        mail=Mail(domain="us.example", sender=OURS, **mail),
    )
    return Context(db, clock, settings, {"email": Maildir("us.example", folder / "maildir")})


class ByHand:
    """The engine with a clock that a scenario moves."""

    ctx: Context
    clock: ManualClock

    def next_at(self) -> datetime | None:
        with self.ctx.db.reading() as session:
            return ticks.next_due(session)

    def move(self, to: datetime) -> None:
        self.clock.set(max(to, self.clock.now()))

    def settle(self) -> None:
        come_to_rest(self.ctx)


class Engine(ByHand):
    """The real one: store, advance, deliver into a maildir, inbox and desk; a clock by hand."""

    def __init__(self, scenario: Scenario, folder: Path, db: Database) -> None:
        self.scenario, self.names = scenario, list(scenario.people)
        self.clock, ours = ManualClock(scenario.start), scenario.workspace
        place = {"zone": ours.get("zone", "UTC"), "country": ours.get("country", "")}
        quiet = ours.get("quiet", "")
        self.ctx = context(db, self.clock, folder, Workspace(**place, quiet=quiet))
        write_templates(scenario.plan, folder / "templates")
        with db.writing() as session:
            self._found(session)
        self.count, self.versions = 0, 1

    def _found(self, session: Session) -> None:
        scenario, place = self.scenario, self.scenario.account
        account = cast.company(
            session, "Acme", domain="acme-works.com", zone=place.get("zone", "UTC"),
            country=place.get("country", ""), fit=float(place.get("fit", 0)),
            engagement=float(place.get("engagement", 0)), tier=int(place.get("tier", 0)),
            lost_reason=place.get("lost_reason", ""),
        )  # fmt: skip
        for name, told in scenario.people.items():
            self._person(session, account, name, told)
        for role, told in scenario.team.items():
            one = cast.user(
                session, role, told["team"], role=role, zone=told.get("zone", "UTC"),
                country=told.get("country", ""),
            )  # fmt: skip
            assert account.id
            assert one.id
            self._absence(session, one.id, role, told)
            session.add(AccountTeam(account_id=account.id, role=role, user_id=one.id))
        version = cast.version(session, scenario.plan)
        start = {"activated_at": scenario.start, "next_due_at": scenario.start}
        cast.enrolled(session, account, version, **start)

    def _absence(self, session: Session, id_: int, role: str, told: Mapping[str, Any]) -> None:
        away = told.get("away")
        if not away:
            return
        starts, ends = days_away(
            date.fromisoformat(away["from"]),
            date.fromisoformat(away["to"]),
            told.get("zone", "UTC"),
        )
        cover, place = None, away.get("cover")
        if place is not None:
            cover = cast.user(
                session, f"{role}-cover", "customer", zone=place.get("zone", "UTC"),
                country=place.get("country", ""),
            ).id  # fmt: skip
        absences.add(session, id_, starts, ends, cover)

    def _person(
        self, session: Session, account: Account, name: str, told: Mapping[str, Any]
    ) -> None:
        has = {a: ADDRESSES[a].format(name) if a in addresses(told) else "" for a in ADDRESSES}
        cast.person(
            session, account, name, role=told.get("role", ""), persona=told.get("persona", ""),
            engagement=float(told.get("engagement", 0)), zone=told.get("zone", ""),
            country=told.get("country", ""), **has,
        ).created_at = since(self.scenario, told)  # fmt: skip

    def duties(self) -> list[Duty]:
        return [duty for _, duty in self._duties()]

    def _duties(self) -> list[tuple[int, Duty]]:
        task = TABLES["task"].c
        query = select(
            task.id, task.purpose, task.step, task.party_key, task.occurrence, task.opened_at
        ).where(task.status == "open")
        with self.ctx.db.reading() as session:
            rows = session.connection().execute(query).all()
        return [
            (id_, Duty(purpose, step, name_of(who, self.names), occurrence, at))
            for id_, purpose, step, who, occurrence, at in rows
        ]

    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None:
        owner = self._user("owner")
        words = dict(said)
        if kind := words.pop("address", ""):
            words["address"] = ADDRESSES[kind].format(task.who)
        for id_, one in self._duties():
            if one == task and ends == "skipped":
                desk.skip(self.ctx, id_, owner, words.get("note", "no time"))
            elif one == task:
                desk.done(self.ctx, id_, owner, ends, **words)

    def _user(self, name: str) -> int:
        with self.ctx.db.reading() as session:
            found = session.connection().execute(
                select(TABLES["app_user"].c.id).where(TABLES["app_user"].c.name == name)
            )
            return int(found.scalar_one())

    def event(self, told: Mapping[str, Any]) -> None:
        if told["event"] == "migrate":
            self.migrate(told["plan"], told["names"])
            return
        self.count += 1
        received = inbox.receive(self.ctx, [raw_event(self.names, told, self.count)])
        assert received.counts == {"applied": 1}

    def add(self, name: str, told: Mapping[str, Any]) -> None:
        self.names.append(name)
        with self.ctx.db.writing() as session:
            account = session.get(Account, 1)
            assert account
            self._person(session, account, name, told)
            self._wake(session)

    def change(self, name: str, told: Mapping[str, Any]) -> None:
        with self.ctx.db.writing() as session:
            contact = session.get(Contact, self.names.index(name) + 1)
            assert contact
            for field in ("role", "persona"):
                setattr(contact, field, told.get(field, getattr(contact, field)))
            contact.engagement = float(told.get("engagement", contact.engagement))
            if kind := told.get("has"):
                setattr(contact, kind, ADDRESSES[kind].format(name))
            session.flush()
            self._wake(session)

    def _wake(self, session: Session) -> None:
        plays.wake(session, [1], self.clock.now(), urgent=True)

    def score(self, told: Mapping[str, Any]) -> None:
        with self.ctx.db.writing() as session:
            account = session.get(Account, 1)
            assert account
            for name, value in told.items():
                setattr(account, name, float(value))

    def migrate(self, plan: Plan, names: Mapping[str, str]) -> None:
        self.versions += 1
        write_templates(plan, self.ctx.settings.project / "templates")
        with self.ctx.db.writing() as session:
            cast.version(session, plan, self.versions)
        migrating.migrate(self.ctx, plan.name, to=self.versions, names=names, dry_run=False)

    def log(self) -> list[Line]:
        c = TABLES["activity"].c
        query = select(c.at, c.kind, c.step, c.contact_id, c.text, c.data)
        with self.ctx.db.reading() as session:
            rows = session.connection().execute(query).all()
        return sorted(
            Line(at, kind, step, name_of(str(who or ""), self.names), text)
            for at, kind, step, who, text, data in rows
            if "disposition" not in data  # what a rep did; the dry run assumes it
        )

    def standing(self) -> Standing:
        with self.ctx.db.reading() as session:
            enrollment = session.connection().execute(select(TABLES["enrollment"])).one()
            batch = facts.load(
                session, {enrollment.id: 1}, self.scenario.start, kinds=(), since=None
            )
        return standing_of(
            enrollment.status, enrollment.outcome, batch.runs.get(1, {}).values(),
            batch.parties.get(1, []),
            ((h.seat, str(h.contact_id), h.bound_at, h.left_at) for h in batch.holders.get(1, [])),
            ((str(s.contact_id or ""), s.reason, " ".join(sorted(s.keep)), s.until)
             for s in batch.stops.get(1, [])),
        )  # fmt: skip

    def details(self) -> dict[str, dict[str, str]]:
        user, touch, task = (TABLES[name].c for name in ("app_user", "touch", "task"))
        with self.ctx.db.reading() as session:
            users = session.connection().execute(select(user.id, user.name)).all()
            names = dict(users)
            touches = select(touch.step, touch.sender_id, touch.template)
            tasks = select(task.step, task.assignee_id, task.template)
            rows = [
                *session.connection().execute(touches),
                *session.connection().execute(tasks.where(task.purpose == "step")),
            ]
        return {step: _detail(names.get(by, ""), template) for step, by, template in rows}


def come_to_rest(ctx: Context) -> None:
    """Let the engine do all that is due at this instant."""
    for _ in range(ROUNDS):
        with ctx.db.reading() as session:
            due = ticks.due(session, ctx.clock.now(), lease_now(session, ctx.clock))
        if not due:
            return
        for name in ticking.BATCHES:
            if name in due and name != "woken":  # what is woken is due as well
                ticking.BATCHES[name](ctx)
    raise AssertionError(f"the engine does not come to rest: {due}")


def _detail(by: str, template: str) -> dict[str, str]:
    told = {"by": by, "template": template}
    return {name: value for name, value in told.items() if value}


def standing_of(
    status: str, outcome: str, runs: Any, parties: Any, seats: Any, stops: Any
) -> Standing:
    """In an order that does not depend on who wrote it, without the numbers of rows.

    What an answer opens after the end belongs to no play any more.
    """
    ended = status == "ended"
    own = (p._replace(id=0) for p in parties if not (ended and p.status == "open" and not p.step))
    return Standing(
        status, outcome, sorted(runs, key=lambda run: run.step),
        sorted(own, key=lambda p: (p.step, p.who, p.purpose, p.occurrence)),
        sorted(seats, key=lambda seat: seat[:3]), sorted(stops, key=str),
    )  # fmt: skip


TEMPLATE = "---\nsubject: {name}\n---\nDear {{{{ contact.first_name }}}},\n\nthis is {name}.\n"


def write_templates(plan: Plan, folder: Path) -> None:
    """One short mail for every template that the plan names."""
    arms = [arm for step in plan.steps for arm in step.variants]
    for name in {one for arm in arms for one in (arm.template, *dict(arm.tiers).values())} - {""}:
        file = folder / f"{name}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEMPLATE.format(name=name))
