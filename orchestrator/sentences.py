"""The sentences of the activity log that the engine and the dry run both write. Pure.

Each says what happened, or which rule kept it from happening, in words that a rep understands. Who
it is about and when it was stand beside it on the line, and never in it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from orchestrator.terms import Pace, Plan, Purse

GONE = "no longer at the account"
REFUSED = "asked not to be contacted"
OVER = "the pause is over"
FREE = "the account is free again"
NEXT_TICK = "starts with the next tick"

# What a touch's status means on the log; one that is ready again was held.
_TOUCH = {
    "sent": "sent",
    "failed": "failed",
    "unknown": "unknown",
    "suppressed": "not sent",
    "cancelled": "not sent",
    "ready": "held",
}


def called(plan: Plan) -> str:
    """What people call a playbook."""
    return plan.title or plan.name


def touch_kind(status: str) -> str:
    """The kind of activity that tells of a touch's new status."""
    return "touch.held" if status == "ready" else f"touch.{status}"


def touch(step: str, status: str, reason: str = "") -> str:
    """`insight: held, the contact was reached 2 times in 7 days`."""
    return f"{step}: {_because(_TOUCH[status], reason, ', ')}"


def cancelled(table: str, step: str, reason: str) -> str:
    """What was planned or open in `table` (touch, task) and is not wanted any more."""
    return touch(step, "cancelled", reason) if table == "touch" else reason


def enrolled(title: str, reason: str, who: str = "", because: str = "") -> str:
    """`enrolled in Opener by dana; pace: 10 accounts per week`; `because` is such as `round 2`."""
    by, why = f" by {who}" if who else "", f", {because}" if because else ""
    return f"enrolled in {title}{by}{why}; {reason}"


def not_enrolled(title: str, because: str, reason: str) -> str:
    """`not enrolled in Opener, round 2: the account is no signed target`."""
    return f"not enrolled in {title}, {because}: {reason}"


def for_signal(kind: str) -> str:
    """A signal as a reason to enroll an account."""
    return f"for {kind}"


def for_list(name: str) -> str:
    """Both signatures as a reason to enroll an account."""
    return f"as a target of the list {name}"


_NEW_TIER = "the account is of tier "


def new_tier(tier: int) -> str:
    """Why a play stops, or begins anew, whose playbook heeds the tier."""
    return f"{_NEW_TIER}{tier} now"


def is_new_tier(reason: str) -> bool:
    """Whether a play stopped for a new tier."""
    return reason.startswith(_NEW_TIER)


def tier_changed(tier: int, was: int) -> str:
    """`tier 1 now, tier 2 before`."""
    return f"tier {tier} now, {f'tier {was}' if was else 'none'} before"


def at_new_tier(title: str, then: str) -> str:
    """What becomes of a play: `Opener goes on as it began`."""
    does = {"stop": "stops", "restart": "begins anew"}
    return f"{title} {does.get(then, 'goes on as it began')}"


def past(day: date) -> str:
    """Why a step is skipped whose day had passed when the play began."""
    return f"its day, {day}, had passed before the play began"


def comes_back(on: date) -> str:
    """When an account goes through a playbook again."""
    return f"it comes back on {on}"


def round_(number: int) -> str:
    """How often an account goes through a playbook, as a reason to enroll it."""
    return f"round {number}"


def starts(title: str) -> str:
    """A play drives its account from now on."""
    return f"{title} starts"


def waits(title: str, reason: str) -> str:
    """A play has not started yet; `reason` is that of one of the next three."""
    return f"{title} waits: {reason}"


def pace(pace: Pace, next_place: date | None = None) -> str:
    """`pace: 10 accounts per week; next place on 2026-03-10`."""
    accounts = "1 account" if pace.limit == 1 else f"{pace.limit} accounts"
    words = f"pace: {accounts} per {str(pace.window).removeprefix('1 ')}"
    return f"{words}; next place on {next_place}" if next_place else words


def driven_by(title: str) -> str:
    """One play drives an account, the others wait."""
    return f"another play drives the account: {title}"


def away(name: str, back: date) -> str:
    """Why the work of one of us waits, or goes to somebody else."""
    return f"{name} is away until {back}"


def money(amount: Decimal, currency: str) -> str:
    """`4,500 EUR`, `45.50 EUR`."""
    whole = amount == amount.to_integral_value()
    return f"{amount:,.0f} {currency}" if whole else f"{amount:,.2f} {currency}"


def spent(purse: Purse, cost: Decimal) -> str:
    """Why what costs money waits."""
    currency = purse.currency
    return f"the budget of {money(purse.budget, currency)} has no {money(cost, currency)} left"


def rests(reason: str) -> str:
    """Nobody is approached before the account's rest is over."""
    return f"the account rests: {reason}"


def ended_unbegun(title: str, reason: str) -> str:
    """What an event or a person stopped while it waited."""
    return f"{title} ended before it began: {reason}"


def paused(title: str, reason: str, until: date | None = None) -> str:
    """`Opener paused until 2026-03-10: the page is down`."""
    return f"{title} paused{f' until {until}' if until else ''}: {reason}"


def at_pace(of: Pace) -> str:
    """Why a play is still paused although its playbook goes on."""
    return f"what was missed comes at the {pace(of)}"


def ended(title: str, outcome: str, reason: str = "") -> str:
    """`Opener ended as stopped: Acme has become an opportunity`."""
    return _because(f"{title} ended as {outcome}", reason, ": ")


def goes_on(title: str, reason: str = OVER) -> str:
    """`Opener goes on: the pause is over`."""
    return f"{title} goes on: {reason}"


def goal(title: str, kind: str) -> str:
    """`Opener reached its goal: meeting booked`."""
    return f"{title} reached its goal: {kind.replace('.', ' ').replace('_', ' ')}"


def moved(title: str, number: int, passed: Collection[str] = (), who: str = "") -> str:
    """`Opener goes on in version 3, moved by dana; already past the new nudge`."""
    by = f", moved by {who}" if who else ""
    skipped = f"; already past the new {', '.join(passed)}" if passed else ""
    return f"{title} goes on in version {number}{by}{skipped}"


def ending(reason: str) -> str:
    """Why a play stays with its version that was stopped and only finishes what it may."""
    return f"it is about to end: {reason}"


def not_in(number: int) -> str:
    """Why work beside a step is over that a play has no more."""
    return f"version {number} has no such step"


def _because(what: str, reason: str, between: str) -> str:
    return f"{what}{between}{reason}" if reason else what
