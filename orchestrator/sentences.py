"""The sentences of the activity log that the engine and the dry run both write. Pure.

Each says what happened, or which rule kept it from happening, in words that a rep understands. Who
it is about and when it was stand beside it on the line, and never in it.
"""

from __future__ import annotations

from orchestrator.terms import Plan

GONE = "no longer at the account"
REFUSED = "asked not to be contacted"
OVER = "the pause is over"

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


def ended(title: str, outcome: str, reason: str = "") -> str:
    """`Opener ended as stopped: Acme has become an opportunity`."""
    return _because(f"{title} ended as {outcome}", reason, ": ")


def goes_on(title: str, reason: str = OVER) -> str:
    """`Opener goes on: the pause is over`."""
    return f"{title} goes on: {reason}"


def do_not_contact(scope: str, reason: str) -> str:
    """The rule that forbids to contact somebody; `scope` is its reach, `reason` its code."""
    return f"do not contact ({scope}: {reason.replace('_', ' ')})"


def _because(what: str, reason: str, between: str) -> str:
    return f"{what}{between}{reason}" if reason else what
