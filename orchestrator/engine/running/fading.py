"""Bringing every score to this hour, slice by slice: nobody else waits long for the database.

Scores fade by one factor, and come anew where something happened since; after a new agreement
all of them come anew. How far a fade has come is stored with each slice.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime, timedelta
from time import perf_counter
from typing import NamedTuple

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from orchestrator.alignment import Agreement
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.scoring import hour_of, rescore
from orchestrator.store.companies import fading as store
from orchestrator.store.companies.fading import LAST, Place, Standing

# A slice holds the write lock for 20 ms or so; a batch of them hears a stop within a second.
SLICES = 10
SCORED = 500  # accounts whose scores fade in one slice
ANEW = 50  # accounts that are weighed anew in one slice
LOOKED = 2_000  # entries of the log, or accounts without a past, that one slice looks past


class Faded(NamedTuple):
    """How many accounts faded and how many scores came out otherwise; whether more are left."""

    counts: Counter[str]
    more: bool


def stale(session: Session, now: datetime) -> bool:
    """Whether the scores are of an earlier hour, or by an earlier agreement; asked all the time."""
    standing, newest = store.ask(session)
    if not newest:
        return False
    return standing is None or _on_its_way(standing, newest, now) is not None


def fade(ctx: Context) -> Faded:
    """Bring some slices of the scores to this hour, or go on where another one stopped.

    Scores never go back in time.
    """
    counts: Counter[str] = Counter(faded=0, rescored=0)
    for _ in range(SLICES):
        began = perf_counter()
        try:
            more = _slice(ctx, counts)
        except OperationalError as error:
            if not store.gave_way(error):
                raise
            more = True
        if not more:
            return Faded(counts, more=False)
        ctx.probe("after_slice")
        # As long a rest as the work was: whoever looks for the lock now and then finds it free.
        time.sleep(perf_counter() - began)
    return Faded(counts, more=True)


def _slice(ctx: Context, counts: Counter[str]) -> bool:
    """One slice in a transaction of its own; whether it was not the last."""
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        standing, newest = store.hold(session, hour_of(now))
        way = _on_its_way(standing, newest or 0, now) if standing else None
        if way is None:
            return False
        moved, done = _moved(session, way)
        store.mark(session, moved, ctx.flow_run_id)
        ctx.probe("in_slice")
    counts.update(done)
    return moved.target is not None


def _on_its_way(standing: Standing, newest: int, now: datetime) -> Standing | None:
    """The way that the scores are on, or the one that they have to take; None: they stay.

    A new agreement begins anew, wherever the last one's way had come to.
    """
    if standing.target and standing.by == newest:
        return standing
    hour = max(standing.as_of, standing.target or standing.as_of, hour_of(now))
    if standing.agreement != newest:
        return Standing(standing.as_of, standing.agreement, hour, newest)
    if hour > standing.as_of:
        looked = Place(standing.as_of, -1)
        return Standing(standing.as_of, standing.agreement, hour, newest, looked=looked)
    return None


def _moved(session: Session, way: Standing) -> tuple[Standing, Counter[str]]:
    """Where the scores stand after the next slice, and what it did."""
    agreed = agreement.current(session)
    if way.looked is None:
        return _weigh(session, way)
    if way.reached < LAST:
        return _multiply(session, way, agreed)
    return _count(session, way, way.looked, agreed)


def _weigh(session: Session, way: Standing) -> tuple[Standing, Counter[str]]:
    """The next accounts by another agreement than before."""
    ids, upto = store.weighty(session, way.reached, ANEW, LOOKED)
    changed = rescore(session, ids, _target(way))
    moved = way._replace(reached=upto) if upto < LAST else way.arrived()
    return moved, Counter(rescored=len(changed))


def _multiply(session: Session, way: Standing, agreed: Agreement) -> tuple[Standing, Counter[str]]:
    """The next scores by the factor of the hours that passed."""
    upto = store.slice_end(session, way.reached, SCORED)
    days = (_target(way) - way.as_of) / timedelta(days=1)
    faded = store.fade(session, way.reached, upto, 0.5 ** (days / agreed.half_life_days))
    return way._replace(reached=upto), Counter(faded=faded)


def _count(
    session: Session, way: Standing, looked: Place, agreed: Agreement
) -> tuple[Standing, Counter[str]]:
    """Accounts where something happened since the old hour: not all of it is as old as that."""
    entries = store.entries(session, agreed.weights, looked, LOOKED)
    ids: set[int] = set()
    for one in entries:
        if one.counts and one.account_id is not None:
            if len(ids) == ANEW and one.account_id not in ids:
                break
            ids.add(one.account_id)
        looked = one.place
    changed = rescore(session, ids, _target(way))
    to_the_end = len(entries) < LOOKED and (not entries or looked == entries[-1].place)
    moved = way.arrived() if to_the_end else way._replace(looked=looked)
    return moved, Counter(rescored=len(changed))


def _target(way: Standing) -> datetime:
    return way.target or way.as_of
