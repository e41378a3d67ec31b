"""From claimed touches to messages: who writes to whom, in which words, as which bytes."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.calendar import Hours, Span, Unit
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.running.mailboxes import box_of
from orchestrator.engine.running.wording import facts_of, library_of
from orchestrator.engine.staff.assigning import assign
from orchestrator.messages import MOST_SUBJECT
from orchestrator.pacing import Box, Sending
from orchestrator.planner.hours import recipient_hours
from orchestrator.store.running import letters as store
from orchestrator.store.running import outgoing
from orchestrator.store.running.letters import Company, Recipient, Sources, Writer
from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.staff.rosters import Colleague, Teammate, roster, teams
from orchestrator.terms import (
    AN_ANSWER,
    TEAM_OF,
    After,
    Cap,
    Draft,
    Kind,
    Message,
    Plan,
    Reach,
    Rendered,
    Step,
)

if TYPE_CHECKING:
    from orchestrator.channels.base import Channel

# Word to a colleague leaves as a mail, though no person at the account is reached by it.
CARRIER: Mapping[str, str] = {Kind.NOTIFY: "email"}
# Stands in for the words of a message whose bytes are frozen already.
_SAID = Rendered("-", "-")
# What somebody of us writes to a person who wrote to us: it counts to caps and waits for none.
_ANSWER = Step(
    AN_ANSWER, Kind.EMAIL, Reach(), After(), Span(0, Unit.DAYS), always=True, answer=True
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A touch with its message, and what the guards want to know about it."""

    touch: Claimed
    message: Message
    digest: str
    frozen: bool  # its bytes were stored by an earlier intent, or shown to somebody for a yes
    playbook: str
    sending: Sending
    hours: Hours
    caps: tuple[Cap, ...]
    box: Box | None  # the mailbox that it comes from, if that has a limit
    email_key: str  # "" where it goes to no person's mailbox


@dataclass(frozen=True, slots=True)
class Rejected:
    """A touch that cannot become a message, and why: somebody must look at it."""

    touch: Claimed
    playbook: str
    error: AbmError


def compose(
    ctx: Context, touches: Sequence[Claimed], now: datetime
) -> tuple[list[Letter], list[Rejected]]:
    """The messages of these touches, and those that cannot become one. Reads, writes nothing."""
    if not touches:
        return [], []
    with ctx.db.reading() as session:
        sources = store.sources(session, touches)
        plans = plans_of(ctx.db).of(session, set(sources.versions.values()))
        frozen = outgoing.frozen(session, [touch.id for touch in touches])
        told = _told(session, touches)
    desk = _Desk(ctx, now, plans, sources, frozen, told)
    letters: list[Letter] = []
    rejected: list[Rejected] = []
    for touch in touches:
        try:
            letters.append(desk.letter(touch))
        except AbmError as error:
            rejected.append(Rejected(touch, desk.plan(touch).name, error))
        except Exception:
            # One bad row must not hold up the others: it goes to a person, and is logged.
            logger.exception("touch %s cannot be written", touch.id)
            broken = AbmError("it could not be written", "the runs' log says what went wrong")
            rejected.append(Rejected(touch, desk.plan(touch).name, broken))
    return letters, rejected


def sketch(ctx: Context, session: Session, plan: Plan, touch: Claimed, now: datetime) -> Draft:
    """What would leave for a touch that nobody planned. Reads, writes nothing; AbmError as above.

    `touch` has an enrollment of no id that there is, and stands for one in `plan`.
    """
    sources = store.sources(session, [touch])._replace(versions={touch.enrollment_id: 0})
    return _Desk(ctx, now, {0: plan}, sources, {}, _told(session, [touch])).draft(touch)


def _step(plan: Plan, touch: Claimed) -> Step:
    """What it does in the play; what was written by hand is no part of it."""
    return _ANSWER if touch.step == AN_ANSWER else plan.by_id[touch.step]


class _Told(NamedTuple):
    """Who could be told something about an account."""

    teams: Mapping[int, Sequence[Teammate]]
    roster: Sequence[Colleague]
    writers: Mapping[int, Writer]


def _told(session: Session, touches: Sequence[Claimed]) -> _Told:
    """Read only where somebody of us is told something, which is rare."""
    accounts = {touch.account_id for touch in touches if touch.channel == Kind.NOTIFY}
    if not accounts:
        return _Told({}, (), {})
    colleagues = roster(session)
    writers = store.writers(session, {one.user_id for one in colleagues})
    return _Told(teams(session, accounts), colleagues, writers)


class _Desk:
    """The papers of one batch."""

    def __init__(
        self,
        ctx: Context,
        now: datetime,
        plans: Mapping[int, Plan],
        sources: Sources,
        frozen: Mapping[int, bytes],
        told: _Told,
    ) -> None:
        self.settings, self.channels, self.library = ctx.settings, ctx.channels, library_of(ctx)
        self.now, self.plans, self.sources, self.frozen = now, plans, sources, frozen
        self.told = told

    def plan(self, touch: Claimed) -> Plan:
        return self.plans[self.sources.versions[touch.enrollment_id]]

    def letter(self, touch: Claimed) -> Letter:
        """AbmError when data, template or channel do not let it become a message."""
        plan, workspace = self.plan(touch), self.settings.workspace
        step = _step(plan, touch)
        company = self.sources.companies[touch.account_id]
        person = self.sources.recipients.get(touch.contact_id or 0)
        message = self._message(touch)
        return Letter(
            touch,
            message,
            blake2b(message.body, digest_size=16).hexdigest(),
            touch.id in self.frozen,
            plan.name,
            Sending(
                step.kind,
                step.id,
                touch.enrollment_id,
                touch.contact_id,
                touch.late_at,
                step.answer,
                step.always,
                touch.step == AN_ANSWER,
            ),
            recipient_hours(
                plan.calendar, person, company, workspace.zone, workspace.country, workspace.quiet
            ),
            plan.caps,
            self._box(touch) if step.kind is Kind.EMAIL else None,
            person.email_key if person and step.kind is not Kind.NOTIFY else "",
        )

    def _box(self, touch: Claimed) -> Box | None:
        writer = self._writer(touch)
        zone = writer.zone or self.settings.workspace.zone
        return box_of(self.settings.mail, writer.email, zone)

    def _message(self, touch: Claimed) -> Message:
        channel = channel_of(self.channels, touch.channel)
        message = channel.compose(self.draft(touch))
        body = self.frozen.get(touch.id)
        return message if body is None else replace(message, body=body)

    def draft(self, touch: Claimed) -> Draft:
        """What its channel composes; AbmError when data or template do not let it be written."""
        plan = self.plan(touch)
        step = _step(plan, touch)
        company = self.sources.companies[touch.account_id]
        person = self.sources.recipients.get(touch.contact_id or 0)
        if step.kind is Kind.EMAIL:
            return self._mail(touch, company, person)
        if step.kind is Kind.NOTIFY:
            return self._note(touch, plan, step, company, person)
        return self._call(touch, plan, step, company, person)

    def _mail(self, touch: Claimed, company: Company, person: Recipient | None) -> Draft:
        if person is None or not person.email:
            raise AbmError("there is no e-mail address")
        writer = self._writer(touch)
        unsubscribe = self._unsubscribe(touch, writer)
        words = _SAID
        if touch.id not in self.frozen:
            facts = facts_of(self.settings, company, person, writer, unsubscribe)
            words = self.library.render(touch.template, facts)
        return Draft(
            touch.key,
            touch.resend,
            words,
            person.email,
            person.name,
            writer.email,
            writer.name,
            unsubscribe,
            self.now,
        )

    def _writer(self, touch: Claimed) -> Writer:
        """In whose name it goes: a colleague's, else the workspace's."""
        writer = self.sources.writers.get(touch.sender_id or 0)
        if writer and writer.email:
            return writer
        if not self.settings.mail.sender:
            hint = "give the step a `from`, or [mail] a `sender`"
            raise AbmError("there is nobody in whose name the mail could go", hint)
        return Writer(0, self.settings.workspace.name, "", self.settings.mail.sender)

    def _unsubscribe(self, touch: Claimed, writer: Writer) -> str:
        """Where one click unsubscribes; without such a page, a mail whose subject says so."""
        mail = self.settings.mail
        if base := mail.unsubscribe.rstrip("/"):
            return f"{base}/{touch.key}"
        return f"mailto:{quote(mail.sender or writer.email, safe='@')}?subject=unsubscribe"

    def _note(
        self, touch: Claimed, plan: Plan, step: Step, company: Company, person: Recipient | None
    ) -> Draft:
        """Word to whoever fills the step's role on the account's team."""
        mates, colleagues = self.told.teams.get(company.id, ()), self.told.roster
        user_id = assign(company.id, step.by, TEAM_OF[step.kind], mates, colleagues)
        reader = self.told.writers.get(user_id or 0)
        if reader is None or not reader.email:
            reason = f"there is no {step.by} of {company.name} with an e-mail address"
            raise AbmError(reason, "add one with `abm user add`")
        about = f"{company.name}: {person.name}" if person else company.name
        head = step.title or step.text.partition("\n")[0]
        text = f"{step.text}\n\n{about}\n{plan.title or plan.name}, step {step.id}\n"
        return Draft(
            touch.key,
            touch.resend,
            Rendered(f"{company.name}: {head}"[:MOST_SUBJECT], text),
            reader.email,
            reader.name,
            self.settings.mail.sender or reader.email,
            self.settings.workspace.name,
            at=self.now,
        )

    def _call(
        self, touch: Claimed, plan: Plan, step: Step, company: Company, person: Recipient | None
    ) -> Draft:
        """A webhook's body: who and which step, and the playbook's own text."""
        data = {
            "playbook": plan.name,
            "step": step.id,
            "text": step.text or step.title,
            "account": {"id": company.id, "name": company.name, "domain": company.domain},
            "contact": person and {"id": person.id, "name": person.name, "email": person.email},
        }
        return Draft(touch.key, touch.resend, _SAID, step.url, at=self.now, data=data)


def channel_of(channels: Mapping[str, Channel], kind: str) -> Channel:
    """The channel on which this kind of message leaves; AbmError if it is not set up."""
    name = CARRIER.get(kind, kind)
    if channel := channels.get(name):
        return channel
    raise AbmError(f"no channel {name!r} is set up")
