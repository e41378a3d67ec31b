"""What an agency may look at: accounts and playbooks that were shared with one of its people.

Nobody else needs a share: all other teams read every account. An agency sees nothing but these and
its own tasks, and of an account how its people are reached only where that was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.nearest import nearest
from orchestrator.engine import reading
from orchestrator.engine.context import Context
from orchestrator.engine.staff.users import find, user_id
from orchestrator.store.companies import people
from orchestrator.store.plays import plays
from orchestrator.store.staff import shares
from orchestrator.store.staff.shares import Shared

AGENCY = "agency"


@dataclass(frozen=True, slots=True)
class Reach:
    """What somebody may look at: account -> whether with its addresses; and names of playbooks."""

    accounts: Mapping[int, bool] = field(default_factory=dict)
    playbooks: frozenset[str] = frozenset()


def share(
    ctx: Context, name: str, *, accounts: Sequence[str] = (), playbooks: Sequence[str] = (),
    addresses: bool = False,
) -> list[str]:  # fmt: skip
    """Let somebody of an agency look at these accounts, each named by its id, domain or name, and
    at these playbooks: their steps and counts, but none of their accounts. The names of all.

    AbmError if anything is unknown, if nothing is named, and for a user who sees every account
    anyway; then nothing is shared.
    """
    if not accounts and not playbooks:
        raise AbmError("say which account, or which playbook")
    with ctx.db.writing() as session:
        user, now = _of_agency(session, name), ctx.clock.now()
        found = [reading.find_account(session, said) for said in accounts]
        known = plays.playbook_names(session)
        if strange := [said for said in playbooks if said not in known]:
            raise AbmError(f"there is no playbook {strange[0]!r}", nearest(strange[0], known))
        for one in found:
            shares.put(session, user, {"account_id": one.id, "addresses": addresses}, now)
        for said in playbooks:
            shares.put(session, user, {"playbook": said}, now)
        return [one.name for one in found] + list(playbooks)


def unshare(ctx: Context, name: str, share_id: int) -> None:
    """Take one of them away again; AbmError if the user has it not."""
    with ctx.db.writing() as session:
        if not shares.drop(session, user_id(session, name), share_id):
            raise AbmError(f"{name} was not given {share_id}", "`abm user shares` shows all")


def shared(ctx: Context, name: str) -> list[Shared]:
    """All that somebody was given: playbooks, then accounts, by name."""
    with ctx.db.reading() as session:
        return shares.of(session, user_id(session, name))


def reach(ctx: Context, who: int) -> Reach:
    """What somebody may look at; with an account that was merged, where it lives on, too."""
    with ctx.db.reading() as session:
        found = shares.of(session, who)
        ids = [one.account_id for one in found if one.account_id]
        heads = people.heads(session, ids)
    accounts: dict[int, bool] = {}
    for one in found:
        if one.account_id:
            for id_ in (one.account_id, heads.get(one.account_id, one.account_id)):
                accounts[id_] = accounts.get(id_, False) or one.addresses
    return Reach(accounts, frozenset(one.playbook for one in found if one.playbook))


def _of_agency(session: Session, name: str) -> int:
    user = find(session, name)
    if user.team != AGENCY:
        raise AbmError(f"{user.name} works in {user.team}, which sees every account",
                       "only people of an agency are given single ones")  # fmt: skip
    assert user.id is not None
    return user.id
