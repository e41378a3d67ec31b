"""What a visitor of an agency may look at. Everybody else looks at every account and playbook."""

from __future__ import annotations

from orchestrator.engine.companies import sharing
from orchestrator.engine.companies.sharing import Reach
from orchestrator.web.permissions import May
from orchestrator.web.visitors import Here, NotAllowed


def reach(here: Here) -> Reach | None:
    """What was shared with the visitor; None for who sees everything."""
    if here.may(May.ACCOUNTS):
        return None
    return sharing.reach(here.ctx, here.visit.user_id)


def account(here: Here, found: Reach | None, account_id: int) -> bool:
    """Whether the visitor, of that reach, sees how the account's people are reached.

    NotAllowed for an account that was not shared, and alike for one that there is not.
    """
    if found is None:
        return here.may(May.PEOPLE)
    if account_id not in found.accounts:
        raise NotAllowed("this account was not shared with you")
    return found.accounts[account_id]


def playbook(here: Here, name: str) -> None:
    """NotAllowed for a playbook that was not shared, and alike for one that there is not."""
    found = reach(here)
    if found is not None and name not in found.playbooks:
        raise NotAllowed("this playbook was not shared with you")
