"""The facts: what is known about the account and its people when somebody decides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from orchestrator.calendar import Hours
from orchestrator.terms.owed import UNAGREED, Owed


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
    lost_reason: str = ""  # of the last deal that was lost


class Happening(NamedTuple):
    """One activity of a kind that a condition counts."""

    kind: str
    contact_id: int | None
    at: datetime


class Reached(NamedTuple):
    """One earlier touch or task that counts to the caps of its contact and account."""

    contact_id: int | None
    at: datetime


class Away(NamedTuple):
    """A time in which one of us is away. `hours` are those of whoever stands in; None: nobody."""

    since: datetime
    until: datetime
    back: date  # the day of `until` on their own calendar
    name: str
    hours: Hours | None = None


class Purse(NamedTuple):
    """The budget of a playbook, and what is left of it."""

    budget: Decimal
    left: Decimal
    currency: str


class Facts(NamedTuple):
    """All that may change between two decisions and is not the enrollment's own state."""

    account: AccountFacts
    people: tuple[Person, ...] = ()
    happenings: tuple[Happening, ...] = ()
    reached: tuple[Reached, ...] = ()
    workspace_zone: str = "UTC"
    workspace_country: str = ""
    # Working time of whoever fills a role on the account team: tasks look at both parties' hours.
    assignee_hours: Mapping[str, Hours] = {}
    away: Mapping[str, tuple[Away, ...]] = {}  # the same people's absences, in order
    purse: Purse | None = None  # None: no budget binds the playbook
    workspace_quiet: str = ""  # hours in which nothing reaches a person, whatever the playbook
    owed: Owed = UNAGREED  # how soon both teams owe what, by the agreement
