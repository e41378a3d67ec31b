"""Enroll whom nobody enrolls by hand: who comes back after a time, and who raised a hand.

They are asked what everybody is asked who is enrolled, in the version that is the newest then; a
refusal stands on the log of the account with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from orchestrator import sentences
from orchestrator.engine.context import Context
from orchestrator.engine.plays.enrolling import Desk, Entry, current
from orchestrator.planner.beginning import why_not_again
from orchestrator.planner.coming_back import why_not
from orchestrator.store.companies import log, people
from orchestrator.store.plays import enrolling
from orchestrator.store.running import inviting as store
from orchestrator.store.running.inviting import Invited
from orchestrator.terms import Plan

BATCH = 500


def enroll_invited(ctx: Context, now: datetime, limit: int = BATCH) -> tuple[int, bool]:
    """Enroll up to `limit` accounts whose time has come; how many were, and whether there may be
    more."""
    with ctx.db.writing() as session:
        enrolling.lock(session)
        found = store.due(session, now, limit)
        heads = people.heads(session, {one.account_id for one in found})
        by_playbook: defaultdict[str, list[Invited]] = defaultdict(list)
        for one in found:
            here = one._replace(account_id=heads.get(one.account_id, one.account_id))
            by_playbook[here.playbook].append(here)
        enrolled = sum(_enroll(ctx, session, invited, now) for invited in by_playbook.values())
        store.answered(session, [one.id for one in found])
    return enrolled, len(found) == limit


def _enroll(ctx: Context, session: Session, invited: Sequence[Invited], now: datetime) -> int:
    """Enroll those of one playbook, each account once; how many were."""
    version_id, _, plan = current(ctx, session, invited[0].playbook)
    asked, refused = dict[int, Invited](), list[tuple[Invited, str]]()
    ended = store.ended(session, plan.name, {one.account_id for one in invited})
    for one in invited:
        if why := _why_not(plan, one, ended.get(one.account_id), now):
            refused.append((one, why))
        else:
            asked.setdefault(one.account_id, one)
    desk = Desk(session, plan, list(asked), now)
    desk.write(ctx, session, version_id, None, _entries(asked))
    refused += [
        (asked[one.account_id], one.reason)
        for one in desk.refused
        # A signal of an account that runs it already is that play's own business.
        if one.rule != "running" or asked[one.account_id].round != 1
    ]
    _tell(ctx, session, plan, refused, now)
    return len(desk.chosen)


def _why_not(plan: Plan, one: Invited, ended_at: datetime | None, now: datetime) -> str:
    """Why the newest version does not want it, or not yet."""
    if one.round == 1:
        return why_not_again(plan, ended_at, now)
    return why_not(plan, one.round) if one.round else ""


def _entries(asked: Mapping[int, Invited]) -> Mapping[int, Entry]:
    return {id_: Entry(one.because, max(one.round, 1)) for id_, one in asked.items()}


def _tell(
    ctx: Context, session: Session, plan: Plan, refused: Iterable[tuple[Invited, str]],
    now: datetime,
) -> None:  # fmt: skip
    title = sentences.called(plan)
    lines = [
        log.entry(
            "not_enrolled", at=now, account_id=one.account_id, team="engine",
            text=sentences.not_enrolled(title, one.because, reason),
            flow_run_id=ctx.flow_run_id, playbook=plan.name,
        )
        for one, reason in refused
    ]  # fmt: skip
    log.write(session, lines)
