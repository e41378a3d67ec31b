"""A step's message as it would leave for one person of an account, before anybody plans it.

The person is whom the planner would pick; the words and bytes come from the code that sends.
Nothing is written: no touch, no enrollment, no log. A test mail never goes to anybody outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from typing import NamedTuple
from uuid import uuid4

from sqlmodel import Session

from accounts.consent import suppressed_by, values_of, with_parents
from accounts.errors import AbmError
from accounts.identity import email_key, is_of_many
from accounts.nearest import nearest
from accounts.records import Account, Contact, User
from orchestrator.channels import Channel, mime
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plays.casting import cast_of
from orchestrator.engine.reading import find_account
from orchestrator.engine.running.letters import channel_of, sketch
from orchestrator.engine.staff.assigning import assign, fill, holder_of
from orchestrator.engine.tasks.sheets import script_of
from orchestrator.planner.parties import NO_VARIANT
from orchestrator.store.companies import people
from orchestrator.store.running import guards
from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.staff.rosters import roster, teams
from orchestrator.terms import (
    ACCOUNT,
    ADDRESS_OF,
    DONE_BY_NOBODY,
    SENT_BY_ENGINE,
    TEAM_OF,
    Draft,
    Kind,
    Message,
    Plan,
    Step,
    Variant,
)

TESTED = b"X-ABM-Test: yes\r\n"
PREFIX = "[test] "
KEY = "preview"  # stands where a planned message has its own


@dataclass(frozen=True, slots=True)
class Arm:
    """What one arm of a split says; "" is the name where there is no split.

    A mail has its headers and both parts; a webhook its address and body; a task whose it is, the
    person's address, its title as `subject` and its script as `text`. `drawn`: this account's arm.
    """

    name: str
    template: str
    drawn: bool
    sender: str
    to: str
    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step says to `contact` ("" where it reaches no person).

    `reached` names all whom it would reach, `others` who fit but find no free place.
    """

    playbook: str
    step: str
    kind: str
    account: str
    contact: str
    reached: tuple[str, ...]
    others: tuple[str, ...]
    arms: tuple[Arm, ...]
    sent_to: str = ""


def preview(
    ctx: Context, plan: Plan, step_id: str, account: str, *, contact: str = "", send_to: str = ""
) -> Preview:
    """What the step would say, in each arm of it; with `send_to` each is mailed there once, too.

    AbmError for an unknown step, account or person, where nobody fits, for whatever the engine
    would refuse (a hole in a template, no address, no channel), and for a test to an outsider.
    """
    step, now = _step(plan, step_id), ctx.clock.now()
    if send_to and step.kind is not Kind.EMAIL:
        raise AbmError(f"only an email can be sent as a test, and {step.id} is a {step.kind}")
    with ctx.db.reading() as session:
        if send_to:
            send_to = _inside(session, send_to)
        company = find_account(session, account)
        cast = cast_of(ctx, session, plan, step, company, now)
        scene = _Scene(ctx, session, plan, step, company, cast.one(contact), now)
        said = [
            scene.say(arm.of(cast.tier), drawn=arm.name == cast.drawn.name)
            for arm in step.variants or (NO_VARIANT,)
        ]
        shown = Preview(
            plan.name, step.id, step.kind, company.name,
            scene.person.name if scene.person else "",
            tuple(one.name for one in cast.reached), tuple(one.name for one in cast.others),
            tuple(one.arm for one in said), send_to,
        )  # fmt: skip
    for one in said:
        if send_to and one.draft:
            _send(channel_of(ctx.channels, step.kind), one.draft, send_to)
    return shown


def _step(plan: Plan, step_id: str) -> Step:
    step = plan.by_id.get(step_id)
    if step is None:
        hint = nearest(step_id, list(plan.by_id))
        raise AbmError(f"{plan.name} has no step {step_id!r}", hint)
    if step.kind in DONE_BY_NOBODY:
        raise AbmError(f"{step.id} is a {step.kind}: it says nothing to anybody")
    return step


# ---------------------------------------------------------------- what it says


class _Said(NamedTuple):
    """An arm, and the draft of it where the engine sends it."""

    arm: Arm
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """One step and one person."""

    ctx: Context
    session: Session
    plan: Plan
    step: Step
    company: Account
    person: Contact | None
    now: datetime

    def say(self, arm: Variant, *, drawn: bool) -> _Said:
        """AbmError where the engine would have one."""
        if self.step.kind not in SENT_BY_ENGINE:
            return _Said(self._task(arm, drawn))
        draft = sketch(self.ctx, self.session, self.plan, self._touch(arm), self.now)
        message = channel_of(self.ctx.channels, self.step.kind).compose(draft)
        read = _webhook if self.step.kind is Kind.WEBHOOK else _mail
        return _Said(read(message, arm, drawn), draft)

    def _touch(self, arm: Variant) -> Claimed:
        """The touch that the planner would make, but for its numbers and its key."""
        step, company_id = self.step, self.company.id
        assert company_id is not None
        return Claimed(
            id=0, fence=0, attempt=0, reason="", due_at=self.now, late_at=None, enrollment_id=0,
            account_id=company_id, contact_id=self.person.id if self.person else None,
            step=step.id, party_key=str(self.person.id) if self.person else ACCOUNT, occurrence=1,
            key=KEY, resend=0, channel=step.kind, template=arm.template, variant=arm.name,
            sender_id=self._sender(company_id) if step.sender else None, intent_at=None, swept=0,
        )  # fmt: skip

    def _sender(self, company_id: int) -> int | None:
        """Whoever fills the role at the account, or would if it became a target."""
        role, mates = self.step.sender, teams(self.session, [company_id])[company_id]
        team = agreement.current(self.session).roles.get(role, "")
        return holder_of(role, mates) or fill(company_id, role, team, roster(self.session))

    def _task(self, arm: Variant, drawn: bool) -> Arm:
        step, person, user = self.step, self.person, self._assignee()
        text = script_of(self.ctx, step.text, arm.template, self.company, person, user)
        address = getattr(person, ADDRESS_OF.get(step.kind, ""), "")
        whose = (user.full_name or user.name) if user else f"any of {TEAM_OF[step.kind]}"
        return Arm(arm.name, arm.template, drawn, whose, address, step.title, text)

    def _assignee(self) -> User | None:
        company_id, step = self.company.id, self.step
        assert company_id is not None
        mates = teams(self.session, [company_id])[company_id]
        user_id = assign(company_id, step.by, TEAM_OF[step.kind], mates, roster(self.session))
        return self.session.get(User, user_id) if user_id else None


def _mail(message: Message, arm: Variant, drawn: bool) -> Arm:
    """The mail as its reader sees it, from the very bytes."""
    mail = message_from_bytes(message.body, policy=policy.default)
    text, html = (
        "\n".join(part.get_content().splitlines()) if (part := mail.get_body((kind,))) else ""
        for kind in ("plain", "html")
    )
    sender, to, subject = (str(mail[name]) for name in ("From", "To", "Subject"))
    return Arm(arm.name, arm.template, drawn, sender, to, subject, text, html)


def _webhook(message: Message, arm: Variant, drawn: bool) -> Arm:
    return Arm(arm.name, arm.template, drawn, "", message.recipient, "", message.body.decode())


# ---------------------------------------------------------------- a test mail


def _inside(session: Session, said: str) -> str:
    """The address of a test, checked; AbmError if anybody outside, or nobody, reads there."""
    try:
        address = mime.address(said)
    except AbmError:
        raise AbmError(f"{said!r} is not one e-mail address", "as me@our-company.com") from None
    key = email_key(address)
    hosts = {host for host in with_parents(key.rpartition("@")[2]) if not is_of_many(host)}
    hint = "send tests to an address of your own"
    if people.has_contact(session, key):
        raise AbmError(f"{address} is a contact: nobody outside gets a test", hint)
    if people.has_account(session, hosts):
        raise AbmError(f"{address} is at an account: nobody outside gets a test", hint)
    rules = guards.suppressions(session, values_of(key, "", 0))
    if found := suppressed_by(address, None, None, rules):
        raise AbmError(f"{address} must not be written to: {found.reason}", hint)
    return address


def _send(channel: Channel, draft: Draft, address: str) -> None:
    """Let a draft go to somebody of us, once and past the ledger; AbmError if it does not."""
    words = draft.rendered._replace(subject=PREFIX + draft.rendered.subject)
    test = replace(
        draft, key=f"test-{uuid4().hex}", rendered=words, recipient=address, recipient_name="",
        unsubscribe="",
    )  # fmt: skip
    message = channel.compose(test)
    message = replace(message, body=TESTED + message.body)
    courier = channel.open(1)
    try:
        receipt = courier.offer([message])[0] or courier.send([message])[0]
    finally:
        courier.close()
    if receipt.status != "sent":
        perhaps = " may not have left" if receipt.status == "unknown" else " did not leave"
        raise AbmError(f"the test mail{perhaps}: {receipt.reply}", "see [mail] in abm.toml")
