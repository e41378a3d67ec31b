"""What a condition sees: the facts of one party of one step. Pure."""

from __future__ import annotations

from collections.abc import Sequence

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
    """Implements `conditions.View` for the person `who` (or the whole account)."""

    __slots__ = ("play", "who")

    def __init__(self, play: Play, who: str) -> None:
        self.play, self.who = play, who

    def event(self, name: str, step: str, scope: str) -> int:
        """Whether (own, any, all: 0 or 1) or for how many parties (count) something happened."""
        chains = self._chains(step, scope)
        hits = sum(any(_happened(name, party) for party in chain) for chain in chains)
        if scope == "all":
            return int(bool(chains) and hits == len(chains))
        return hits if scope == "count" else int(hits > 0)

    def outcomes(self, step: str, scope: str) -> Sequence[str]:
        """How the own party ended or, in any other scope, each of the step's that has."""
        ends = [chain[-1].outcome for chain in self._chains(step, scope) if chain[-1].ended_at]
        run = self.play.runs.get(step)
        nobody = run and run.status == "done" and not run.cast_ids
        return [run.outcome] if run and nobody and scope != "own" else ends

    def happened(self, kind: str, within: Span | None, scope: str) -> int:
        """How many activities of a kind (and its sub-kinds) this person or account has."""
        since = self.play.now - window(within) if within else None
        own = None if scope != "own" or self.who == ACCOUNT else int(self.who)
        return sum(
            (one.kind == kind or one.kind.startswith(kind + "."))
            and (own is None or one.contact_id == own)
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


def _happened(name: str, party: Party) -> bool:
    if name == "sent":
        return party.status == "sent" or party.outcome == OutcomeClass.REACHED
    return getattr(party, _STAMPS[name]) is not None
