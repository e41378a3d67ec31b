"""Events whose company a person has named: they waited in the inbox and are applied now, once.

The answer marks them in its own transaction, so that none is lost; what is marked is taken here,
right after the answer or by the next pass.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy.exc import InterfaceError, OperationalError

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import CHUNK, apply_told
from orchestrator.engine.events.understanding import understand_again
from orchestrator.store.events import inbox as store
from orchestrator.store.events.inbox import Waiting
from orchestrator.terms import RawEvent

logger = logging.getLogger(__name__)


def reopen(ctx: Context) -> int:
    """Apply every event that is marked; how many. What another process has taken is left to it."""
    done = 0
    while number := _apply(ctx, _marked(ctx)):
        done += number
    return done


def _marked(ctx: Context) -> Sequence[int]:
    with ctx.db.reading() as session:
        return store.to_apply(session, CHUNK)


def _apply(ctx: Context, ids: Sequence[int]) -> int:
    """Apply events; one that breaks us is set aside alone, so that it stops no other."""
    try:
        return _apply_all(ctx, ids) if ids else 0
    except (AbmError, OperationalError, InterfaceError):
        raise  # the database is away or busy: they stay marked
    except Exception as error:
        if len(ids) > 1:
            half = len(ids) // 2
            return _apply(ctx, ids[:half]) + _apply(ctx, ids[half:])
        logger.exception("event %d cannot be applied", ids[0])
        return _set_aside(ctx, ids[0], f"{type(error).__name__}: {error}"[:500])


def _apply_all(ctx: Context, ids: Sequence[int]) -> int:
    with ctx.db.writing() as session:
        waiting = store.take(session, ids)
        said = [(one.id, understand_again(_raw(one), one.received_at)) for one in waiting]
        apply_told(ctx, session, said, {one.id: one.account_id for one in waiting})
        ctx.probe("in_reopening")
    return len(waiting)


def _raw(one: Waiting) -> RawEvent:
    return RawEvent(one.source, one.source_id, one.kind, one.at, one.payload)


def _set_aside(ctx: Context, id_: int, why: str) -> int:
    """Back among what nothing was done with, where people see it."""
    with ctx.db.writing() as session:
        return store.refuse(session, id_, why)
