"""The desk: people close, skip, hand over and take back tasks; each is one transaction.

What a task's end tells of the person has the effects of an event that says the same, and binds at
once; the play itself moves on ten seconds later, so that a slip can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.events.effects import Stage, ids_of
from orchestrator.engine.running.approvals import release
from orchestrator.engine.tasks import answering, taking_back
from orchestrator.engine.tasks.dispositions import (
    ELSEWHERE,
    HAND_BACKS,
    SKIPPED,
    Said,
    address_columns,
    check,
    is_question,
)
from orchestrator.planner.closing import event_of
from orchestrator.store.companies import log
from orchestrator.store.pages import reports
from orchestrator.store.staff.users import Person, person_of
from orchestrator.store.tasks import queues
from orchestrator.store.tasks import tasks as store
from orchestrator.store.tasks.taking_back import changed, fences, standing
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import ADDRESS_OF, OUTCOME_OF_DISPOSITION, Event, TaskOrder
from orchestrator.terms.owed import HAND_BACK

UNDO = taking_back.UNDO
SHOWN = 200  # characters of a note that the log shows


@dataclass(frozen=True, slots=True)
class Closed:
    """How a task ended. Who repeats the same request under the same token gets it again."""

    task_id: int
    title: str
    disposition: str
    outcome: str
    by: str
    at: datetime
    undo_until: datetime
    text: str  # what it led to, for the rep
    repeated: bool = False


def queue(ctx: Context, user: int | None = None, *, limit: int = 50) -> list[Card]:
    """Open tasks, the next best on top: the user's own and the team's shared ones, or everybody's.

    In the order of `ranking`, without those that rest until later. AbmError if there is no such
    user.
    """
    now = ctx.clock.now()
    with ctx.db.reading() as session:
        if user is None:
            return queues.everybodys(session, now, limit)
        return queues.of_user(session, user, member_of(session, user).team, now, limit)


def task(ctx: Context, task_id: int) -> Card | None:
    """One task, open or not; None if there is none of that id."""
    with ctx.db.reading() as session:
        return store.card(session, task_id, ctx.clock.now())


def goes_on_at(ctx: Context) -> datetime | None:
    """When the next decision on a running play is due; None when none is running."""
    with ctx.db.reading() as session:
        return reports.goes_on_at(session)


# ---------------------------------------------------------------- close


def done(
    ctx: Context,
    task_id: int,
    user: int,
    disposition: str,
    token: str = "",
    *,
    note: str = "",
    until: datetime | None = None,
    referral: str = "",
    address: str = "",
    back: str = "",
    subject: str = "",
    answer: str = "",
) -> Closed:
    """Close an open task; `disposition` is one of `terms.OUTCOME_OF_DISPOSITION`.

    `until` is the day that "not now" names, `referral` the person to ask instead, `address` what
    a search found, `back` why marketing gets the account back, `answer` what a person who wrote to
    us is answered, ten seconds later. AbmError says who was faster, and
    what cannot be said of this task.
    """
    said = Said(disposition, note, until, referral, address, back, subject, answer)
    with ctx.db.writing() as session:
        return close_in(ctx, session, task_id, user, said, token)


def close_in(
    ctx: Context, session: Session, task_id: int, user: int, said: Said, token: str
) -> Closed:
    """The same within a transaction of somebody else's."""
    now, by, task = ctx.clock.now(), member_of(session, user), card_of(ctx, session, task_id)
    if task.status != "open":
        return told_before(session, task, by, token)
    said = check(task, said, now)
    # The plays are locked before the task, in the order in which everybody takes them.
    stage = Stage(ctx, session, ids_of([task.account_id]), ids_of([task.contact_id]), now)
    task = card_of(ctx, session, task_id)
    if not _close(session, task, said, now, by, token):
        return told_before(session, card_of(ctx, session, task_id), by, token)
    if task.purpose == "step" and task.ended_at is None:
        stage.closed(task.account_id, task.contact_id)
    text = _Ending(ctx, session, stage, task, said, by, now).write()
    outcome = OUTCOME_OF_DISPOSITION[said.disposition]
    return Closed(task_id, task.title, said.disposition, outcome, by.name, now, now + UNDO, text)


def skip(ctx: Context, task_id: int, user: int, reason: str, token: str = "") -> Closed:
    """Close a task without having done it, and say why; AbmError as `done`."""
    if not reason.strip():
        raise AbmError("whoever skips a task says why", "the log tells both teams")
    return done(ctx, task_id, user, SKIPPED, token, note=reason)


def hand_back(
    ctx: Context, task_id: int, user: int, why: str, token: str = "", *, note: str = ""
) -> Closed:
    """Give the account back to marketing, which gets a task with the reason; see `HAND_BACKS`.

    A hand-off is declined by it, any other task is skipped. AbmError as `done`.
    """
    if why not in HAND_BACKS:
        raise AbmError("whoever hands back says why", f"allowed: {', '.join(HAND_BACKS)}")
    words, handed = HAND_BACKS[why], task(ctx, task_id)
    told = f"{words}: {note.strip()}" if note.strip() else words
    ends = "declined" if handed and is_question(handed) else SKIPPED
    return done(ctx, task_id, user, ends, token, note=told, back=words)


def undo(ctx: Context, task_id: int, user: int, token: str = "") -> Card:
    """Take the closing back within ten seconds; the task, open again.

    AbmError if it is too late, if somebody else closed it, or if the play has gone on.
    """
    with ctx.db.writing() as session:
        task, by = card_of(ctx, session, task_id), member_of(session, user)
        taking_back.take_back(ctx, session, task, by, token)
        if task.reason == ELSEWHERE:  # it was never there to be done
            store.withdraw(session, task_id, ctx.clock.now())
        return card_of(ctx, session, task_id)


def hand_over(ctx: Context, task_id: int, user: int, to: int | None) -> Card:
    """Give an open task to a colleague, or (None) back to the team's shared queue.

    AbmError if it is not open or the colleague does not work here any more.
    """
    with ctx.db.writing() as session:
        by, other = member_of(session, user), _taker(session, to)
        if not _hand(ctx, session, task_id, by, other):
            told_before(session, card_of(ctx, session, task_id), by, "")
        return card_of(ctx, session, task_id)


def hand_over_all(ctx: Context, task_ids: Sequence[int], user: int, to: int | None) -> int:
    """The same for many; how many, for some may have been closed meanwhile."""
    with ctx.db.writing() as session:
        by, other = member_of(session, user), _taker(session, to)
        return sum(_hand(ctx, session, id_, by, other) for id_ in sorted(set(task_ids)))


def _taker(session: Session, to: int | None) -> Person | None:
    other = member_of(session, to) if to is not None else None
    if other and not other.active:
        raise AbmError(f"{other.name} is not active", "give it to somebody who is")
    return other


def _hand(ctx: Context, session: Session, task_id: int, by: Person, to: Person | None) -> bool:
    task = card_of(ctx, session, task_id)
    if not store.hand_over(session, task_id, to.id if to else None):
        return False
    whom = to.name if to else f"the queue of {task.team}"
    entry = log.entry(
        "task.handed_over", at=ctx.clock.now(), account_id=task.account_id,
        contact_id=task.contact_id, enrollment_id=task.enrollment_id, step=task.step, team=by.team,
        actor_id=by.id, text=f"{by.name} gave {task.title!r} to {whom}",
        flow_run_id=ctx.flow_run_id, task_id=task_id, to=to.id if to else None,
    )  # fmt: skip
    log.write(session, [entry])
    return True


# ---------------------------------------------------------------- who and what


def card_of(ctx: Context, session: Session, task_id: int) -> Card:
    """The task; AbmError if there is none."""
    card = store.card(session, task_id, ctx.clock.now())
    if card is None:
        raise AbmError(f"there is no task {task_id}", "`abm tasks` lists those that are open")
    return card


def member_of(session: Session, user: int) -> Person:
    """The user; AbmError if there is none."""
    member = person_of(session, user)
    if member is None:
        raise AbmError(f"there is no user {user}", "`abm user list` shows them all")
    return member


def _close(session: Session, task: Card, said: Said, now: datetime, by: Person, token: str) -> bool:
    skipped = said.disposition == SKIPPED
    return store.close(
        session,
        task.id,
        status="skipped" if skipped else "done",
        disposition=said.disposition,
        outcome=OUTCOME_OF_DISPOSITION[said.disposition],
        reason=said.note if skipped else task.reason,
        note=said.note,
        at=now,
        by=by.id,
        token=token,
    )


def told_before(session: Session, task: Card, by: Person, token: str) -> Closed:
    """The stored answer for the same user and token; AbmError tells others who was faster."""
    closing = store.last_closing(session, task, task.opened_at)
    at = closing.at if closing else task.ended_at or task.opened_at
    who = person_of(session, task.done_by)
    if who is None:
        raise AbmError(f"{task.title!r} is {task.status}: {task.reason or 'its play went on'}")
    if (who.id, task.done_token) != (by.id, token) or not token:
        name = "you" if who.id == by.id else who.name
        raise AbmError(
            f"{name} closed {task.title!r} as {task.disposition} on {at:%Y-%m-%d at %H:%M:%S %Z}",
            "`abm tasks` lists those that are open",
        )
    text = closing.text if closing else ""
    return Closed(
        task.id, task.title, task.disposition, task.outcome, who.name, at, at + UNDO, text, True
    )  # fmt: skip


# ---------------------------------------------------------------- what it leads to


class _Ending:
    """A task that has just been closed: what its end changes."""

    def __init__(
        self, ctx: Context, session: Session, stage: Stage, task: Card, said: Said, by: Person,
        now: datetime,
    ) -> None:  # fmt: skip
        self.ctx, self.session, self.stage = ctx, session, stage
        self.task, self.said, self.by, self.now = task, said, by, now
        self.answered: int | None = None  # the touch of an answer

    def write(self) -> str:
        """Do it all, and say it in one line."""
        task, stage = self.task, self.stage
        stood = standing(self.session, task.account_id, task.contact_id)
        lifted = self._correct()
        parts = [
            self._told(),
            self._event(),
            self._draft(),
            self._address(),
            self._back(),
            self._answer(),
        ]
        text = "; ".join(filter(None, parts))
        stage.wake(task.enrollment_id)
        written = stage.finish(self.now + UNDO, urgent=True)
        changes = changed(stood, standing(self.session, task.account_id, task.contact_id))
        after = fences(self.session, task.account_id)
        mark = taking_back.Mark(task, written, changes, lifted, after)
        skipped = self.said.disposition == SKIPPED
        entry = log.entry(
            "task.skipped" if skipped else "task.done", at=self.now, account_id=task.account_id,
            contact_id=task.contact_id, enrollment_id=task.enrollment_id, step=task.step,
            team=self.by.team, actor_id=self.by.id, text=text, flow_run_id=self.ctx.flow_run_id,
            task_id=task.id, disposition=self.said.disposition, undo=mark.data(),
            answer=self.answered,
        )  # fmt: skip
        log.write(self.session, [entry])
        return text

    def _told(self) -> str:
        said = self.said
        if said.disposition == SKIPPED:
            return f"{self.by.name} skipped {self.task.title!r}: {said.note[:SHOWN]}"
        note = f" ({said.note[:SHOWN]})" if said.note else ""
        return f"{self.task.title}: {said.disposition.replace('_', ' ')}{note}"

    def _correct(self) -> list[int]:
        """A rep who read the reply knows better what it meant: its effects give way."""
        task = self.task
        better = task.purpose == "reply" and event_of(self.said.disposition)
        if not better or task.account_id is None or task.contact_id is None:
            return []
        return self.stage.retract(task.account_id, task.contact_id, task.opened_at)

    def _event(self) -> str:
        kind = event_of(self.said.disposition)
        if kind is None or self.task.account_id is None:
            return ""
        event = Event(
            kind, self.now, self.task.contact_id, self.said.until, self.said.referral,
            self.task.step, self.by.name,
        )  # fmt: skip
        effects = self.stage.play(
            event, self.task.account_id, body=self.said.note, actor_id=self.by.id,
            task_id=self.task.id,
        )  # fmt: skip
        return effects.text

    def _draft(self) -> str:
        """A yes lets the mail go, though not before the yes can be taken back no more."""
        if self.task.purpose != "approve":
            return ""
        touch = store.draft_of(self.session, self.task, "draft")
        if touch is None:
            return "the mail is no longer waiting"
        if self.said.disposition == "accepted":
            release(self.session, touch, self.now + UNDO)
            return "the mail goes out"
        reason = f"declined by {self.by.name}: {self.said.note[:SHOWN]}"
        store.move_draft(self.session, touch, self.now, of="draft", to="cancelled", reason=reason)
        return "the mail will not go out"

    def _answer(self) -> str:
        if not self.said.answer:
            return ""
        self.answered = answering.answer(
            self.ctx, self.session, self.task, self.by.id, self.said.subject, self.said.answer,
            self.now + UNDO,
        )  # fmt: skip
        return "the answer goes out"

    def _back(self) -> str:
        """Marketing hears why, as a task: what nobody takes in hand would be lost between teams."""
        if not self.said.back or self.task.account_id is None:
            return ""
        title = f"{self.task.account} comes back from {self.by.team}: {self.said.back}"
        due_at = self.stage.due(HAND_BACK, self.task.account_id, self.now)
        order = TaskOrder("review", "marketing", title, None, due_at)
        self.stage.open(order, self.task.account_id, self.said.note)
        return "marketing gets it back"

    def _address(self) -> str:
        """What a search found stays on the contact, even if the closing is taken back."""
        if not self.said.address or self.task.contact_id is None:
            return ""
        step = self.stage.step(self.task.account_id, self.task.enrollment_id, self.task.step)
        needed = ADDRESS_OF.get(step.kind, "") if step else ""
        country = store.country_of(self.session, self.task.contact_id)
        columns = address_columns(self.said.address, needed, country)
        store.add_address(self.session, self.task.contact_id, columns)
        return f"found: {', '.join(sorted(columns.keys() - {'email_key'}))}"
