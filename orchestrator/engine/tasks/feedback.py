"""What a rep learned from a conversation, for whoever writes the messages and chooses the accounts.

Asked only after one, and never required: it is a line of the shared log, with plain values that a
report can count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.errors import AbmError
from accounts.records import Contact
from orchestrator.engine.context import Context
from orchestrator.engine.tasks.desk import SHOWN, card_of, member_of
from orchestrator.store.companies import log
from orchestrator.store.tasks import tasks as store
from orchestrator.store.tasks.tasks import Card

# How a task ends after which there is something to tell.
CONVERSATIONS = (
    "connected", "meeting_booked", "interested", "not_now", "referral", "not_interested",
    "bad_fit", "wrong_person",
)  # fmt: skip
LANDED = {"yes": "the message landed", "no": "the message did not land"}
FIT = {"yes": "they fit", "no": "they do not fit"}
READY = {"now": "ready now", "later": "ready later", "no": "not ready"}


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a rep may say; "" and None where nothing is said."""

    landed: str = ""  # LANDED
    whom: int | None = None  # the contact with whom it did
    fit: str = ""  # FIT
    ready: str = ""  # READY
    note: str = ""


def wanted(task: Card) -> bool:
    """Whether there was a conversation about which something can be told."""
    return task.disposition in CONVERSATIONS and task.contact_id is not None


def given(ctx: Context, task: Card) -> bool:
    """Whether somebody has told already."""
    with ctx.db.reading() as session:
        return store.has_feedback(session, task)


def give(ctx: Context, task_id: int, user: int, said: Feedback) -> str:
    """Write it down; the line of the log. AbmError where nothing is said,
    where it is no answer of ours, and of nobody there."""
    now = ctx.clock.now()
    words = [_word(LANDED, said.landed), _word(FIT, said.fit), _word(READY, said.ready)]
    note = said.note.strip()[:SHOWN]
    if not any(words) and not note:
        raise AbmError("nothing is said yet", "choose an answer, or leave it")
    with ctx.db.writing() as session:
        task, by = card_of(ctx, session, task_id), member_of(session, user)
        if not wanted(task):
            raise AbmError(f"{task.title!r} was no conversation")
        whom = session.get(Contact, said.whom) if said.whom else None
        if whom and whom.account_id != task.account_id:
            raise AbmError("that is nobody of this account")
        if whom and words[0]:
            words[0] += f" with {whom.name}"
        text = "; ".join(filter(None, [*words, note]))
        entry = log.entry(
            "feedback", at=now, account_id=task.account_id, contact_id=task.contact_id,
            enrollment_id=task.enrollment_id, step=task.step, team=by.team, actor_id=by.id,
            text=f"{by.name}: {text}", flow_run_id=ctx.flow_run_id, task_id=task_id,
            template=task.template, variant=task.variant, landed=said.landed, fit=said.fit,
            ready=said.ready, whom=whom.id if whom else None,
        )  # fmt: skip
        log.write(session, [entry])
    return text


def _word(table: Mapping[str, str], said: str) -> str:
    if said and said not in table:
        raise AbmError(f"{said[:40]!r} is no answer here", f"allowed: {', '.join(table)}")
    return table.get(said, "")
