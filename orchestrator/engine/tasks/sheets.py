"""A task as the rep works it: what to say, to whom, what is known, and what happened before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.records import Account, Contact, User
from orchestrator.engine import scoring
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.reading import Entry, history
from orchestrator.engine.running.wording import library_of
from orchestrator.engine.tasks import dispositions
from orchestrator.engine.tasks.answering import Reply, may_answer, reply_of
from orchestrator.engine.tasks.call_hours import BestHour, best_hour
from orchestrator.engine.tasks.material import Piece, pieces, taught
from orchestrator.messages import KNOWN
from orchestrator.planner.outlook import Turn, outlook
from orchestrator.records import Enrollment
from orchestrator.store.companies.people import contacts_of
from orchestrator.store.tasks import tasks as store
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import Kind, Plan, Rendered, Step

HISTORY = 20  # entries
PEOPLE = 50  # of the account


@dataclass(frozen=True, slots=True)
class Somebody:
    """The person whom a task is about, with every way to reach them."""

    id: int
    name: str
    title: str
    role: str
    persona: str
    email: str
    phone: str
    social: str
    language: str
    zone: str
    engagement: float
    consent: str
    left_at: datetime | None


class Mail(NamedTuple):
    """A message that was rendered for one person."""

    subject: str
    text: str


class Letter(NamedTuple):
    """A task to write to somebody: the playbook's own words, the message, how they are reached."""

    task: Card
    notes: str
    mail: Mail | None
    hole: str  # why there is no message
    email: str
    social: str


class Next(NamedTuple):
    """What several ways of ending a task lead to."""

    dispositions: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One task with all that helps to do it well.

    `script` is what to do and say: the playbook's own text, then the step's template, rendered;
    where it cannot be, `hole` says why. `zone` is where the clock ticks for whom it is about.
    `insight` are the reasons of the account's score, the strongest first; `taught` is what the
    play's words say that they teach; `history` its last entries in the order of time. `usual` are
    the dispositions that a desk offers before the others; `people` are all who work at the account.
    """

    task: Card
    script: str
    hole: str
    zone: str
    person: Somebody | None
    domain: str
    segment: str
    engagement: float
    insight: tuple[str, ...]
    history: tuple[Entry, ...]
    dispositions: tuple[str, ...]
    usual: tuple[str, ...]
    rests_until: datetime | None  # the account, by a hold or a "not now"
    rests_because: str
    people: tuple[Somebody, ...]
    mail: Mail | None  # a message that the rep sends from her own program
    next: tuple[Next, ...]
    taught: tuple[str, ...]
    material: tuple[Piece, ...]  # what the play has to show
    best_hour: BestHour | None  # to call
    reply: Reply | None  # what they wrote
    answerable: bool  # here, by the house's own mail


def sheet(ctx: Context, task_id: int, user: int | None = None) -> Sheet:
    """The sheet of a task, open or not, as `user` works it; AbmError if there is none."""
    with ctx.db.reading() as session:
        task = store.card(session, task_id, ctx.clock.now())
        if task is None:
            raise AbmError(f"there is no task {task_id}", "`abm tasks` lists those that are open")
        account = session.get(Account, task.account_id) if task.account_id else None
        person = session.get(Contact, task.contact_id) if task.contact_id else None
        step, plan = _step(ctx, session, task)
        script, mail, hole = _script(ctx, session, task, step, account, person)
        user_row = session.get(User, task.assignee_id) if task.assignee_id else None
        facts = _facts(ctx, account, person, user_row)
        score = scoring.score_of(session, task.account_id, ctx.clock.now())
        return Sheet(
            task,
            script,
            hole,
            _zone(ctx, account, person),
            _somebody(person),
            account.domain if account else "",
            account.segment if account else "",
            score.value,
            score.reasons,
            history(session, task.account_id, HISTORY) if task.account_id else (),
            dispositions.allowed(task),
            dispositions.usual(task),
            account.paused_until if account else None,
            account.pause_reason if account else "",
            _people(session, task.account_id) if task.account_id else (),
            mail,
            _next(task, plan, ctx.clock.now()),
            taught(library_of(ctx), plan, task, facts),
            pieces(plan, task),
            _best_hour(session, task, user, _zone(ctx, account, person)),
            reply_of(session, task),
            may_answer(session, task),
        )


def _zone(ctx: Context, account: Account | None, person: Contact | None) -> str:
    found = (person.zone if person else "") or (account.zone if account else "")
    return found or ctx.settings.workspace.zone


def letters(ctx: Context, tasks: Sequence[Card]) -> list[Letter]:
    """What is to be sent for each of these tasks."""
    with ctx.db.reading() as session:
        return [_letter(ctx, session, one) for one in tasks]


def _letter(ctx: Context, session: Session, task: Card) -> Letter:
    account = session.get(Account, task.account_id) if task.account_id else None
    person = session.get(Contact, task.contact_id) if task.contact_id else None
    user = session.get(User, task.assignee_id) if task.assignee_id else None
    step, _ = _step(ctx, session, task)
    said, hole = None, ""
    try:
        said = _said(ctx, task.template, account, person, user)
    except AbmError as error:
        hole = str(error)
    return Letter(
        task, step.text if step else "", Mail(said.subject, said.text.strip()) if said else None,
        hole, person.email if person else "", person.social if person else "",
    )  # fmt: skip


def people_of(ctx: Context, account_id: int | None) -> tuple[Somebody, ...]:
    """Who works at an account."""
    with ctx.db.reading() as session:
        return _people(session, account_id) if account_id else ()


def _people(session: Session, account_id: int) -> tuple[Somebody, ...]:
    found = map(_somebody, contacts_of(session, [account_id])[:PEOPLE])
    return tuple(one for one in found if one and not one.left_at)


def _somebody(one: Contact | None) -> Somebody | None:
    if one is None or one.id is None:
        return None
    return Somebody(
        one.id, one.name, one.title, one.role, one.persona, one.email, one.phone, one.social,
        one.language, one.zone, one.engagement, one.consent, one.left_at,
    )  # fmt: skip


# ---------------------------------------------------------------- what to say


def _script(
    ctx: Context,
    session: Session,
    task: Card,
    step: Step | None,
    account: Account | None,
    person: Contact | None,
) -> tuple[str, Mail | None, str]:
    """(the words, the mail that they are, why there are none)."""
    notes = step.text if step else ""
    user = session.get(User, task.assignee_id) if task.assignee_id else None
    try:
        said = _said(ctx, task.template, account, person, user)
    except AbmError as error:
        return notes, None, str(error)
    if said and task.kind == "personal_mail":
        return notes, Mail(said.subject, said.text.strip()), ""
    return _joined(notes, said), None, ""


def script_of(
    ctx: Context,
    notes: str,
    template: str,
    account: Account | None,
    person: Contact | None,
    user: User | None,
) -> str:
    """The playbook's own text, then the template as `user` says it; AbmError for a hole in it."""
    return _joined(notes, _said(ctx, template, account, person, user))


def _joined(notes: str, said: Rendered | None) -> str:
    parts = (notes, said.subject, said.text.strip()) if said else (notes,)
    return "\n\n".join(filter(None, parts))


def _said(
    ctx: Context, template: str, account: Account | None, person: Contact | None, user: User | None
) -> Rendered | None:
    if not template or account is None:
        return None
    return library_of(ctx).render(template, _facts(ctx, account, person, user))


def _step(ctx: Context, session: Session, task: Card) -> tuple[Step | None, Plan | None]:
    """The step that the task is, and its play's plan; None where it is none."""
    play = session.get(Enrollment, task.enrollment_id) if task.enrollment_id else None
    if play is None:
        return None, None
    plan = plans_of(ctx.db).of(session, {play.version_id})[play.version_id]
    return plan.by_id.get(task.step) if task.purpose == "step" else None, plan


# ---------------------------------------------------------------- what helps, and what follows


def _next(task: Card, plan: Plan | None, now: datetime) -> tuple[Next, ...]:
    """What each usual end leads to; ends that lead to the same stand together."""
    if plan is None or task.purpose not in ("step", "reply", "rebook") or task.status != "open":
        return ()
    step = task.step if task.purpose == "step" else ""
    turn = Turn(plan, step, task.occurrence, task.account, task.contact, task.contact_id)
    found: dict[str, list[str]] = {}
    for name in dispositions.usual(task):
        if text := outlook(turn, name, now):
            found.setdefault(text, []).append(name)
    return tuple(Next(tuple(names), text) for text, names in found.items())


def _best_hour(session: Session, task: Card, user: int | None, zone: str) -> BestHour | None:
    if task.kind != Kind.CALL or task.account_id is None or user is None:
        return None
    return best_hour(session, task.account_id, user, zone)


# ---------------------------------------------------------------- what templates print


def _facts(
    ctx: Context, account: Account | None, person: Contact | None, user: User | None
) -> dict[str, Any]:
    """What every template may use (`messages.KNOWN`); "" where we do not know it."""
    known: dict[str, Any] = {"account": account, "contact": person}
    sender = dict.fromkeys(("name", "title", "email"), "")
    if user:
        sender |= {"name": user.full_name or user.name, "title": user.title, "email": user.email}
    facts: dict[str, Any] = {
        "sender": sender,
        "workspace": {"name": ctx.settings.workspace.name},
        "postal_address": ctx.settings.mail.postal_address,
        "unsubscribe": "",
    }
    for owner, _, field in sorted(name.partition(".") for name in KNOWN):
        if owner in known:
            facts.setdefault(owner, {})[field] = getattr(known[owner], field, "")
    return facts
