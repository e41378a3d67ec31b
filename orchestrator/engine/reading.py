"""What people ask without changing anything: how it all stands, and one account's log."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session

from accounts.company_names import name_key
from accounts.errors import AbmError
from accounts.identity import clean_text, domain_key
from accounts.records import Account, Contact, ExternalId, User
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import current_plans
from orchestrator.language.changes import told
from orchestrator.records import Activity, Enrollment
from orchestrator.store.companies import log, merging, people
from orchestrator.store.companies.merging import Merged
from orchestrator.store.companies.people import family
from orchestrator.store.database import lease_now
from orchestrator.store.events import inbox
from orchestrator.store.pages import reports
from orchestrator.store.pages.reports import Backlog, Enrolled, Held, Reached
from orchestrator.store.running import spending

# ---------------------------------------------------------------- status


@dataclass(frozen=True, slots=True)
class PlaybookStatus:
    """One playbook: its current version, its switch, and its enrollments counted by status."""

    name: str
    title: str
    version: int
    paused_at: datetime | None
    pause_reason: str
    enrollments: Mapping[str, int]
    goal: str  # what it is for, in words; "" if it does not say
    started: int
    reached: int  # those of them that reached the goal
    money: str = ""  # `90 of 100 EUR` spent; "" where nothing costs anything


@dataclass(frozen=True, slots=True)
class ConcernStatus:
    """The last pass of one concern, and what is due for it since when (`lag` in seconds)."""

    name: str
    started_at: datetime | None
    ended_at: datetime | None
    counts: Mapping[str, int]
    error: str
    due: int
    lag: float
    flow_run_id: str


@dataclass(frozen=True, slots=True)
class Status:
    """How it all stands at business time `at`; `goes_on_at` is when the next play is due."""

    at: datetime
    goes_on_at: datetime | None
    playbooks: tuple[PlaybookStatus, ...]
    held: tuple[Held, ...]
    outgoing: Mapping[str, int]  # touches by status: ready, claimed, sending, unknown
    open_tasks: int
    overdue_tasks: int
    left_over: Mapping[str, int]  # events that nothing was done with: unmatched, unknown_kind
    concerns: tuple[ConcernStatus, ...]


def status(ctx: Context) -> Status:
    """Counts only, so that it answers while a million enrollments wait."""
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        tasks, overdue = reports.open_tasks(session, now)
        return Status(
            now,
            reports.goes_on_at(session),
            tuple(_playbooks(ctx, session)),
            tuple(reports.held(session)),
            reports.outgoing(session),
            tasks,
            overdue,
            inbox.waiting(session),
            tuple(_concerns(ctx, session, now)),
        )


def playbooks(ctx: Context) -> tuple[PlaybookStatus, ...]:
    """Every playbook, by name: a part of `status`."""
    with ctx.db.reading() as session:
        return tuple(_playbooks(ctx, session))


def held(ctx: Context) -> list[Held]:
    """What rests and which rule did it, the most frequent first: a part of `status`."""
    with ctx.db.reading() as session:
        return reports.held(session)


def _playbooks(ctx: Context, session: Session) -> Iterable[PlaybookStatus]:
    counted, plans = reports.enrolled(session), current_plans(ctx.db, session)
    spent, currency = spending.spent(session, plans), ctx.settings.workspace.currency
    for book in reports.playbooks(session):
        plan, counts = plans.get(book.name), counted.get(book.name, Enrolled(Reached(0, 0), {}))
        goal = told(plan.goal) if plan and plan.goal else ""
        yield PlaybookStatus(
            book.name, book.title, book.current, book.paused_at, book.pause_reason,
            counts.by_status, goal, *counts.reached,
            _money(plan.budget if plan else None, spent.get(book.name), currency),
        )  # fmt: skip


def _money(budget: Decimal | None, spent: Decimal | None, currency: str) -> str:
    if budget is None:
        return sentences.money(spent, currency) if spent else ""
    return f"{spent or 0:,} of {sentences.money(budget, currency)}"


def standing(ctx: Context, playbook: str) -> Mapping[str, Mapping[str, int]]:
    """Where a playbook's accounts stand now: step -> status -> how many."""
    found: dict[str, dict[str, int]] = {}
    with ctx.db.reading() as session:
        for one in reports.standings(session, playbook):
            found.setdefault(one.step, {})[one.status] = one.number
    return found


def _concerns(ctx: Context, session: Session, now: datetime) -> Iterable[ConcernStatus]:
    real = lease_now(session, ctx.clock)
    backlog = reports.backlog(session, now, real)
    passes = {tick.concern: tick for tick in reports.ticks(session)}
    for name in dict.fromkeys([*backlog, *passes]):
        waits, tick = backlog.get(name, Backlog(0, None)), passes.get(name)
        clock = real if name == "sweep" else now  # leases run in real time
        yield ConcernStatus(
            name,
            tick.started_at if tick else None,
            tick.ended_at if tick else None,
            tick.counts if tick else {},
            tick.error if tick else "",
            waits.number,
            (clock - waits.since).total_seconds() if waits.since else 0.0,
            tick.flow_run_id if tick else "",
        )


# ---------------------------------------------------------------- one account


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an account's log with its ids resolved to names."""

    at: datetime
    kind: str
    team: str
    actor: str
    contact: str
    playbook: str
    step: str
    text: str
    why: str  # how the account was found, where somebody had to find it
    flow_run_id: str


@dataclass(frozen=True, slots=True)
class Journey:
    """One enrollment of the account."""

    id: int | None
    playbook: str
    status: str
    reason: str
    outcome: str
    since: datetime
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Called:
    """The id by which a system calls an account or a contact."""

    system: str
    id: str


@dataclass(frozen=True, slots=True)
class Person:
    """One of the account's people; `extra` is what files told beside our fields."""

    id: int | None
    name: str
    title: str
    role: str
    persona: str
    left_at: datetime | None
    extra: Mapping[str, str]
    ids: tuple[Called, ...]


@dataclass(frozen=True, slots=True)
class AccountLog:
    """An account, its enrollments (newest first) and its newest entries in the order of time.

    `merged` are the accounts that live on in it; what was theirs is its own.
    `extra` is what files told beside our fields, by header.
    """

    id: int | None
    name: str
    domain: str
    email: str
    phone: str
    tier: int
    stage: str
    engagement: float
    paused_until: datetime | None
    pause_reason: str
    extra: Mapping[str, str]
    ids: tuple[Called, ...]
    people: tuple[Person, ...]
    journeys: tuple[Journey, ...]
    entries: tuple[Entry, ...]
    more: bool  # whether there are earlier entries
    merged: tuple[Merged, ...] = ()


def account_log(
    ctx: Context, said: str, *, limit: int = 50, before: datetime | None = None
) -> AccountLog:
    """The newest `limit` entries of the account called so; AbmError as `find_account`."""
    with ctx.db.reading() as session:
        account = find_account(session, said)
        journeys = reports.journeys(session, _id(account))
        found = log.of_account(session, _id(account), limit=limit + 1, before=before)
        ids = people.ids_at(session, _id(account))
        return AccountLog(
            account.id, account.name, account.domain, account.email, account.phone,
            account.tier, account.stage,
            account.engagement, account.paused_until, account.pause_reason, account.extra,
            _called(one for one in ids if one.account_id),
            tuple(_person(one, ids) for one in people.contacts_of(session, [_id(account)])),
            tuple(map(journey, journeys)),
            tuple(entries(session, found[:limit], journeys)),
            len(found) > limit,
            tuple(merging.merged_into(session, family(session, [_id(account)]).accounts)),
        )  # fmt: skip


def history(session: Session, account_id: int, limit: int) -> tuple[Entry, ...]:
    """The account's newest entries in the order of time."""
    journeys = reports.journeys(session, account_id)
    return tuple(entries(session, log.of_account(session, account_id, limit=limit), journeys))


def find_account(session: Session, said: str) -> Account:
    """The account with that id, domain or name; AbmError names the nearest, or all that fit."""
    said = clean_text(said)
    if said.isdecimal() and len(said) < 19:
        id_ = people.heads(session, [int(said)]).get(int(said), int(said))
        if account := session.get(Account, id_):
            return account
    key, domain = name_key(said).core, domain_key(said)
    found = reports.accounts_called(session, said, key=key, domain=domain)
    exact = [account for account in found if account.name == said]
    if len(found) == 1 or len(exact) == 1:
        return (exact or found)[0]
    raise _ambiguous(said, found) if found else _unknown(session, said)


def _ambiguous(said: str, found: Sequence[Account]) -> AbmError:
    each = ", ".join(f"{one.id} ({one.name}{', ' * bool(one.domain)}{one.domain})" for one in found)
    return AbmError(f"{said!r} may be several accounts", f"say the id of one: {each}")


def _unknown(session: Session, said: str) -> AbmError:
    names = {name.casefold(): name for name in reports.account_names(session)}
    wanted = said.casefold()
    near = difflib.get_close_matches(wanted, names, 3, 0.7)
    near += sorted((name for name in names if wanted in name), key=len)
    hint = " or ".join(names[name] for name in list(dict.fromkeys(near))[:3])
    return AbmError(
        f"there is no account {said!r}",
        f"did you mean {hint}?" if hint else "say its name, domain or id",
    )


def _person(one: Contact, ids: Iterable[ExternalId]) -> Person:
    called = _called(known for known in ids if known.contact_id == one.id)
    return Person(
        one.id, one.name, one.title, one.role, one.persona, one.left_at, one.extra, called
    )


def _called(ids: Iterable[ExternalId]) -> tuple[Called, ...]:
    return tuple(Called(one.source, one.value) for one in ids)


def journey(one: Enrollment) -> Journey:
    """An enrollment as pages tell it."""
    since = one.ended_at or one.activated_at or one.waiting_since
    reason = one.stop_reason or one.reason
    return Journey(
        one.id, one.playbook, one.status, reason, one.outcome, since, one.next_due_at
    )  # fmt: skip


def entries(
    session: Session, newest: Sequence[Activity], journeys: Sequence[Enrollment]
) -> Iterable[Entry]:
    """Oldest first, as one reads a story."""
    contacts = reports.names(session, Contact, (one.contact_id for one in newest))
    users = reports.names(session, User, (one.actor_id for one in newest))
    plays = {one.id: one.playbook for one in journeys}
    for one in reversed(newest):
        yield Entry(
            one.at, one.kind, one.team, users.get(one.actor_id or 0, ""),
            contacts.get(one.contact_id or 0, ""), plays.get(one.enrollment_id, ""), one.step,
            one.text, str(one.data.get("why") or ""), one.flow_run_id,
        )  # fmt: skip


def _id(account: Account) -> int:
    assert account.id is not None
    return account.id
