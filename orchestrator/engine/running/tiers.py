"""A new tier of an account: its plays stay as they began, stop, or begin anew; the log says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from accounts.records import User
from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.store.companies import log
from orchestrator.store.plays import enrolling, holding
from orchestrator.store.plays import targets as store
from orchestrator.store.plays.holding import Play
from orchestrator.terms import Plan


def change_tiers(
    ctx: Context, session: Session, tiers: Mapping[int, int], user: User | None, now: datetime
) -> None:
    """Give accounts the tiers that were agreed (0: none was), and let their plays hear of it."""
    was = store.tiers(session, tiers)
    changed = {id_: tier for id_, tier in tiers.items() if tier and tier != was[id_]}
    if not changed:
        return
    enrolling.lock(session)
    store.set_tiers(session, changed)
    for account_id, tier in sorted(changed.items()):
        running = holding.plays(session, account_id=account_id)
        plans = plans_of(ctx.db).of(session, {one.version_id for one in running})
        _hear(session, [(one, plans[one.version_id]) for one in running], tier, now)
        told = [(sentences.called(plans[o.version_id]), plans[o.version_id]) for o in running]
        words = [sentences.at_new_tier(title, plan.on_tier_change) for title, plan in told]
        line = log.entry(
            "account.tier", at=now, account_id=account_id, team=user.team if user else "engine",
            text="; ".join([sentences.tier_changed(tier, was[account_id]), *words]),
            actor_id=user.id if user else None, flow_run_id=ctx.flow_run_id,
        )  # fmt: skip
        log.write(session, [line])


def _hear(session: Session, running: list[tuple[Play, Plan]], tier: int, now: datetime) -> None:
    """Stop the plays that have begun and whose playbook says so."""
    reason = sentences.new_tier(tier)
    stopped = [
        play
        for play, plan in running
        if plan.on_tier_change and (play.status != "waiting" or play.begun)
    ]
    holding.stop(session, stopped, reason, now)
