"""Chosen accounts: nominations, sign-offs, and who of us works on which account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from accounts.records import Account, AccountTeam, Nomination, SignOff
from orchestrator.store.statements import among, insert_new


def nominate(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add nominations; an account stands on a list once. How many were new."""
    return insert_new(session, Nomination, rows)


def nominations(
    session: Session, list_names: Collection[str], *, lock: bool = False
) -> dict[str, list[Nomination]]:
    """The nominations of these lists, in the order in which they were made.

    `lock` lets two signatures under one list wait for each other, so that the second sees both.
    """
    query = select(Nomination).where(among(col(Nomination.list_name), list_names))
    query = query.with_for_update() if lock else query
    found: defaultdict[str, list[Nomination]] = defaultdict(list)
    for one in session.exec(query.order_by(col(Nomination.id))):
        found[one.list_name].append(one)
    return found


def list_names(session: Session) -> list[str]:
    """The names of all lists."""
    return sorted(session.exec(select(Nomination.list_name).distinct()))


def lists_of(session: Session, account_ids: Collection[int]) -> set[str]:
    """The lists on which any of these accounts stands."""
    query = select(Nomination.list_name).where(among(col(Nomination.account_id), account_ids))
    return set(session.exec(query.distinct()))


def sign(session: Session, signature: SignOff) -> None:
    """Store a team's signature; an earlier one of the team under the same list is replaced."""
    values = signature.model_dump(exclude={"id", "list_name", "team"})
    same = col(SignOff.list_name) == signature.list_name, col(SignOff.team) == signature.team
    if not session.connection().execute(update(SignOff).where(*same).values(values)).rowcount:
        session.add(signature)
        session.flush()


def signatures(session: Session, list_names: Collection[str]) -> dict[str, list[SignOff]]:
    """The signatures under these lists."""
    query = select(SignOff).where(among(col(SignOff.list_name), list_names))
    found: defaultdict[str, list[SignOff]] = defaultdict(list)
    for one in session.exec(query):
        found[one.list_name].append(one)
    return found


def make_targets(session: Session, account_ids: Collection[int], stage: str) -> None:
    """Give signed accounts their stage."""
    identified = col(Account.stage) == "identified"
    chosen = among(col(Account.id), account_ids)
    session.connection().execute(update(Account).where(chosen, identified).values(stage=stage))


def tiers(session: Session, account_ids: Collection[int]) -> dict[int, int]:
    """The tiers of these accounts, 0 for none."""
    query = select(Account.id, Account.tier).where(among(col(Account.id), account_ids))
    return {id_: tier for id_, tier in session.exec(query) if id_ is not None}


def set_tiers(session: Session, tiers: Mapping[int, int]) -> None:
    """Give accounts their tiers."""
    for tier in sorted(set(tiers.values())):
        ids = [account_id for account_id, agreed in tiers.items() if agreed == tier]
        of_tier = update(Account).where(among(col(Account.id), ids)).values(tier=tier)
        session.connection().execute(of_tier)


def team_roles(session: Session, account_ids: Collection[int]) -> set[tuple[int, str]]:
    """(account, role) pairs that somebody fills."""
    query = select(col(AccountTeam.account_id), col(AccountTeam.role))
    return set(session.exec(query.where(among(col(AccountTeam.account_id), account_ids))))


def join_teams(session: Session, members: Iterable[tuple[int, str, int]]) -> int:
    """Let users fill (account, role, user) where nobody does; how many did."""
    rows = [dict(zip(("account_id", "role", "user_id"), one, strict=True)) for one in members]
    return insert_new(session, AccountTeam, rows)
