"""What whoever watches the engine has to know first: what is at work, and what needs a person.

A concern is Up, Late (its pass is overdue, within a grace that a busy machine may take) or Down (it
failed, or was silent for longer). Only what is down, unknown or beyond a threshold needs somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from orchestrator.engine.context import Context
from orchestrator.engine.events import ingesting
from orchestrator.engine.pages import senders
from orchestrator.engine.pages.senders import Health
from orchestrator.engine.reading import ConcernStatus, Status, status
from orchestrator.engine.running import retrying, unknowns
from orchestrator.engine.running.advancing import LEASE as PLAY_LEASE
from orchestrator.engine.running.delivering import LEASE as TOUCH_LEASE
from orchestrator.engine.ticking import ALONE
from orchestrator.store.database import lease_now
from orchestrator.store.running import in_hand
from orchestrator.store.running.in_hand import Retry
from orchestrator.store.running.unknowns import Unknown

SHORTEST_GRACE = timedelta(minutes=1)
PASSES_OF_GRACE = 4  # so many periods may pass before silence is more than lateness
AT_ONCE = timedelta(seconds=5)  # `react` waits for events, and tells nobody while there are none
STUBBORN = 4  # tries after which a person should look
ROWS = 20  # of leases and of retries, on one page
WORKS_ON = {"advance": "play", "react": "play", "deliver": "touch"}
LENGTH = {"play": PLAY_LEASE, "touch": TOUCH_LEASE}


class State(StrEnum):
    """How a concern stands, as a word."""

    NEW = "New"
    UP = "Up"
    LATE = "Late"
    DOWN = "Down"


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern, how it stands and why, and how long it may be silent."""

    pass_: ConcernStatus
    state: State
    why: str
    period: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """What one process took together. `since` is when it took or renewed it; both in real time."""

    what: str
    owner: str
    number: int
    since: datetime
    until: datetime
    stale: bool  # it ran out: whoever held it died or hangs, and the next pass takes it back


class Need(NamedTuple):
    """Something that needs a person, in words, and the part of the page where it is mended."""

    words: str
    part: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything that the ops page tells; `retries` are the first of `all_retries`."""

    stand: Status
    concerns: tuple[Concern, ...]
    unknown: tuple[Unknown, ...]
    leases: tuple[Lease, ...]
    real_now: datetime
    retries: tuple[Retry, ...]
    all_retries: int
    senders: tuple[Health, ...]
    refused: tuple[str, ...]
    needs: tuple[Need, ...]


def watch(ctx: Context) -> Watch:
    """How it all stands."""
    stand = status(ctx)
    with ctx.db.reading() as session:
        real = lease_now(session, ctx.clock)
        found = in_hand.leases(session, ROWS)
        number = in_hand.counted(session)
    leases = tuple(
        Lease(one.what, one.owner, one.number, one.until - LENGTH[one.what], one.until,
              one.until < real)
        for one in found
    )  # fmt: skip
    every = timedelta(seconds=ctx.settings.tick_seconds)
    at_work = {one.what for one in leases if not one.stale}
    concerns = tuple(
        judge(one, stand.at, every, at_work=WORKS_ON.get(one.name, "") in at_work)
        for one in stand.concerns
    )
    unknown, sent = tuple(unknowns.unknowns(ctx)), tuple(senders.health(ctx))
    retries, refused = tuple(retrying.retries(ctx, ROWS)), tuple(ingesting.put_aside(ctx)[:20])
    needs = tuple(_needs(concerns, unknown, retries, sent, refused))
    return Watch(
        stand, concerns, unknown, leases, real, retries, number, sent, refused, needs
    )  # fmt: skip


def judge(one: ConcernStatus, now: datetime, every: timedelta, *, at_work: bool) -> Concern:
    """How a concern stands that looks `every` so long; `at_work`: its process holds leases now."""
    grace = max(SHORTEST_GRACE, PASSES_OF_GRACE * every)
    period = AT_ONCE if one.name == "react" else every
    state, why = _state(one, now, period, grace, at_work)
    return Concern(one, state, why, period, grace)


def _state(
    one: ConcernStatus, now: datetime, period: timedelta, grace: timedelta, at_work: bool
) -> tuple[State, str]:
    last = one.ended_at or one.started_at
    if last is None and not one.due:
        return State.NEW, "it has not looked yet"
    if one.error and not one.error.startswith(ALONE):
        return State.DOWN, f"it failed: {one.error}"
    silent = timedelta(seconds=one.lag) if one.name == "react" or last is None else now - last
    if silent <= period:
        return State.UP, one.error
    if at_work:
        return State.UP, "at work"
    if silent <= period + grace:
        return State.LATE, "its pass is overdue"
    return State.DOWN, "what is due waits for it" if one.due else "it has stopped looking"


def _needs(
    concerns: Sequence[Concern],
    unknown: Sequence[Unknown],
    retries: Sequence[Retry],
    sent: Sequence[Health],
    refused: Sequence[str],
) -> Iterator[Need]:
    for one in concerns:
        if one.state is State.DOWN:
            yield Need(f"{one.pass_.name} is down", "concerns")
    if unknown:
        yield Need(f"{_some(len(unknown), 'touch', 'touches')} to settle", "unknown")
    for box in sent:
        if box.kind != "ok":
            yield Need(f"{box.mailbox} is losing its good name", "senders")
    if stubborn := sum(one.attempt + one.swept >= STUBBORN for one in retries):
        said = _some(stubborn, "message", "messages")
        yield Need(f"{said} put off {STUBBORN} times or more", "retries")
    if refused:
        yield Need(f"{_some(len(refused), 'file', 'files')} that could not be read", "refused")


def _some(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
