"""Who does it: the account team's role, then the same role elsewhere, then the team in turn."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.store.staff.rosters import Colleague, Teammate
from orchestrator.terms import bucket


def assign(
    account_id: int,
    by: str,
    team: str,
    teammates: Sequence[Teammate],
    roster: Sequence[Colleague],
) -> int | None:
    """The user who gets a task (rule 13), None for the team's shared queue.

    `by` is a role of the account team ("" = whoever of `team` is on it); turns are a stable hash
    of the account, so that the dry run names the same person.
    """
    for mate in teammates:
        if mate.role == by or (not by and mate.team == team):
            return mate.user_id
    same_role = [one.user_id for one in roster if by and one.role == by]
    same_team = [one.user_id for one in roster if one.team == team]
    pool = same_role or same_team
    return pool[bucket("assign", str(account_id), of=len(pool))] if pool else None


def fill(
    account_id: int, role: str, team: str, roster: Sequence[Colleague]
) -> int | None:  # fmt: skip
    """Who fills a role, which the agreement gives to a team, once the account is a target: as
    tasks are assigned, in a stable turn."""
    return assign(account_id, role, team, (), [one for one in roster if one.team == team])


def holder_of(role: str, teammates: Sequence[Teammate]) -> int | None:
    """The user who fills a role on an account's team."""
    return next((mate.user_id for mate in teammates if mate.role == role), None)
