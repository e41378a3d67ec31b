"""Who may do what: one table, from which the guards of the pages and the tests are made."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

from orchestrator.store.staff.access import Visit
from orchestrator.store.staff.tokens import Token
from orchestrator.store.tasks.tasks import Card


class May(StrEnum):
    """What somebody may be allowed. Whatever a team is not given here it may not."""

    WORK = "work"
    TEAM_WORK = "team_work"
    ALL_WORK = "all_work"
    SHARED = "shared"
    ACCOUNTS = "accounts"
    PEOPLE = "people"
    STEER = "steer"
    OPERATE = "operate"
    FEED = "feed"
    AUDIT = "audit"
    LEAD = "lead"
    TIDY = "tidy"
    MANAGE = "manage"


MEANS: Final = {
    May.WORK: "work on one's own tasks and on the shared ones of one's team",
    May.TEAM_WORK: "work on tasks of colleagues of the same team",
    May.ALL_WORK: "work on everybody's tasks",
    May.SHARED: "look at the accounts and playbooks that were shared with them",
    May.ACCOUNTS: "read every account and its log",
    May.PEOPLE: "see how people are reached",
    May.STEER: "pause playbooks, let them go on, and enroll accounts",
    May.OPERATE: "see the engine's state, and settle what is unknown",
    May.FEED: "hand in events from outside",
    May.AUDIT: "read who did what to the house",
    May.LEAD: "see how both teams do, and who has how much to do",
    May.TIDY: "take away links that others put on accounts",
    May.MANAGE: "see who works here; pages also add people, change teams, and let them in or out",
}

_INSIDE = frozenset({May.WORK, May.TEAM_WORK, May.SHARED, May.ACCOUNTS, May.PEOPLE})
_OPS = _INSIDE | {
    May.LEAD, May.ALL_WORK, May.STEER, May.OPERATE, May.FEED, May.AUDIT, May.TIDY,
}  # fmt: skip
ALLOWED: Final = {
    "marketing": _INSIDE | {May.STEER, May.OPERATE, May.FEED},
    "sales": _INSIDE,
    "customer": _INSIDE,
    "leader": _INSIDE | {May.LEAD, May.ALL_WORK, May.OPERATE},
    "ops": _OPS,
    "admin": _OPS | {May.MANAGE},
    "agency": frozenset({May.WORK, May.SHARED}),
}


# What a token can reach. What was shared with an agency is for its eyes, not for its programs.
SCOPES: Final = tuple(what for what in May if what is not May.SHARED)


def may(team: str, what: May) -> bool:
    """Whether somebody of that team is allowed it."""
    return what in ALLOWED.get(team, frozenset())


def may_work_on(
    visit: Visit | Token, task: Card, allowed: Callable[[May], bool] | None = None
) -> bool:
    """Whether the task is one that the visitor may see and close; `allowed` is narrower than the
    team where a token is."""
    allowed = allowed or partial(may, visit.team)
    if allowed(May.ALL_WORK) or task.assignee_id == visit.user_id:
        return True
    same_team = task.team == visit.team
    return same_team and (task.assignee_id is None or allowed(May.TEAM_WORK))
