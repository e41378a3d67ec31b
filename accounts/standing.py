"""What speaks for one account before another where nothing else tells them apart: tie-breakers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.errors import AbmError
from accounts.nearest import nearest


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks for an account; `tier` 0 is none."""

    id: int
    owner: bool
    tier: int
    open_opportunity: bool
    contacts: int
    created_at: datetime


# Each says how much speaks for an account (more is better) and what to call it.
_TIE_BREAKERS: Mapping[str, tuple[Callable[[Standing], float], str]] = {
    "owner": (lambda one: one.owner, "it has an owner"),
    "tier": (lambda one: -(one.tier or 9), "its tier is the highest"),
    "open_opportunity": (lambda one: one.open_opportunity, "it has an open opportunity"),
    "most_contacts": (lambda one: one.contacts, "it has the most contacts"),
    "oldest": (lambda one: -one.created_at.timestamp(), "it is the oldest"),
}
TIE_BREAKERS = tuple(_TIE_BREAKERS)


def ahead(accounts: Collection[Standing], tie_breakers: Sequence[str]) -> tuple[int, str] | None:
    """The account that stands alone at the top and what put it there; None where several do.

    Each tie-breaker keeps those that are best by it, and the next one looks at these. AbmError for
    a tie-breaker that does not exist.
    """
    ids, reason = _best(accounts, tie_breakers)
    return (ids[0], reason) if len(ids) == 1 else None


def survivor(
    accounts: Collection[Standing], tie_breakers: Sequence[str] = TIE_BREAKERS
) -> tuple[int, str]:
    """The account to keep and why: who is `ahead`, or else the lowest id of those that are."""
    if not accounts:
        raise AbmError("there is no account to keep", "name at least one")
    ids, reason = _best(accounts, tie_breakers)
    if len(ids) == 1 and reason:
        return ids[0], reason
    return ids[0], "nothing else tells them apart: it has the lowest id"


def _best(accounts: Collection[Standing], tie_breakers: Sequence[str]) -> tuple[list[int], str]:
    """(those that no tie-breaker tells apart, by rising id; what told the last one away)."""
    left, reason = sorted(accounts, key=lambda one: one.id), ""
    for name in tie_breakers:
        if name not in _TIE_BREAKERS:
            raise AbmError(f"{name!r} is no tie-breaker", nearest(name, TIE_BREAKERS))
        worth, told = _TIE_BREAKERS[name]
        most = max(map(worth, left), default=0)
        best = [one for one in left if worth(one) == most]
        left, reason = best, told if len(best) < len(left) else reason
    return [one.id for one in left], reason
