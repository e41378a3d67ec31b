"""What marketing and sales agreed in writing, as a frozen value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from accounts.scoring import FitRule, icp_fit
from accounts.selection import Segment, Value, matches
from orchestrator.calendar import Span
from orchestrator.terms import Cap, bucket

HALF_LIFE_DAYS = 30.0
SIGNED_FOR = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Persona:
    """A kind of person that we speak to: job titles that tell them, and their usual role."""

    name: str
    titles: tuple[str, ...] = ()
    role: str = ""

    def fits(self, title: str) -> bool:
        """Whether one of the titles stands in the job title as whole words."""
        words = f" {_words(title)} "
        return any(f" {_words(wanted)} " in words for wanted in self.titles)


@dataclass(frozen=True, slots=True)
class Target:
    """The revenue that both teams want to bring in, from the first to the last of these days."""

    revenue: Decimal
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of the agreement; an empty one agrees on nothing and forbids nothing.

    `roles` maps each role of an account team to the team that fills it, `weights` activity kinds
    (or their families) to points, `holdout` is the percentage of accounts left untouched, `sla`
    says how soon each kind of answer is owed, by purpose and tier (terms.Owed).
    """

    segments: Mapping[str, Segment] = field(default_factory=dict)
    personas: Mapping[str, Persona] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    half_life_days: float = HALF_LIFE_DAYS
    fit: tuple[FitRule, ...] = ()
    signed_for: timedelta = SIGNED_FOR
    caps: tuple[Cap, ...] = ()
    holdout: int = 0
    target: Target | None = None
    sla: Mapping[str, Mapping[int, Span]] = field(default_factory=dict)

    def segment_of(self, fields: Mapping[str, Value]) -> str:
        """The first segment that the account belongs to, "" for none."""
        found = (name for name, segment in self.segments.items() if matches(segment, fields))
        return next(found, "")

    def judge(self, fields: Mapping[str, Value]) -> dict[str, Value]:
        """What the agreement says of an account: its fit, and the segment that it is in."""
        fit = icp_fit(fields, self.fit).value
        return {"fit": fit, "segment": self.segment_of({**fields, "fit": fit})}

    def persona_of(self, title: str) -> Persona | None:
        """The first persona whose titles fit the job title."""
        return next((one for one in self.personas.values() if one.fits(title)), None)

    def holds_out(self, playbook: str, account_id: int) -> bool:
        """Whether the account stays untouched by this playbook, for good, to measure lift."""
        return bucket(playbook, str(account_id), of=100) < self.holdout


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
