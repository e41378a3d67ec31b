"""Two worlds in which a scenario can happen: the dry run's, and the real engine's on SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from accounts.records import Account, AccountTeam, Contact
from orchestrator.calendar import Hours
from orchestrator.channels.maildir import Maildir
from orchestrator.clock import ManualClock
from orchestrator.engine import assigning, desk, inbox, ticking
from orchestrator.engine.context import Context
from orchestrator.engine.understanding import understand
from orchestrator.planner.hours import working_hours
from orchestrator.settings import DatabaseSettings, Mail, Settings, Workspace
from orchestrator.simulate import Simulated
from orchestrator.store import facts, plays, ticks
from orchestrator.store.database import Database, lease_now
from orchestrator.store.rosters import Teammate
from orchestrator.terms import (
    ACCOUNT,
    AccountFacts,
    Event,
    Facts,
    Party,
    Person,
    Plan,
    RawEvent,
    Run,
    message_key,
)
from tests.scenarios.scenario import DAY, Duty, Scenario
from tests.support import cast

TABLES = SQLModel.metadata.tables
ROUNDS = 200
ADDRESSES = {
    "email": "{}@acme-works.com",
    "phone": "+49301234567",
    "social": "https://x.example/{}",
}


class Line(NamedTuple):
    """A line of the activity log; `who` is a person's name."""

    at: datetime
    kind: str
    step: str
    who: str
    text: str

    def __str__(self) -> str:
        clock = "%Y-%m-%d %a %H:%M" if not self.at.second else "%Y-%m-%d %a %H:%M:%S"
        parts = (f"{self.at:{clock}}", self.kind, self.step, self.who, self.text)
        return " | ".join(part for part in parts if part)


class Standing(NamedTuple):
    """How a play stands: all of it that its rows say."""

    status: str
    outcome: str
    runs: list[Run]
    parties: list[Party]
    seats: list[tuple[str, str, datetime, datetime | None]]
    stops: list[tuple[str, str, str, datetime | None]]


class World(Protocol):
    """What the runner asks of a world."""

    def next_at(self) -> datetime | None: ...
    def move(self, to: datetime) -> None: ...
    def settle(self) -> None: ...
    def duties(self) -> list[Duty]: ...
    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None: ...
    def event(self, told: Mapping[str, Any]) -> None: ...
    def add(self, name: str, told: Mapping[str, Any]) -> None: ...
    def change(self, name: str, told: Mapping[str, Any]) -> None: ...
    def score(self, told: Mapping[str, Any]) -> None: ...
    def log(self) -> list[Line]: ...
    def standing(self) -> Standing: ...
    def details(self) -> dict[str, dict[str, str]]: ...


def raw_event(
    scenario: Scenario, names: Sequence[str], told: Mapping[str, Any], number: int
) -> RawEvent:
    """An event of a scenario as its source would tell it."""
    who, about = told.get("who", ""), told.get("about", "")
    payload: dict[str, Any] = {k: v for k, v in told.items() if k in ("text", "until", "status")}
    if who:
        payload["email"] = ADDRESSES["email"].format(who)
    if about:
        party = str(names.index(who) + 1) if who else ACCOUNT
        payload["key"] = message_key(1, about, party, 1)
    if not who:
        payload["domain"] = "acme-works.com"
    return RawEvent("scenario", str(number), told["event"], told["at"], payload)


def addresses(told: Mapping[str, Any]) -> frozenset[str]:
    lacks = told.get("lacks", ())
    return frozenset(ADDRESSES) - frozenset([lacks] if isinstance(lacks, str) else lacks)


def since(scenario: Scenario, told: Mapping[str, Any]) -> datetime:
    return scenario.start - int(told.get("known_for", 30)) * DAY


# ---------------------------------------------------------------- the dry run


class DryRun:
    """The simulator."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario, self.names = scenario, list(scenario.people)
        people = tuple(self._person(n, told) for n, told in enumerate(scenario.people.values(), 1))
        place = scenario.account
        account = AccountFacts(
            1, place.get("zone", "UTC"), place.get("country", ""), 0,
            float(place.get("fit", 0)), float(place.get("engagement", 0)),
        )  # fmt: skip
        ours = scenario.workspace
        facts = Facts(
            account, people, workspace_zone=ours.get("zone", "UTC"),
            workspace_country=ours.get("country", ""), assignee_hours=self._assignees(),
        )  # fmt: skip
        called = {str(n): name for n, name in enumerate(self.names, 1)}
        self.play = Simulated(scenario.plan, facts, scenario.start, account="Acme", names=called)
        self.count = 0

    def _person(self, id_: int, told: Mapping[str, Any]) -> Person:
        return Person(
            id_, told.get("role", ""), told.get("persona", ""), float(told.get("engagement", 0)),
            since(self.scenario, told), told.get("zone", ""), told.get("country", ""),
            addresses(told),
        )  # fmt: skip

    def _assignees(self) -> dict[str, Hours]:
        hours: dict[str, Hours] = {}
        for role, told in self.scenario.team.items():
            place = told.get("zone", "UTC"), told.get("country", "")
            hours[role] = working_hours(self.scenario.plan.calendar, *place)
            hours.setdefault(told["team"], hours[role])
        return hours

    def next_at(self) -> datetime | None:
        return self.play.next_at()

    def move(self, to: datetime) -> None:
        self.play.move(to)

    def settle(self) -> None:
        self.play.settle()

    def duties(self) -> list[Duty]:
        return [duty for _, duty in self._duties()]

    def _duties(self) -> Iterator[tuple[int, Duty]]:
        for id_, task in self.play.ledger.open_tasks().items():
            who = name_of(task.who, self.names)
            yield id_, Duty(task.purpose, task.step, who, task.occurrence, task.opened_at)

    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None:
        ids = [id_ for id_, one in self._duties() if one == task]
        words = {name: value for name, value in said.items() if name != "note"}
        for id_ in ids:
            self.play.close(id_, ends, by="owner", **words)

    def event(self, told: Mapping[str, Any]) -> None:
        self.count += 1
        said = understand(raw_event(self.scenario, self.names, told, self.count), self.play.now)
        who, about = told.get("who"), told.get("about", "")
        contact_id = self.names.index(who) + 1 if who else None
        if not any(self._is_about(party, about, contact_id) for party in self._parties()):
            about = ""  # a message that nobody sent
        self.play.happen(Event(said.kind, said.at, contact_id, said.until, said.referral, about))

    def _parties(self) -> list[Party]:
        return list(self.play.ledger.parties.values())

    def _is_about(self, party: Party, step: str, contact_id: int | None) -> bool:
        whose = ACCOUNT if contact_id is None else str(contact_id)
        return party.table == "touch" and (party.step, party.who) == (step, whose)

    def add(self, name: str, told: Mapping[str, Any]) -> None:
        self.names.append(name)
        self.play.ledger.names[str(len(self.names))] = name
        self.play.learn(self._person(len(self.names), told))

    def change(self, name: str, told: Mapping[str, Any]) -> None:
        id_ = self.names.index(name) + 1
        was = next(one for one in self.play.ledger.facts.people if one.id == id_)
        fresh: dict[str, Any] = {k: v for k, v in told.items() if k in ("role", "persona")}
        if "engagement" in told:
            fresh["engagement"] = float(told["engagement"])
        if "has" in told:
            fresh["addresses"] = was.addresses | {told["has"]}
        self.play.learn(was._replace(**fresh))

    def score(self, told: Mapping[str, Any]) -> None:
        ledger, scores = self.play.ledger, {k: float(v) for k, v in told.items()}
        account: Any = ledger.facts.account
        ledger.facts = ledger.facts._replace(account=account._replace(**scores))

    def log(self) -> list[Line]:
        return sorted(
            Line(one.at, one.kind, one.step, name_of(one.who, self.names), one.text)
            for one in self.play.ledger.log
        )

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
        ledger, roles = self.play.ledger, self.scenario.team
        mates = [Teammate(r, n, one["team"], "", "") for n, (r, one) in enumerate(roles.items())]
        names = list(roles)
        found = {}
        for touch in ledger.planned.values():
            by = assigning.holder_of(touch.sender, mates)
            found[touch.step] = _detail(names[by] if by is not None else "", touch.template)
        for id_, task in ledger.tasks.items():
            if task.purpose == "step":
                by = assigning.assign(1, task.by, task.team, mates, [])
                alone = by is None or id_ in ledger.shared
                found[task.step] = _detail("" if alone else names[by or 0], task.template)
        return found


# ---------------------------------------------------------------- the engine


def context(db: Database, clock: ManualClock, folder: Path, workspace: Workspace) -> Context:
    """The engine at our place, with a maildir for its letters."""
    settings = Settings(
        project=folder,
        database=DatabaseSettings(url=db.url),
        workspace=workspace,
        mail=Mail(domain="us.example", sender="team@us.example"),
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
        self.ctx = context(db, self.clock, folder, Workspace(**place))
        write_templates(scenario.plan, folder / "templates")
        with db.writing() as session:
            self._found(session)
        self.count = 0

    def _found(self, session: Session) -> None:
        scenario, place = self.scenario, self.scenario.account
        account = cast.company(
            session, "Acme", domain="acme-works.com", zone=place.get("zone", "UTC"),
            country=place.get("country", ""), fit=float(place.get("fit", 0)),
            engagement=float(place.get("engagement", 0)),
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
            session.add(AccountTeam(account_id=account.id, role=role, user_id=one.id))
        version = cast.version(session, scenario.plan)
        start = {"activated_at": scenario.start, "next_due_at": scenario.start}
        cast.enrolled(session, account, version, **start)

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
        self.count += 1
        received = inbox.receive(self.ctx, [raw_event(self.scenario, self.names, told, self.count)])
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


def name_of(who: str, names: Sequence[str]) -> str:
    """A person's name; nothing for the account and for a seat."""
    return names[int(who) - 1] if who.isdecimal() else ""


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
    for name in {variant.template for step in plan.steps for variant in step.variants} - {""}:
        file = folder / f"{name}.j2"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEMPLATE.format(name=name))
