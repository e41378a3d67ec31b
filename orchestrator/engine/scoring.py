"""Engagement: what happened at an account and with each person there, weighed and fading.

Scores are stored as of the last full hour, so that fading is one multiplication for all of them
and comes out as if each had been worked out anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from accounts.scoring import Happening, Score, engagement
from orchestrator.alignment import Agreement
from orchestrator.engine import agreement
from orchestrator.store.companies import scoring as store
from orchestrator.store.companies.fading import share

HALF_LIVES = 15  # an activity that old counts a thirty-thousandth


def score_of(session: Session, account_id: int | None, now: datetime) -> Score:
    """An account's engagement right now, with its reasons."""
    if account_id is None:
        return Score(0.0, ())
    agreed = agreement.current(session)
    found = store.happened(session, [account_id], agreed.weights, since(agreed, now))
    there = found[account_id].all if account_id in found else []
    return engagement(there, now, agreed.weights, agreed.half_life_days)


def refresh(session: Session, account_ids: Collection[int], now: datetime) -> set[int]:
    """Work out the scores of accounts where something happened; those where one changed."""
    if not account_ids:
        return set()
    standing = share(session)
    together: dict[datetime, list[int]] = defaultdict(list)
    for account_id in account_ids:
        together[standing.of(account_id) if standing else hour_of(now)].append(account_id)
    return set().union(*(rescore(session, ids, as_of) for as_of, ids in together.items()))


def rescore(session: Session, account_ids: Collection[int], as_of: datetime) -> set[int]:
    """Work out the scores of accounts and their people as of an hour; the accounts that changed."""
    agreed = agreement.current(session)
    if not account_ids:
        return set()
    stood = store.standing(session, account_ids)
    found = store.happened(session, account_ids, agreed.weights, since(agreed, as_of))
    accounts: dict[int, float] = {}
    contacts: dict[int, float] = dict.fromkeys(stood.contacts, 0.0)
    changed: set[int] = set()
    for account_id in stood.accounts:
        happened = found.get(account_id)
        accounts[account_id] = _worth(happened.all if happened else (), agreed, as_of)
        for contact_id, theirs in (happened.by_contact if happened else {}).items():
            contacts[contact_id] = _worth(theirs, agreed, as_of)
        if abs(accounts[account_id] - stood.accounts[account_id]) > store.LEAST:
            changed.add(account_id)
    store.put(session, _differing(accounts, stood.accounts), _differing(contacts, stood.contacts))
    return changed


def _worth(happened: Iterable[Happening], agreed: Agreement, as_of: datetime) -> float:
    """Ages are whole hours: then the sum fades by one factor an hour, whatever it is made of."""
    hourly = (Happening(one.kind, hour_of(one.at)) for one in happened)
    return engagement(hourly, as_of, agreed.weights, agreed.half_life_days).value


def _differing(new: dict[int, float], old: dict[int, float]) -> dict[int, float]:
    return {id_: one for id_, one in new.items() if abs(one - old.get(id_, one)) > store.LEAST}


# ---------------------------------------------------------------- hours


def hour_of(at: datetime) -> datetime:
    """The full hour that an instant lies in: scores are as of one."""
    return at.replace(minute=0, second=0, microsecond=0)


def since(agreed: Agreement, now: datetime) -> datetime:
    """Before that, what happened counts nothing any more."""
    return now - HALF_LIVES * timedelta(days=agreed.half_life_days)
