"""How often people answer, and how: the one thing that a dry run has to be told.

Every default is either a published figure, with its source beside it, or a plain assumption. They
are those of cold outreach, on the careful side; a team's own history is better than any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from orchestrator.calendar import Span, Unit
from orchestrator.pacing import window

Shares = Mapping[str, float]

# Replies of people, which exclude each other and everything but opens and clicks.
REPLIES = (
    "reply.interested", "reply.not_now", "reply.referral", "reply.wrong_person", "reply.refusal",
    "reply.opt_out", "reply.legal", "reply.unclear",
)  # fmt: skip
BESIDE = ("opened", "clicked")  # what goes with any other answer
OF_MAIL = (
    *BESIDE, "bounce.hard", "bounce.soft", "unsubscribe", "complaint", "reply.auto",
    "meeting_booked", *REPLIES,
)  # fmt: skip
OF_LETTER = ("meeting_booked", *REPLIES)
OF_CALL = (
    "connected", "meeting_booked", "interested", "not_now", "referral", "voicemail", "gatekeeper",
    "not_interested", "do_not_contact", "bad_fit", "wrong_number", "wrong_person", "left_company",
)  # fmt: skip
OF_WORK = ("done", "skipped")
OF_QUESTION = ("accepted", "declined")
OF_REPLY = ("done", "meeting_booked", "not_now", "not_interested", "bad_fit")

# What may happen to each kind of work; the rest to a whole is "nothing happens", for a call
# "nobody answers", for a task "nobody does it".
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "email": OF_MAIL,
    "personal_mail": OF_LETTER,
    "social": OF_LETTER,
    "direct_mail": OF_LETTER,
    "call": OF_CALL,
    "reply": OF_REPLY,
    "rebook": OF_REPLY,
    "approve": OF_QUESTION,
    "hand_off": OF_QUESTION,
    "find": OF_WORK,
    "task": OF_WORK,
}
WEIGHT = 50  # how many touches the defaults are worth beside a history
DELAYS = ("opened", "clicked", "reply", "task")


def _hours(number: int) -> timedelta:
    return timedelta(hours=number)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares from 0 to 1 by kind of step or purpose of a task, and mean delays.

    `delays` of `task` count in the hours of whoever does it, the others in hours of the clock.
    """

    # Opened 27.7 %: Snov.io 2026. Replies 3.4 % in all: Instantly 2026, of which a fifth or so is
    # positive. Bounces 2 %: below that senders call a list clean. The rest is assumed.
    email: Shares = field(default_factory=lambda: {
        "opened": 0.277, "clicked": 0.02, "bounce.hard": 0.02, "unsubscribe": 0.004,
        "complaint": 0.0005, "reply.auto": 0.04, "reply.interested": 0.007, "reply.not_now": 0.007,
        "reply.referral": 0.003, "reply.wrong_person": 0.003, "reply.refusal": 0.01,
        "reply.opt_out": 0.003, "reply.unclear": 0.001,
    })  # fmt: skip
    # A mail that a person wrote: assumed to be answered twice as often as one of the engine.
    personal_mail: Shares = field(default_factory=lambda: {
        "reply.interested": 0.014, "reply.not_now": 0.014, "reply.referral": 0.006,
        "reply.wrong_person": 0.006, "reply.refusal": 0.02, "reply.opt_out": 0.004,
    })  # fmt: skip
    social: Shares = field(default_factory=lambda: {
        "reply.interested": 0.01, "reply.not_now": 0.01, "reply.referral": 0.005,
        "reply.refusal": 0.015,
    })  # fmt: skip  # assumed
    direct_mail: Shares = field(default_factory=lambda: {"reply.interested": 0.01})  # assumed
    # 9.9 % of dials reach the person, 4.6 % of conversations book a meeting: Belkins, 175,000
    # dials of 2025 (Gong Labs 2024, 300 million: 5.4 % of an average rep, 13.3 % of a good one).
    # How the other conversations end is assumed, and so is the voicemail.
    call: Shares = field(default_factory=lambda: {
        "connected": 0.04, "meeting_booked": 0.0046, "interested": 0.004, "not_now": 0.015,
        "referral": 0.005, "not_interested": 0.028, "do_not_contact": 0.002, "voicemail": 0.5,
        "gatekeeper": 0.05, "wrong_number": 0.03, "left_company": 0.01,
    })  # fmt: skip
    # The rest is assumed.
    reply: Shares = field(default_factory=lambda: {"done": 0.65, "meeting_booked": 0.3})
    rebook: Shares = field(default_factory=lambda: {"meeting_booked": 0.5, "done": 0.4})
    approve: Shares = field(default_factory=lambda: {"accepted": 0.95, "declined": 0.03})
    hand_off: Shares = field(default_factory=lambda: {"accepted": 0.85, "declined": 0.1})
    find: Shares = field(default_factory=lambda: {"done": 0.6, "skipped": 0.4})
    task: Shares = field(default_factory=lambda: {"done": 0.95, "skipped": 0.02})
    delays: Mapping[str, timedelta] = field(default_factory=lambda: {
        "opened": _hours(6), "clicked": _hours(8), "reply": _hours(24), "task": _hours(3),
    })  # fmt: skip

    def with_shares(self, told: Mapping[str, Shares]) -> Rates:
        """These, but for what is told: what a table leaves out keeps its share."""
        return replace(self, **{name: {**getattr(self, name), **of} for name, of in told.items()})

    def with_delays(self, told: Mapping[str, timedelta]) -> Rates:
        """These, but for the delays that are told."""
        return replace(self, delays={**self.delays, **told})


def sums_to(shares: Shares) -> float:
    """How much of the whole a table gives away: what goes beside anything else does not count."""
    return sum(share for name, share in shares.items() if name not in BESIDE)


def learned(seen: Mapping[str, Mapping[str, int]], tried: Mapping[str, int]) -> Rates:
    """Rates by what happened: `seen` of so many that were `tried`, by table.

    Each share is drawn to its default as if WEIGHT more had gone by that: three mails say little,
    a thousand nearly all.
    """
    base = Rates()
    told = {
        name: {
            one: (seen.get(name, {}).get(one, 0) + WEIGHT * getattr(base, name).get(one, 0.0))
            / (tried[name] + WEIGHT)
            for one in allowed
        }
        for name, allowed in ALLOWED.items()
        if tried.get(name)
    }
    return base.with_shares(told)


def length(span: Span) -> timedelta:
    """A delay as it is written, business hours as hours. ValueError for business days."""
    if span.unit is Unit.BUSINESS_HOURS:
        return _hours(span.amount)
    return window(span)
