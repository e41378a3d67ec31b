"""How soon something is owed: the times that marketing and sales agreed on, as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orchestrator.calendar import Hours, Span, add

ANSWER_WITHIN = timedelta(days=1)  # where nothing was agreed
CONTEXT, HAND_BACK = "context", "hand_back"
# What may be agreed on, by the purpose of the task that it makes due, and who owes it to whom.
OWED = {
    "hand_off": "sales takes up an account that was handed over",
    "reply": "a person who replied gets an answer",
    "review": "what came in is looked at: a form, a demand",
    "rebook": "a meeting to which nobody came gets a new date",
    "add_person": "a person whom somebody named is added",
    CONTEXT: "marketing adds what it knows of an account that was handed over",
    HAND_BACK: "marketing takes up an account that sales gave back",
}


@dataclass(frozen=True, slots=True)
class Owed:
    """The times agreed on, of each purpose by tier (0: all others), counted in `hours`.

    An empty one owes every answer within a day.
    """

    times: Mapping[str, Mapping[int, Span]] = field(default_factory=dict)
    hours: Hours | None = None

    def due(self, purpose: str, tier: int, at: datetime) -> datetime:
        """Until when what came up at `at` is owed to an account of that tier."""
        times = self.times.get(purpose, {})
        span = times.get(tier) or times.get(0)
        if span is None or self.hours is None:
            return at + ANSWER_WITHIN
        return add(at, span, self.hours)

    def asks(self, purpose: str) -> bool:
        """Whether anything was agreed on it."""
        return purpose in self.times


UNAGREED = Owed()
