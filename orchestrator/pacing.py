"""May this touch leave now? The one rule that the ledger's intent and the simulator both ask.

Pure: every fact comes in as an argument. The guards are asked in the order in which a person
would want to hear of them: what forbids comes before what merely delays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from orchestrator.calendar import Hours, Span, Unit, next_open
from orchestrator.quiet import next_welcome, told
from orchestrator.terms import (
    REACHES_PERSON,
    UNTIL_RESUMED,
    Cap,
    Go,
    Kind,
    Later,
    Never,
    Reached,
    Ruling,
    StopMark,
)

ASK_AGAIN = timedelta(hours=1)  # a hold of which nobody can say when it ends
SHORTEST = timedelta(minutes=1)  # of a hold: what waits never comes back in the same pass

_LENGTH = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
}


class Sending(NamedTuple):
    """A touch that is about to leave."""

    kind: Kind
    step: str
    enrollment_id: int
    contact_id: int | None
    late_at: datetime | None = None  # dropped as late from then on
    answer: bool = False  # a reply to somebody who asked: exempt from caps
    always: bool = False  # `clock: always`: exempt from working hours
    # Somebody of us wrote it to a person who wrote to us: neither the play nor what that stopped
    # keeps it, nor the hour, only what forbids to write to them at all.
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A mailbox of ours: `per_day` mails on a day of its own zone; if it is new, `start` on the day
    `since` and `by` more on each that follows."""

    address: str
    zone: str
    per_day: int
    start: int = 0
    by: int = 0
    since: date | None = None

    def day(self, now: datetime) -> date:
        """Which day it is there."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def limit(self, day: date) -> int:
        """How many mails it may send on that day."""
        if self.since is None:
            return self.per_day
        return min(self.per_day, self.start + self.by * max((day - self.since).days, 0))

    def quota(self, sent: Mapping[tuple[str, date], int], now: datetime) -> Quota:
        """What is left of today; `sent` counts by mailbox and day."""
        day = self.day(now)
        next_day = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(self.zone))
        tomorrow = next_day.astimezone(UTC)
        return Quota(self.address, self.limit(day), sent.get((self.address, day), 0), tomorrow)


class Quota(NamedTuple):
    """How many mails a mailbox may send today, and has; `tomorrow` is when its next day begins."""

    mailbox: str
    limit: int
    sent: int
    tomorrow: datetime


@dataclass(frozen=True, slots=True)
class Guard:
    """What could keep a touch from leaving, read in the transaction of its intent."""

    hours: Hours  # the recipient's
    enrollment_status: str = "active"
    enrollment_reason: str = ""
    resumes_at: datetime | None = None  # paused without it: whoever resumes the play says so
    stops: tuple[StopMark, ...] = ()
    suppressed: str = ""  # the reason of a do-not-contact rule that covers the recipient
    left: str = ""  # why the person is no longer at the account
    reached: tuple[Reached, ...] = ()
    caps: tuple[Cap, ...] = ()
    quota: Quota | None = None  # of the mailbox that it comes from, if that has a limit


def may_send(touch: Sending, guard: Guard, now: datetime) -> Ruling:
    """Go, Later(at, reason) or Never(status, reason).

    A `Later` is not after `late_at`, so that what waits too long is dropped then and there.
    """
    if touch.by_hand:
        guard = replace(guard, enrollment_status="active", stops=())
    ruling = _forbidden(touch, guard, now) or _delayed(touch, guard, now)
    if isinstance(ruling, Later):
        at = min(ruling.at, touch.late_at) if touch.late_at else ruling.at
        return Later(max(at, now + SHORTEST), ruling.reason)
    return ruling or Go()


def _forbidden(touch: Sending, guard: Guard, now: datetime) -> Never | None:
    if guard.enrollment_status == "ended":
        return Never("cancelled", guard.enrollment_reason or "the play ended")
    if guard.suppressed:
        return Never("suppressed", guard.suppressed)
    if guard.left:
        return Never("cancelled", guard.left)
    stop = stop_for(guard.stops, touch.enrollment_id, touch.contact_id, touch.step, touch.kind, now)
    if stop and stop.until is None:
        return Never("cancelled", stop.reason)
    if touch.late_at and now >= touch.late_at:
        return Never("cancelled", "too late: it would have been stale")
    return None


def _delayed(touch: Sending, guard: Guard, now: datetime) -> Later | None:
    if guard.enrollment_status != "active":
        paused = guard.enrollment_status in ("paused", "waiting")  # who resumes it makes it due
        otherwise = UNTIL_RESUMED if paused else now + ASK_AGAIN
        return Later(guard.resumes_at or otherwise, guard.enrollment_reason or "paused")
    stop = stop_for(guard.stops, touch.enrollment_id, touch.contact_id, touch.step, touch.kind, now)
    if stop and stop.until:
        return Later(stop.until, stop.reason)
    if touch.kind in REACHES_PERSON:
        if (opens := _welcome(touch, guard, now)) > now:
            reason = told(now, guard.hours) or "outside the recipient's working hours"
            return Later(opens, reason)
        capped = guard.caps and not touch.answer
        hold = cap_hold(guard.caps, guard.reached, touch.contact_id, now) if capped else None
        return hold or _quota_hold(touch, guard)
    return None


def _quota_hold(touch: Sending, guard: Guard) -> Later | None:
    """Until the mailbox's next day, in the recipient's hours."""
    quota = guard.quota
    if quota is None or quota.sent < quota.limit:
        return None
    at = _welcome(touch, guard, quota.tomorrow)
    return Later(at, f"mailbox {quota.mailbox} has sent its {quota.limit} today")


def _welcome(touch: Sending, guard: Guard, at: datetime) -> datetime:
    """The first instant from `at` on at which the recipient may be reached."""
    if touch.by_hand:
        return at
    hours = guard.hours
    return next_welcome(at, hours, lambda then: then if touch.always else next_open(then, hours))


def stop_for(
    stops: Iterable[StopMark],
    enrollment_id: int,
    contact_id: int | None,
    step: str,
    kind: str,
    now: datetime,
) -> StopMark | None:
    """The stop that covers a step for a person, one for good before one with an end."""
    covering = [
        stop
        for stop in stops
        if (stop.contact_id is None or stop.contact_id == contact_id)
        and (stop.enrollment_id is None or stop.enrollment_id == enrollment_id)
        and (stop.until is None or stop.until > now)
        and step not in stop.keep
        and kind not in stop.keep
    ]
    return max(covering, key=_lasts, default=None)


def _lasts(stop: StopMark) -> tuple[bool, datetime]:
    return (stop.until is None, stop.until or stop.at)


def cap_hold(
    caps: Sequence[Cap], reached: Sequence[Reached], contact_id: int | None, now: datetime
) -> Later | None:
    """The latest instant at which every pressure limit has room again, None if all have now.

    A cap counts what reached the person (or anybody at the account) within its rolling window.
    """
    holds = [hold for cap in caps if (hold := _hold_of(cap, reached, contact_id, now))]
    return max(holds, key=lambda hold: hold.at, default=None)


def _hold_of(
    cap: Cap, reached: Sequence[Reached], contact_id: int | None, now: datetime
) -> Later | None:
    if len(reached) < cap.limit:
        return None
    since = now - window(cap.window)
    counted = sorted(
        one.at
        for one in reached
        if one.at > since and (cap.scope == "account" or one.contact_id == contact_id)
    )
    if len(counted) < cap.limit:
        return None
    frees = counted[-cap.limit] + window(cap.window)
    often = "once" if len(counted) == 1 else f"{len(counted)} times"
    return Later(frees, f"the {cap.scope} was reached {often} in {cap.window}")


@lru_cache(maxsize=256)
def window(span: Span) -> timedelta:
    """The length of a rolling window; ValueError for business time, which does not roll."""
    try:
        return span.amount * _LENGTH[span.unit]
    except KeyError:
        raise ValueError(f"a rolling window cannot be counted in {span.unit}") from None
