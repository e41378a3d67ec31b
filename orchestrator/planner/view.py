"""What a condition sees: the facts of one party of one step. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from orchestrator.calendar import Span
from orchestrator.pacing import window
from orchestrator.planner.play import Play
from orchestrator.terms import ACCOUNT, OutcomeClass, Party

_STAMPS = {
    "clicked": "clicked_at",
    "opened": "viewed_at",
    "replied": "replied_at",
    "bounced": "bounced_at",
    "delivered": "delivered_at",
}


class PartyView:
    """Implements `conditions.View` for the person `who` (or the whole account), as of `at`.

    What happened after the due at which a condition is asked does not count, so that it gives the
    same answer however late it is asked, and however often. Scores have no history: theirs are
    today's.
    """

    __slots__ = ("at", "play", "who")

    def __init__(self, play: Play, who: str, at: datetime) -> None:
        self.play, self.who, self.at = play, who, at

    def event(self, name: str, step: str, scope: str) -> int:
        """Whether (own, any, all: 0 or 1) or for how many parties (count) something happened."""
        chains = self._chains(step, scope)
        hits = sum(any(self._had(name, party) for party in chain) for chain in chains)
        if scope == "all":
            return int(bool(chains) and hits == len(chains))
        return hits if scope == "count" else int(hits > 0)

    def outcomes(self, step: str, scope: str) -> Sequence[str]:
        """How the own party ended or, in any other scope, each of the step's that has."""
        lasts = (chain[-1] for chain in self._chains(step, scope))
        ends = [last.outcome for last in lasts if last.ended_at and last.ended_at <= self.at]
        run = self.play.runs.get(step)
        nobody = run and run.status == "done" and not run.cast_ids
        return [run.outcome] if run and nobody and scope != "own" else ends

    def happened(self, kind: str, within: Span | None, scope: str) -> int:
        """How many activities of a kind (and its sub-kinds) this person or account has."""
        since = self.at - window(within) if within else None
        own = None if scope != "own" or self.who == ACCOUNT else int(self.who)
        return sum(
            (one.kind == kind or one.kind.startswith(kind + "."))
            and (own is None or one.contact_id == own)
            and one.at <= self.at
            and (since is None or one.at > since)
            for one in self.play.facts.happenings
        )

    def value(self, path: str) -> float | str:
        """`account.engagement`, `contact.role` …; an absent person is 0 or ""."""
        owner, name = path.split(".", 1)
        if owner == "account":
            return getattr(self.play.facts.account, name)  # type: ignore[no-any-return]
        person = self.play.people.get(self.who)
        return getattr(person, name) if person else (0.0 if name == "engagement" else "")

    def _chains(self, step: str, scope: str) -> list[list[Party]]:
        chains = self.play.chains
        if scope == "own":
            own = chains.get((step, self.who))
            return [own] if own else []
        return [chain for (other, _), chain in chains.items() if other == step]

    def _had(self, name: str, party: Party) -> bool:
        if name == "sent":
            reached = party.status == "sent" or party.outcome == OutcomeClass.REACHED
            return reached and party.ended_at is not None and party.ended_at <= self.at
        stamp: datetime | None = getattr(party, _STAMPS[name])
        return stamp is not None and stamp <= self.at
