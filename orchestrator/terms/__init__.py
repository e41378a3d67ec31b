"""The frozen values that the floors above and below hand to each other.

Nothing here reads a clock, a database or a file. Row-shaped values are NamedTuples, because the
planner makes many thousands of them a second; everything else is a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from orchestrator.calendar import Hours, Span

if TYPE_CHECKING:
    from orchestrator.conditions import Expr

ACCOUNT = "account"  # the party key of a step without a person


# ---------------------------------------------------------------- kinds and outcomes


class Kind(StrEnum):
    """What a step does."""

    EMAIL = "email"
    ADS = "ads"
    CONTENT = "content"
    DIRECT_MAIL = "direct_mail"
    WEBHOOK = "webhook"
    NOTIFY = "notify"
    CALL = "call"
    SOCIAL = "social"
    PERSONAL_MAIL = "personal_mail"
    TODO = "todo"
    HAND_OFF = "hand_off"
    HAND_BACK = "hand_back"


SENT_BY_ENGINE = frozenset({Kind.EMAIL, Kind.WEBHOOK, Kind.NOTIFY})  # a Touch; all else is a Task
REACHES_PERSON = frozenset(
    {Kind.EMAIL, Kind.CALL, Kind.SOCIAL, Kind.PERSONAL_MAIL, Kind.DIRECT_MAIL}
)  # counts to caps, asks for an address and consent
ADDRESS_OF = {  # which of a person's addresses a kind needs
    Kind.EMAIL: "email",
    Kind.PERSONAL_MAIL: "email",
    Kind.CALL: "phone",
    Kind.SOCIAL: "social",
}
TEAM_OF = {  # rule 13: the kind gives the default team
    Kind.EMAIL: "marketing",
    Kind.ADS: "marketing",
    Kind.CONTENT: "marketing",
    Kind.DIRECT_MAIL: "marketing",
    Kind.WEBHOOK: "marketing",
    Kind.NOTIFY: "marketing",
    Kind.CALL: "sales",
    Kind.SOCIAL: "sales",
    Kind.PERSONAL_MAIL: "sales",
    Kind.TODO: "sales",
    Kind.HAND_OFF: "sales",
    Kind.HAND_BACK: "marketing",
}


class OutcomeClass(StrEnum):
    """The classes into which every way of ending a party falls (DESIGN §5.1 rule 6)."""

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    BAD_DATA = "bad_data"
    NOT_DONE = "not_done"


OUTCOME_OF_DISPOSITION = {
    "connected": OutcomeClass.REACHED,
    "meeting_booked": OutcomeClass.REACHED,
    "interested": OutcomeClass.REACHED,
    "not_now": OutcomeClass.REACHED,
    "done": OutcomeClass.REACHED,
    "sent": OutcomeClass.REACHED,
    "accepted": OutcomeClass.REACHED,
    "referral": OutcomeClass.REACHED,
    "no_answer": OutcomeClass.NOT_REACHED,
    "voicemail": OutcomeClass.NOT_REACHED,
    "gatekeeper": OutcomeClass.NOT_REACHED,
    "not_interested": OutcomeClass.REFUSED,
    "do_not_contact": OutcomeClass.REFUSED,
    "bad_fit": OutcomeClass.REFUSED,
    "declined": OutcomeClass.REFUSED,
    "legal": OutcomeClass.REFUSED,
    "wrong_number": OutcomeClass.BAD_DATA,
    "wrong_person": OutcomeClass.BAD_DATA,
    "left_company": OutcomeClass.BAD_DATA,
    "skipped": OutcomeClass.NOT_DONE,
}


# ---------------------------------------------------------------- the plan


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of the buying committee: which role, which persona, how many people at most."""

    name: str
    role: str = ""
    persona: str = ""
    at_most: int = 1


class How(StrEnum):
    """In which way a step reaches people."""

    EACH = "each"  # everyone in the named seats
    FIRST = "first"  # the first of the seats, in order, who can be reached
    ACCOUNT = "account"  # no person: the account as a whole
    STEP = "step"  # the last party of another step (`ring.contact`)


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a step reaches."""

    how: How = How.ACCOUNT
    seats: tuple[str, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class After:
    """A step's prerequisites: all of them or any; `ended` names those whose end is waited for."""

    steps: tuple[str, ...] = ()
    any: bool = False
    ended: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of a split; an unsplit step has exactly one, named ""."""

    name: str
    template: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the playbook, compiled: every default is filled in."""

    id: str
    kind: Kind
    reach: Reach
    after: After
    wait: Span
    variants: tuple[Variant, ...] = ()
    when: Expr | None = None
    due: Span | None = None  # tasks: how long the assignee has
    max_lateness: Span | None = None  # past it, dropped as late
    attempts: int = 1
    every: Span | None = None
    overdue: tuple[str, ...] = ()  # escalate, skip, proceed, reassign; ends in skip or proceed
    by: str = ""  # account-team role that does a task
    sender: str = ""  # account-team role that a mail comes from
    approve: str = ""  # "rep": rendered when planned, a person lets it go
    always: bool = False  # clock: always
    answer: bool = False  # exempt from caps
    join: bool = True
    title: str = ""
    text: str = ""
    url: str = ""  # webhook
    lasts: Span | None = None  # ads: `for`
    audience: str = ""  # ads: the platform
    line: int = 0


@dataclass(frozen=True, slots=True)
class StopRule:
    """What an event does to the account's outreach, as `stop:` of a playbook refines it."""

    on: str
    then: str = "stop"  # stop, hand_off
    keep: frozenset[str] = frozenset()  # kinds or step ids that go on


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` touches that reached somebody within a rolling window."""

    scope: str  # contact, account
    limit: int
    window: Span


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `limit` first activations within a rolling window."""

    limit: int
    window: Span


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """The plan's working time; `zone` and `holidays` may say "contact" or "country"."""

    hours: str = "09:00-17:00"
    days: str = "mon-fri"
    zone: str = "contact"  # contact, account, workspace, or an IANA name
    holidays: str = "country"  # country, none, or a country
    blackout: tuple[str, ...] = ()  # ISO dates


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be loaded to decide: activity kinds whose raw entries conditions count."""

    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled playbook version. `steps` stand in an order in which prerequisites come first."""

    name: str
    title: str
    steps: tuple[Step, ...]
    seats: Mapping[str, Seat] = field(default_factory=dict)
    calendar: CalendarSpec = CalendarSpec()
    caps: tuple[Cap, ...] = ()
    stops: tuple[StopRule, ...] = ()
    pace: Pace | None = None
    segment: str = ""
    tiers: tuple[int, ...] = ()
    unsigned: bool = False  # `for: {signed: no}`: may run on accounts nobody signed
    priority: int = 0
    needs: Needs = Needs()


# ---------------------------------------------------------------- facts about people


class Person(NamedTuple):
    """A contact as the planner sees it. `addresses` names what we have: email, phone, social."""

    id: int
    role: str
    persona: str
    engagement: float
    since: datetime
    zone: str
    country: str
    addresses: frozenset[str]
    refused: str = ""  # why this person must not be contacted, "" if they may
    left_at: datetime | None = None


class AccountFacts(NamedTuple):
    """An account as the planner sees it."""

    id: int
    zone: str
    country: str
    tier: int
    fit: float
    engagement: float
    paused_until: datetime | None = None
    pause_reason: str = ""


class Happening(NamedTuple):
    """One activity of a kind that a condition counts."""

    kind: str
    contact_id: int | None
    at: datetime


class Reached(NamedTuple):
    """One earlier touch or task that counts to the caps of its contact and account."""

    contact_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """All that may change between two decisions and is not the enrollment's own state."""

    account: AccountFacts
    people: tuple[Person, ...] = ()
    happenings: tuple[Happening, ...] = ()
    reached: tuple[Reached, ...] = ()
    workspace_zone: str = "UTC"
    workspace_country: str = ""
    # Working time of whoever fills a role on the account team: tasks look at both parties' hours.
    assignee_hours: Mapping[str, Hours] = field(default_factory=dict)


# ---------------------------------------------------------------- the state of an enrollment


class Run(NamedTuple):
    """A StepRun as a value; the columns of `step_run` after the enrollment, in order."""

    step: str
    status: str  # waiting, held, open, done
    due_at: datetime | None = None
    reason: str = ""
    cast_ids: str = ""
    opened_at: datetime | None = None
    done_at: datetime | None = None
    outcome: str = ""


class Party(NamedTuple):
    """One Touch or Task of a step as the planner sees it; open while `ended_at` is empty."""

    step: str
    who: str  # the party key
    occurrence: int
    table: str  # touch, task
    id: int
    status: str
    outcome: str
    opened_at: datetime
    ended_at: datetime | None
    due_at: datetime | None = None  # touch: planned send; task: deadline
    overdue: int = 0
    purpose: str = "step"
    delivered_at: datetime | None = None
    viewed_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    bounced_at: datetime | None = None


class Holder(NamedTuple):
    """Who holds a seat, since when, and until when."""

    seat: str
    contact_id: int
    bound_at: datetime
    left_at: datetime | None = None
    left_reason: str = ""


class StopMark(NamedTuple):
    """A stop in force, see records.Stop."""

    contact_id: int | None
    enrollment_id: int | None
    reason: str
    keep: frozenset[str]
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """All that one enrollment has recorded."""

    enrollment_id: int
    account_id: int
    status: str  # waiting, active, paused, ended
    activated_at: datetime | None
    runs: Mapping[str, Run] = field(default_factory=dict)
    parties: tuple[Party, ...] = ()
    holders: tuple[Holder, ...] = ()
    stops: tuple[StopMark, ...] = ()


# ---------------------------------------------------------------- decisions


class OpenTouch(NamedTuple):
    """A touch to plan. `ended` parties are recorded only: skipped, late, unreachable."""

    step: str
    who: str
    occurrence: int
    channel: str
    template: str
    variant: str
    due_at: datetime
    late_at: datetime | None
    sender: str = ""
    status: str = "ready"
    outcome: str = ""
    reason: str = ""
    ended_at: datetime | None = None


class OpenTask(NamedTuple):
    """A task to open; as with touches, an ended one is recorded only."""

    step: str
    who: str
    occurrence: int
    purpose: str
    kind: str
    team: str
    by: str
    title: str
    template: str
    variant: str
    opened_at: datetime
    due_at: datetime | None
    reason: str = ""
    status: str = "open"
    outcome: str = ""
    ended_at: datetime | None = None


class Close(NamedTuple):
    """A party that the planner ends: passed over, overdue, stopped, its person left."""

    table: str
    id: int
    status: str
    outcome: str
    reason: str
    ended_at: datetime
    keep_open: bool = False  # `proceed`: the journey goes on, the task stays workable


class Advance(NamedTuple):
    """A task's `overdue` chain moved on by one link; it is asked again at `due_at`."""

    task_id: int
    overdue: int
    due_at: datetime
    action: str


class Note(NamedTuple):
    """A line for the activity log."""

    kind: str
    step: str
    who: str
    text: str
    at: datetime


@dataclass(slots=True)
class Decision:
    """What `decide` wants written, all of it in one transaction.

    `runs` are new or changed; `next_due` is None when only an event can wake the enrollment.
    `end` is "" or how the enrollment ends.
    """

    runs: list[Run] = field(default_factory=list)
    touches: list[OpenTouch] = field(default_factory=list)
    tasks: list[OpenTask] = field(default_factory=list)
    closes: list[Close] = field(default_factory=list)
    advances: list[Advance] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    next_due: datetime | None = None
    end: str = ""
    reason: str = ""


# ---------------------------------------------------------------- sending


class Go(NamedTuple):
    """`may_send` says: now."""


class Later(NamedTuple):
    """`may_send` says: not before `at`, because of `reason`."""

    at: datetime
    reason: str


class Never(NamedTuple):
    """`may_send` says: not at all; `status` is suppressed or cancelled."""

    status: str
    reason: str


Ruling = Go | Later | Never


class Rendered(NamedTuple):
    """A message in our words, before any channel gave it its form. `html` may be empty."""

    subject: str
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a channel needs to compose the bytes of one message."""

    key: str
    resend: int
    rendered: Rendered
    recipient: str  # one address, or a URL
    recipient_name: str = ""
    sender: str = ""  # From address
    sender_name: str = ""
    unsubscribe: str = ""  # https address of the one-click endpoint, "" where none applies
    at: datetime | None = None  # business time: the Date header
    data: Mapping[str, object] = field(default_factory=dict)  # webhook: the JSON body


@dataclass(frozen=True, slots=True)
class Message:
    """One rendered message on its way out, the same for every channel.

    `key` and `resend` name it for ever; `body` holds the exact bytes that leave.
    """

    key: str
    resend: int
    channel: str
    sender: str  # envelope sender, or "" where the channel has none
    recipient: str  # one address, a URL …
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Receipt(NamedTuple):
    """What the other side said. `status` is sent, failed, retry (definite, try later) or unknown.

    `permanent` tells why a failure will not heal: bad_address, blocked, refused, bad_content.
    """

    status: str
    reply: str = ""
    retry_after: float | None = None  # seconds
    permanent: str = ""


def message_key(enrollment_id: int, step: str, party_key: str, occurrence: int) -> str:
    """32 hex digits that name a message whatever its channel and however often it is resent."""
    name = f"{enrollment_id}/{step}/{party_key}/{occurrence}"
    return blake2b(name.encode(), digest_size=16).hexdigest()


def bucket(*names: str, of: int) -> int:
    """A stable number in 0 <= n < `of` from a hash of names: splits and holdouts use it."""
    digest = blake2b("\x1f".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % of


# ---------------------------------------------------------------- what comes in


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
    """A play of the account that has not ended, as an event sees it."""

    enrollment_id: int
    stops: tuple[StopRule, ...] = ()
    listens: frozenset[str] = frozenset()  # activity kinds that its conditions count


class Scene(NamedTuple):
    """Whom an event is about and what it can change; "" and () where we know nobody."""

    account: str = ""
    person: str = ""
    email_key: str = ""
    plays: tuple[Running, ...] = ()
    open_tasks: frozenset[tuple[str, int | None]] = frozenset()  # (purpose, contact)
    planned: int = 0  # open touches and step tasks of the person
    planned_at_account: int = 0


class StopOrder(NamedTuple):
    """A stop to write, see records.Stop."""

    contact_id: int | None
    enrollment_id: int | None
    reason: str
    keep: frozenset[str] = frozenset()
    until: datetime | None = None


class TaskOrder(NamedTuple):
    """A task to open beside the steps; with `joins`, one is open already and gets the reason."""

    purpose: str  # reply, add_person, hand_off, rebook, review
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
