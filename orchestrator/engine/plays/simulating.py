"""The dry run of a playbook on the workspace as it is: real accounts, people, teams and rules.

Everything is read once, in bulk, into frozen values; nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.nearest import nearest
from orchestrator.alignment import Agreement
from orchestrator.calendar import Hours
from orchestrator.engine import agreement
from orchestrator.engine.agreement import TEAMS
from orchestrator.engine.context import Context
from orchestrator.engine.plays import targets
from orchestrator.engine.plays.enrolling import Refused, judge
from orchestrator.engine.running.advancing import assignee_hours
from orchestrator.engine.running.mailboxes import box_of
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import Leave, leave
from orchestrator.pacing import Box, window
from orchestrator.planner.hours import working_hours
from orchestrator.planner.starting import HOLD
from orchestrator.settings import Settings
from orchestrator.simulate import Member, Rep, Setting, made_up
from orchestrator.store.companies import people
from orchestrator.store.plays import enrolling, forecasts
from orchestrator.store.plays import targets as lists
from orchestrator.store.plays.forecasts import Live, Mate
from orchestrator.store.running import facts, spending
from orchestrator.store.running.facts import Batch
from orchestrator.store.staff.rosters import Colleague, Teammate
from orchestrator.terms import UNAGREED, Facts, OpenTask, OpenTouch, Plan

RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is to be simulated, who is left out and why, and how many run the playbook already.

    Those are simulated as if they began at the start.
    """

    setting: Setting
    refused: tuple[Refused, ...] = ()
    running: int = 0

    @property
    def counts(self) -> Counter[str]:
        """Refusals by their rule."""
        return Counter(one.rule for one in self.refused)


def load(
    ctx: Context, plan: Plan, *, days: int, accounts: Sequence[int] = (), segment: str = "",
    start: datetime | None = None,
) -> Loaded:  # fmt: skip
    """The workspace as it stands: these accounts, those of a segment, or all that the plan is for.

    AbmError where there is none, and for a segment that does not exist.
    """
    now = start or ctx.clock.now()
    with ctx.db.reading() as session:
        wanted = list(accounts) or _wanted(ctx, session, plan, segment)
        chosen, refused = judge(session, plan, wanted, now)
        running = [one.account_id for one in refused if one.rule == RUNNING]
        refused = [one for one in refused if one.rule != RUNNING]
        ids = sorted({*chosen, *running})
        if not ids:
            raise _nobody(refused)
        return Loaded(
            _setting(ctx, session, plan, ids, now, days, set(running)),
            tuple(refused), len(running),
        )  # fmt: skip


def imagine(
    ctx: Context | None, plan: Plan, number: int, *, days: int, now: datetime, seed: int = 1
) -> Setting:
    """Accounts that are made up, worked by our own people, or by one queue for each team."""
    place = ctx.settings.workspace if ctx else None
    zone, country = (place.zone, place.country) if place else ("UTC", "")
    quiet = place.quiet if place else ""
    members = list(made_up(plan, number, now, zone, country, seed, quiet))
    mates, agreed, away = list[Mate](), Agreement(), Leave(())
    if ctx:
        with ctx.db.reading() as session:
            mates, agreed = forecasts.mates(session), _agreed(ctx, session)
            away = leave(session, now)
    crew = _Crew(plan, ctx.settings if ctx else None, mates, {}, away)
    return Setting(
        plan, members, now, now + timedelta(days=days), zone, crew.reps(plan, zone, country),
        crew.whose, crew.mailbox, weights=agreed.weights, half_life_days=agreed.half_life_days,
        box=crew.box, currency=place.currency if place else "EUR",
        owed=agreement.owed_by(agreed, place) if place else UNAGREED,
    )  # fmt: skip


def _agreed(ctx: Context, session: Session) -> Agreement:
    """The agreement in force, or as it is written where none was applied yet."""
    in_force, file = agreement.current(session), ctx.settings.agreement
    if in_force == Agreement() and file.is_file():
        return agreement.parse(file.read_text("utf-8-sig"), str(file))
    return in_force


def _wanted(ctx: Context, session: Session, plan: Plan, segment: str) -> list[int]:
    """Whom the playbook is for: those of a segment, else all that stand on a list."""
    if segment:
        return targets.in_segment(ctx, segment)
    if plan.segment:
        return people.accounts_in(session, plan.segment)
    if plan.unsigned:
        return people.account_ids(session)
    proposed = lists.nominations(session, lists.list_names(session))
    return sorted({one.account_id for lines in proposed.values() for one in lines})


def _nobody(refused: Sequence[Refused]) -> AbmError:
    hint = "--made-up 100 simulates with accounts that are made up"
    if not refused:
        return AbmError("there is no account that the playbook is for", hint)
    rules = ", ".join(f"{n:,} {rule}" for rule, n in Counter(r.rule for r in refused).most_common())
    return AbmError(f"no account could begin: {rules} (such as {refused[0].account}: "
                    f"{refused[0].reason})", hint)  # fmt: skip


# ---------------------------------------------------------------- the workspace as values


def _setting(
    ctx: Context, session: Session, plan: Plan, ids: Sequence[int], now: datetime, days: int,
    running: set[int],
) -> Setting:  # fmt: skip
    place = ctx.settings.workspace
    since = now - max((window(cap.window) for cap in plan.caps), default=timedelta())
    # No enrollment has such an id: what is read is of the accounts alone.
    loaded = facts.load(
        session, {-id_: id_ for id_ in ids}, now, kinds=plan.needs.kinds, since=since
    )
    away = leave(session, now)
    crew = _Crew(plan, ctx.settings, forecasts.mates(session), loaded.teams, away)
    pace, agreed = plan.pace, _agreed(ctx, session)
    started = enrolling.started_since(session, plan.name, now - window(pace.window)) if pace else []
    members = _members(ctx, session, plan, loaded, ids, running, away)
    return Setting(
        plan, members, now, now + timedelta(days=days),
        place.zone, crew.reps(plan, place.zone, place.country), crew.whose,
        crew.mailbox, tuple(started), agreed.weights, agreed.half_life_days, crew.box,
        place.currency, spending.spent(session, [plan.name]).get(plan.name, Decimal()),
        agreement.owed_by(agreed, place),
    )  # fmt: skip


def _members(
    ctx: Context, session: Session, plan: Plan, loaded: Batch, ids: Sequence[int],
    running: set[int], away: Leave,
) -> list[Member]:  # fmt: skip
    driven, names = forecasts.driven(session, ids), forecasts.names(session, ids)
    called, place = forecasts.people(session, ids), ctx.settings.workspace
    return [
        Member(
            plan,
            Facts(
                loaded.accounts[id_], tuple(loaded.people.get(id_, ())),
                tuple(loaded.happenings.get(id_, ())),
                tuple(loaded.reached.get(id_, {}).values()), place.zone, place.country,
                assignee_hours(plan, loaded.teams.get(id_, ())),
                away.away(plan.calendar, loaded.teams.get(id_, ())),
            ),
            names[id_],
            called.get(id_, {}),
            "" if id_ in running else _driver(plan, driven.get(id_)),
            # A stop of one enrollment binds no other.
            tuple(stop for stop in loaded.stops.get(id_, ()) if stop.enrollment_id is None),
        )
        for id_ in ids
    ]  # fmt: skip


def _driver(plan: Plan, live: Live | None) -> str:
    """The playbook that keeps the account; one that would have to yield keeps it no longer (11)."""
    if live is None:
        return ""
    yields = live.status == "active" and plan.preempt == HOLD and plan.priority > live.priority
    return "" if yields else live.playbook


class _Crew:
    """All of us, and who works on which account."""

    def __init__(
        self, plan: Plan, settings: Settings | None, mates: Sequence[Mate],
        teams: Mapping[int, Sequence[Teammate]], leave: Leave,
    ) -> None:  # fmt: skip
        self.plan, self.settings, self.mates, self.teams = plan, settings, mates, teams
        self.leave = leave
        self.roster = [Colleague(one.id, one.team, one.role) for one in mates]
        self.names = {one.id: one.name for one in mates}
        self.emails = {one.id: one.email for one in mates}
        self.zones = {one.id: one.zone for one in mates if one.email}
        self.known: dict[tuple[int, str, str], str] = {}

    def reps(self, plan: Plan, zone: str, country: str) -> dict[str, Rep]:
        """Everybody by name, and the shared queue of each team."""
        ours = working_hours(plan.calendar, zone, country)
        capacity = self.settings.capacity if self.settings else {}
        away = self.settings.away if self.settings else {}
        self._check({*capacity, *away})
        found = {queue(team): Rep(queue(team), team, ours, capacity.get(team)) for team in TEAMS}
        for one in self.mates:
            hours = working_hours(plan.calendar, one.zone, one.country)
            limit = capacity.get(one.name, capacity.get(one.team))
            covered = tuple(self._covered(one, hours))
            off = (*away.get(one.name, ()), *((first, last) for first, last, _ in covered))
            found[one.name] = Rep(one.name, one.team, hours, limit, off, covered)
        return found

    def _covered(self, one: Mate, hours: Hours) -> Iterator[tuple[date, date, str]]:
        """When somebody else does their work: whom they named, else the queue of their team."""
        zone = ZoneInfo(hours.zone)
        for away in self.leave.of(one.id):
            last = (away.ends_at - timedelta(microseconds=1)).astimezone(zone).date()
            yield away.starts_at.astimezone(zone).date(), last, away.cover or queue(one.team)

    def _check(self, said: Collection[str]) -> None:
        """AbmError for a capacity or a time off of nobody: it would be left out in silence."""
        known = {*TEAMS, *self.names.values()}
        for name in sorted(said):
            if name not in known:
                hint = nearest(name, sorted(known))
                raise AbmError(f"abm.toml speaks of {name!r}, who is no team and no user", hint)

    def whose(self, account_id: int, task: OpenTask) -> str:
        """Whoever would get the task (13)."""
        if self.leave:
            return self._whose(account_id, task)
        key = account_id, task.by, task.team
        if key not in self.known:
            self.known[key] = self._whose(account_id, task)
        return self.known[key]

    def _whose(self, account_id: int, task: OpenTask) -> str:
        mates: Sequence[Teammate] = self.teams.get(account_id, ())
        if task.purpose != "step" or self.plan.by_id[task.step].away == "cover":
            mates = self.leave.team(mates, task.opened_at)
        there = self.leave.roster(self.roster, task.opened_at)
        user_id = assign(account_id, task.by, task.team, mates, there)
        return self.names.get(user_id or 0, queue(task.team))

    def mailbox(self, account_id: int, touch: OpenTouch) -> str:
        """The address that a mail comes from."""
        user_id = self._sender(account_id, touch)
        ours = self.settings.mail.sender if self.settings else ""
        return self.emails.get(user_id or 0, "") or ours or "the workspace"

    def box(self, account_id: int, touch: OpenTouch) -> Box | None:
        """The same as a mailbox with its limit, if it has one."""
        if self.settings is None:
            return None
        user_id = self._sender(account_id, touch)
        zone = self.zones.get(user_id or 0, "") or self.settings.workspace.zone
        return box_of(self.settings.mail, self.mailbox(account_id, touch), zone)

    def _sender(self, account_id: int, touch: OpenTouch) -> int | None:
        if not touch.sender:
            return None
        mates, step = self.teams.get(account_id, ()), self.plan.by_id[touch.step]
        return self.leave.signer(mates, step, touch.due_at)


def queue(team: str) -> str:
    """What the tasks of a team are called that nobody of it has been given."""
    return f"{team} (queue)"
