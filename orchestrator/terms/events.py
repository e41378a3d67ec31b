"""The event: what comes in, whom it is about, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from orchestrator.terms.owed import UNAGREED, Owed
from orchestrator.terms.plan import StopRule

EVENT_KINDS = (
    "delivered",
    "opened",
    "clicked",
    "bounce.hard",
    "bounce.soft",
    "bounce.block",
    "complaint",
    "unsubscribe",
    "reply.interested",
    "reply.not_now",
    "reply.referral",
    "reply.wrong_person",
    "reply.refusal",
    "reply.opt_out",
    "reply.legal",
    "reply.auto",
    "reply.unclear",
    "meeting_booked",
    "meeting_no_show",
    "opportunity",
    "lost.competitor",
    "lost.missing",
    "lost.price",
    "lost.timing",
    "lost.no_decision",
    "lost.other",
    "visit",
    "intent",
    "form",  # and form.<name>
    "departed",
    "bad_fit",
)


class RawEvent(NamedTuple):
    """An event as its source tells it, before anybody understands it.

    `payload` may name the person (email, name), the company (domain, company), the message it is
    about (key, message_id, in_reply_to, references) and what happened: subject, text, headers of
    a reply; status of a bounce; until. The kinds `reply` and `bounce` are classed by us.
    """

    source: str
    source_id: str  # unique within the source: the same one again changes nothing
    kind: str
    at: datetime
    payload: Mapping[str, object] = {}


class Event(NamedTuple):
    """One understood event. `until` is the day that a person named."""

    kind: str
    at: datetime
    contact_id: int | None = None
    until: datetime | None = None
    referral: str = ""  # the person to ask instead, in words
    step: str = ""  # the step whose touch or task it is about
    by: str = ""  # who of us reported it at the desk; "" came from outside


class Running(NamedTuple):
    """A play of the account, as an event sees it. `since` and `until` bound its goal."""

    enrollment_id: int
    stops: tuple[StopRule, ...] = ()
    listens: frozenset[str] = frozenset()  # kinds of events that wake it
    goal: tuple[str, ...] = ()  # kinds of events that it is for; () once it reached it
    since: datetime | None = None
    until: datetime | None = None


class Scene(NamedTuple):
    """Whom an event is about and what it can change; "" and () where we know nobody."""

    account: str = ""
    person: str = ""
    email_key: str = ""
    plays: tuple[Running, ...] = ()
    open_tasks: frozenset[tuple[str, int | None]] = frozenset()  # (purpose, contact)
    planned: int = 0  # open touches and step tasks of the person
    planned_at_account: int = 0
    over: tuple[Running, ...] = ()  # plays that ended, and may reach their goal yet
    tier: int = 0
    owed: Owed = UNAGREED


class StopOrder(NamedTuple):
    """A stop to write, see records.Stop."""

    contact_id: int | None
    enrollment_id: int | None
    reason: str
    keep: frozenset[str] = frozenset()
    until: datetime | None = None


class TaskOrder(NamedTuple):
    """A task to open beside the steps; with `joins`, one is open already and gets the reason."""

    purpose: str  # reply, add_person, hand_off, context, rebook, review
    team: str
    title: str
    contact_id: int | None
    due_at: datetime
    joins: bool = False


class Effects(NamedTuple):
    """What one event does, all of it in one transaction."""

    text: str  # the line of the activity log, for a rep
    stops: tuple[StopOrder, ...] = ()
    suppress: str = ""  # the reason of a do-not-contact rule for the address
    suppress_account: str = ""  # the same for the whole account
    refuses: bool = False  # consent is withdrawn
    leaves: str = ""  # why the person leaves the account
    pause_until: datetime | None = None  # the account rests
    pause_reason: str = ""
    tasks: tuple[TaskOrder, ...] = ()
    stamp: str = ""  # the touch's column that gets the instant
    settles: str = ""  # what an unknown touch turns out to be: sent, failed
    wakes: frozenset[int] = frozenset()  # enrollments to decide on at once
    lost: str = ""  # why a deal was lost, for the account to remember
    goals: tuple[int, ...] = ()  # enrollments that reach with it what they are for
