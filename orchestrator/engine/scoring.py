"""Engagement: what happened at an account and with each person there, weighed and fading.

Scores are stored as of the last full hour, so that fading is one multiplication for all of them
and comes out as if each had been worked out anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from accounts.scoring import Happening, Score, engagement
from orchestrator.alignment import Agreement
from orchestrator.conditions import Variable, walk
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.store import scoring as store
from orchestrator.terms import Plan

HALF_LIVES = 15  # an activity that old counts a thirty-thousandth
CHUNK = 1_000  # accounts in one transaction
LEAST = 1e-6  # a smaller change is none

_SCORES = frozenset({"account.engagement", "contact.engagement"})


def score_of(session: Session, account_id: int | None, now: datetime) -> Score:
    """An account's engagement right now, with its reasons."""
    if account_id is None:
        return Score(0.0, ())
    agreed = agreement.current(session)
    found = store.happened(session, [account_id], agreed.weights, _since(agreed, now))
    there = found[account_id].all if account_id in found else []
    return engagement(there, now, agreed.weights, agreed.half_life_days)


def reads_scores(plan: Plan) -> bool:
    """Whether one of the plan's conditions asks for an engagement."""
    conditions = (step.when for step in plan.steps if step.when)
    nodes = (node for condition in conditions for node in walk(condition))
    return any(isinstance(node, Variable) and node.path in _SCORES for node in nodes)


def refresh(session: Session, account_ids: Collection[int], now: datetime) -> set[int]:
    """Work out the scores of accounts where something happened; those where one changed."""
    last = store.faded(session)
    return rescore(session, account_ids, last.started_at if last else _hour(now))


def rescore(session: Session, account_ids: Collection[int], as_of: datetime) -> set[int]:
    """Work out the scores of accounts and their people as of an hour; the accounts that changed."""
    agreed = agreement.current(session)
    if not account_ids:
        return set()
    stood = store.standing(session, account_ids)
    found = store.happened(session, account_ids, agreed.weights, _since(agreed, as_of))
    accounts: dict[int, float] = {}
    contacts: dict[int, float] = dict.fromkeys(stood.contacts, 0.0)
    changed: set[int] = set()
    for account_id in stood.accounts:
        happened = found.get(account_id)
        accounts[account_id] = _worth(happened.all if happened else (), agreed, as_of)
        for contact_id, theirs in (happened.by_contact if happened else {}).items():
            contacts[contact_id] = _worth(theirs, agreed, as_of)
        if abs(accounts[account_id] - stood.accounts[account_id]) > LEAST:
            changed.add(account_id)
    store.put(session, _differing(accounts, stood.accounts), _differing(contacts, stood.contacts))
    return changed


def _worth(happened: Iterable[Happening], agreed: Agreement, as_of: datetime) -> float:
    """Ages are whole hours: then the sum fades by one factor an hour, whatever it is made of."""
    hourly = (Happening(one.kind, _hour(one.at)) for one in happened)
    return engagement(hourly, as_of, agreed.weights, agreed.half_life_days).value


def _differing(new: dict[int, float], old: dict[int, float]) -> dict[int, float]:
    return {id_: one for id_, one in new.items() if abs(one - old.get(id_, one)) > LEAST}


# ---------------------------------------------------------------- fading


def stale(session: Session, now: datetime) -> bool:
    """Whether the scores are of an earlier hour, or by an earlier agreement; asked all the time."""
    last = store.as_of(session)
    if not last.newest:
        return False
    known = last.counts is not None and last.counts.get("agreement") == last.newest
    return not known or last.started_at is None or last.started_at < _hour(now)


def fade(ctx: Context) -> Counter[str]:
    """Bring every score to this hour: all by one factor, and anew where something happened.

    A new agreement weighs everything anew. Scores never go back in time.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        last, newest = store.hold(session, _hour(now)), store.newest_agreement(session)
        known = last.counts.get("agreement") == newest
        hours = (_hour(now) - last.started_at) / timedelta(days=1)
        if not known or hours <= 0:
            faded, fresh = 0, store.every_account(session) if not known else []
        else:
            agreed = agreement.current(session)
            faded = store.fade(session, 0.5 ** (hours / agreed.half_life_days))
            fresh = store.stirred(session, agreed.weights, last.started_at)
        if known:
            store.mark(session, max(last.started_at, _hour(now)), newest, ctx.flow_run_id)
    rescored = _rescore(ctx, fresh, _hour(now))
    if not known:  # only now: a crash on the way begins again
        with ctx.db.writing() as session:
            store.mark(session, _hour(now), newest, ctx.flow_run_id)
    return Counter(faded=faded, rescored=rescored)


def _rescore(ctx: Context, account_ids: Sequence[int], as_of: datetime) -> int:
    changed = 0
    for start in range(0, len(account_ids), CHUNK):
        with ctx.db.writing() as session:
            changed += len(rescore(session, account_ids[start : start + CHUNK], as_of))
    return changed


# ---------------------------------------------------------------- hours


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _since(agreed: Agreement, now: datetime) -> datetime:
    return now - HALF_LIVES * timedelta(days=agreed.half_life_days)
