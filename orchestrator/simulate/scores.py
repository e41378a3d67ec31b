"""Engagement in the dry run: it grows at once and fades by the hour, as in the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import scoring
from orchestrator.simulate.audience import Member
from orchestrator.simulate.world import Simulated
from orchestrator.terms import Facts


@dataclass(frozen=True, slots=True)
class Scores:
    """`weights` are points by kind of activity; what an account had at `start` fades, too."""

    weights: Mapping[str, float]
    half_life_days: float
    start: datetime

    def refresh(self, member: Member, play: Simulated) -> bool:
        """Bring the scores of an account and its people to this hour; whether its own changed."""
        ledger, as_of = play.ledger, _hour(play.now)
        facts, fresh = ledger.facts, ledger.facts.happenings[len(member.facts.happenings) :]
        if not fresh and not engaged(facts):
            return False
        # Whoever came back brought the scores of that time along.
        since = self.start if member.round == 1 else ledger.activated_at or self.start
        kept = self._fade(as_of - _hour(since))
        happened: dict[int | None, list[scoring.Happening]] = defaultdict(list)
        for one in fresh:
            worth = scoring.Happening(one.kind, _hour(one.at))
            happened[None].append(worth)
            if one.contact_id is not None:
                happened[one.contact_id].append(worth)
        had = {person.id: person.engagement for person in member.facts.people}
        people = tuple(
            person._replace(
                engagement=kept * had.get(person.id, 0.0) + self._worth(happened[person.id], as_of)
            )
            for person in facts.people
        )
        value = kept * member.facts.account.engagement + self._worth(happened[None], as_of)
        changed = value != facts.account.engagement
        account = facts.account._replace(engagement=value)
        ledger.facts = facts._replace(account=account, people=people)
        return changed

    def _worth(self, happened: list[scoring.Happening], as_of: datetime) -> float:
        if not happened:
            return 0.0
        return scoring.engagement(happened, as_of, self.weights, self.half_life_days).value

    def _fade(self, age: timedelta) -> float:
        halves = age / timedelta(days=self.half_life_days)
        return float(0.5**halves)


def engaged(facts: Facts) -> bool:
    """Whether anybody there has a score."""
    return bool(facts.account.engagement) or any(one.engagement for one in facts.people)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
