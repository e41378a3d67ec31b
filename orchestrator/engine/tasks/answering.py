"""An answer to somebody who wrote to us: a rep's own words, by the house's own mail path.

It is written and frozen at once and leaves when its task can be taken back no more, under every
guard that still holds: it waits for no cap and counts to them all, and nobody gets one who is on a
do-not-contact list. It stands below what it answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.identity import clean_text
from accounts.records import Contact, User
from orchestrator.engine.context import Context
from orchestrator.engine.running.letters import channel_of
from orchestrator.messages import MOST_SUBJECT
from orchestrator.records import Touch
from orchestrator.store.running import outgoing
from orchestrator.store.tasks import answers as store
from orchestrator.store.tasks.tasks import Card
from orchestrator.terms import AN_ANSWER, Draft, Kind, Rendered, message_key

LONGEST = 20_000  # characters


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person wrote to us, and what an answer to it is called."""

    at: datetime
    subject: str
    text: str
    message_id: str


def reply_of(session: Session, task: Card) -> Reply | None:
    """What a task asks to answer; None where it is none, or nothing of it is kept."""
    if task.purpose != "reply" or task.account_id is None or task.contact_id is None:
        return None
    heard = store.newest_reply(session, task.account_id, task.contact_id)
    if heard is None:
        return None
    subject, text, id_ = (_text(heard.payload.get(name)) for name in _FIELDS)
    return Reply(heard.at, re_of(subject), text, id_)


_FIELDS = ("subject", "text", "message_id")


def re_of(subject: str) -> str:
    """`Re: Costs`, however often it went to and fro."""
    said = clean_text(subject)
    return (said if said.casefold().startswith("re:") else f"Re: {said}")[:MOST_SUBJECT].strip()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def may_answer(session: Session, task: Card) -> bool:
    """Whether an answer can leave by the house's own mail: a person, an address and a play."""
    person = session.get(Contact, task.contact_id) if task.contact_id else None
    asked = task.purpose == "reply" and task.account_id is not None
    return bool(asked and person and person.email and store.play_of(session, person.account_id))


def answer(
    ctx: Context, session: Session, task: Card, user: int, subject: str, text: str, due_at: datetime
) -> int:
    """Write it, to leave at `due_at`; the touch. AbmError where it cannot be written."""
    person = session.get(Contact, task.contact_id) if task.contact_id else None
    if task.purpose != "reply" or person is None or not person.email:
        raise AbmError("nobody can be answered here", "there is no e-mail address")
    play = store.play_of(session, person.account_id)
    if play is None:
        raise AbmError("no play ever ran here", "answer from your own mail program")
    writer, party, now = session.get(User, user), str(person.id), ctx.clock.now()
    if writer is None or not writer.email:
        raise AbmError("you have no e-mail address", "`abm user` gives you one")
    occurrence = store.count(session, play, party) + 1
    heard, key = reply_of(session, task), message_key(play, AN_ANSWER, party, occurrence)
    said = Rendered(clean_text(subject)[:MOST_SUBJECT] or "Re:", text.strip()[:LONGEST])
    draft = Draft(
        key, 0, said, person.email, person.name, writer.email, writer.full_name or writer.name,
        at=now, answers=heard.message_id if heard else "",
    )  # fmt: skip
    body = channel_of(ctx.channels, Kind.EMAIL).compose(draft).body
    touch = Touch(
        enrollment_id=play, account_id=person.account_id, contact_id=person.id, step=AN_ANSWER,
        party_key=party, occurrence=occurrence, key=key, channel=Kind.EMAIL, sender_id=user,
        planned_at=now, due_at=due_at, flow_run_id=ctx.flow_run_id,
    )  # fmt: skip
    session.add(touch)
    session.flush()
    assert touch.id is not None
    outgoing.freeze(session, [(touch.id, body, blake2b(body, digest_size=16).hexdigest())])
    return touch.id
