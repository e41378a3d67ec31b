"""Which task is the next best one, and why. Pure; the store's ORDER BY says the same in SQL.

What somebody waits for comes before what is merely due, and everything else by how much the account
is worth to us: a tier before a score, a score before a date. Every criterion is one that a page can
say in words, because a rep who does not believe the order goes back to a list of her own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

AT_RISK = timedelta(hours=2)  # what is due within that time may be late soon
FRESH = timedelta(days=2)  # a moment of interest is worth acting on for so long
HEADS_UP = timedelta(minutes=15)  # an agreed call is in the queue so long before its time
# What somebody outside, or the other team, was promised: the answer is due by agreement.
PROMISED = ("reply", "hand_off", "context", "rebook", "review", "add_person")
# What an account does of itself that is worth acting on; `form` stands for every form.
MOMENTS = ("visit", "intent", "clicked", "form", "reply.interested", "meeting_no_show")
_LAST = datetime.max.replace(tzinfo=UTC)
_NO_TIER = 99


def is_moment(kind: str) -> bool:
    """Whether an entry of the log of that kind is a moment of interest."""
    return kind in MOMENTS or kind.startswith("form.")


class Band(IntEnum):
    """What puts a task above others before anything else is asked."""

    AGREED = 0  # the person named this time
    PROMISE = 1  # an answer is owed, and is late or nearly so
    MOMENT = 2  # the account has just done something
    LATE = 3  # due, or nearly so
    REST = 4


class Standing(NamedTuple):
    """What the order asks of a task. `moment_at` is the account's newest moment that is fresh."""

    id: int
    purpose: str
    kind: str
    opened_at: datetime
    due_at: datetime | None = None
    agreed_at: datetime | None = None
    moment_at: datetime | None = None
    tier: int = 0  # 0: none
    score: float = 0.0


class Why(NamedTuple):
    """One reason for a place in the queue: what is asked, and the instant or number it found."""

    what: str  # agreed, promise, moment, tier, score, due, opened
    at: datetime | None = None
    number: float = 0.0


def band(one: Standing, now: datetime) -> Band:
    """The first thing that is asked."""
    soon = one.due_at is not None and one.due_at <= now + AT_RISK
    if one.agreed_at and one.agreed_at <= now + HEADS_UP:
        return Band.AGREED
    if soon and is_promised(one):
        return Band.PROMISE
    if one.moment_at:
        return Band.MOMENT
    return Band.LATE if soon else Band.REST


def is_promised(one: Standing) -> bool:
    """Whether somebody waits for it by agreement."""
    return one.purpose in PROMISED or one.kind == "hand_off"


def rank(one: Standing, now: datetime) -> tuple[object, ...]:
    """What the queue is sorted by, the smallest first; equal for no two tasks."""
    return (
        band(one, now), one.tier or _NO_TIER, -one.score, one.due_at or _LAST, one.opened_at, one.id
    )  # fmt: skip


def why(one: Standing, now: datetime) -> list[Why]:
    """Everything that speaks for its place, in the order in which it is asked."""
    return list(_reasons(one, band(one, now)))


def _reasons(one: Standing, place: Band) -> Iterator[Why]:
    if place is Band.AGREED:
        yield Why("agreed", one.agreed_at)
    if place is Band.PROMISE:
        yield Why("promise", one.due_at)
    if place is Band.MOMENT:
        yield Why("moment", one.moment_at)
    if place is Band.LATE:
        yield Why("due", one.due_at)
    if one.tier:
        yield Why("tier", number=one.tier)
    if round(one.score) > 0:
        yield Why("score", number=one.score)
    if one.due_at and place not in (Band.PROMISE, Band.LATE):
        yield Why("due", one.due_at)
    yield Why("opened", one.opened_at)


_ASKED = ("band", "tier", "score", "due", "opened", "id")


def ahead(first: Standing, second: Standing, now: datetime) -> str:
    """What decides between two tasks: band, tier, score, due or opened ("id" if nothing does)."""
    pairs = zip(_ASKED, rank(first, now), rank(second, now), strict=True)
    return next((what for what, one, other in pairs if one != other), "id")
