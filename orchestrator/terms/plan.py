"""The plan: a playbook version, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from orchestrator.calendar import Span
from orchestrator.terms.kinds import Kind

if TYPE_CHECKING:
    from orchestrator.conditions import Expr


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
    """One arm of a split; an unsplit step has exactly one, named "".

    `tiers` are the templates of those tiers that do not get `template`.
    """

    name: str
    template: str
    weight: int = 1
    tiers: tuple[tuple[int, str], ...] = ()

    def of(self, tier: int) -> Variant:
        """The arm as an account of the tier gets it."""
        template = dict(self.tiers).get(tier, self.template)
        return replace(self, template=template, tiers=()) if self.tiers else self


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that a play may go at a `choose`; without `when` it is the way of all others."""

    name: str
    when: Expr | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """The branch in which a step stands: it runs only if that one was chosen."""

    choose: str
    branch: str


@dataclass(frozen=True, slots=True)
class At:
    """The day of a step: a named date (ISO), or so long after it or before it (`back`)."""

    name: str
    on: str
    offset: Span | None = None
    back: bool = False

    @property
    def words(self) -> str:
        """As it was written: `event - 3 weeks`."""
        return self.name + (f" {'-' if self.back else '+'} {self.offset}" if self.offset else "")

    def __str__(self) -> str:
        """With its date: `event - 3 weeks (2027-05-04)`."""
        return f"{self.words} ({self.on})"


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
    url: str = ""  # webhook: where it goes; content: where it lies
    lasts: Span | None = None  # ads: `for`
    audience: str = ""  # ads: the platform
    until: Expr | None = None  # wait_for: what has to become true
    at_most: Span | None = None  # wait_for: how long it is waited for
    branches: tuple[Branch, ...] = ()  # choose: the first whose condition holds is taken
    within: Within | None = None
    at: At | None = None
    tiers: tuple[int, ...] = ()  # `only`: accounts of another tier pass it by; () for all
    was: str = ""  # the id that it had before
    cost: Decimal | None = None  # of one touch, in the workspace's currency
    away: str = "cover"  # while whoever does it is away: cover, wait, or overdue at once
    line: int = 0

    @property
    def root(self) -> str:
        """The id by which its messages and its split are known, whatever it is called by now."""
        return self.was or self.id

    @property
    def priors(self) -> tuple[str, ...]:
        """The steps without which it does not begin: its prerequisites, and its branch's choice."""
        return (*self.after.steps, self.within.choose) if self.within else self.after.steps


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
class Once:
    """Work that is done once for a playbook, whatever accounts run it."""

    id: str
    title: str
    text: str
    due: Span
    by: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What lets an account begin by itself: signals, a stage that it reaches, lists.

    `again` is how long after its last end it may do so once more; None: never.
    """

    on: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    again: Span | None = None


@dataclass(frozen=True, slots=True)
class Recycle:
    """When an account that came to the end begins again, and how often (0: without an end)."""

    after: Span
    at_most: int = 0


@dataclass(frozen=True, slots=True)
class Goal:
    """What a play is for: an event of one of these kinds, within a time after its start."""

    on: tuple[str, ...]
    within: Span


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    """The plan's working time; `zone` and `holidays` may say "contact" or "country"."""

    hours: str = "09:00-17:00"
    days: str = "mon-fri"
    zone: str = "contact"  # contact, account, workspace, or an IANA name
    holidays: str = "country"  # country, none, or a country
    blackout: tuple[str, ...] = ()  # dates, and stretches of them
    quiet: str = ""  # hours by a person's own clock in which nothing reaches them


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be loaded to decide: activity kinds whose raw entries conditions count.

    `listens` are the kinds of events that may make something true that is waited for.
    """

    kinds: frozenset[str] = frozenset()
    listens: frozenset[str] = frozenset()


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
    preempt: str = ""  # "hold": it may send a live play of lower priority back to waiting
    on_tier_change: str = ""  # stop, restart; "" goes on as it began
    recycle: Recycle | None = None
    start: Start | None = None
    once: tuple[Once, ...] = ()
    needs: Needs = Needs()
    goal: Goal | None = None
    budget: Decimal | None = None  # what its touches may cost in all, over all accounts
    by_id: Mapping[str, Step] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {step.id: step for step in self.steps})
