"""A play of the dry run that goes on in another version of its playbook."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TypeVar

from orchestrator import sentences
from orchestrator.planner.moving import CannotMove, begun_for, course_of, runs_after
from orchestrator.simulate.ledger import Ledger
from orchestrator.terms import OpenTask, OpenTouch, OutcomeClass, Party, Plan

_Row = TypeVar("_Row", OpenTask, OpenTouch, Party)


def migrate(
    ledger: Ledger, plan: Plan, names: Mapping[str, str], number: int, now: datetime
) -> None:
    """Move it to version `number`, which is `plan`; CannotMove, and nothing changes, if it must
    not."""
    for stop in ledger.stops:
        if stop.contact_id is None and stop.until is None:
            raise CannotMove(sentences.ending(stop.reason))
    touched = {party.step for party in ledger.parties.values() if party.purpose == "step"}
    runs = begun_for(ledger.runs, touched)
    course = course_of(ledger.plan, plan, names, runs)
    ledger.plan, ledger.runs = course.plan, runs_after(course, runs)
    _close(ledger, course.dropped, sentences.not_in(number), now)
    for touches in (ledger.touches, ledger.drafts, ledger.planned):
        _call(touches, course.names)
    _call(ledger.tasks, course.names)
    _call(ledger.parties, course.names)
    ledger.holders = {
        (seat := course.seats.get(old, old), contact_id): holder._replace(seat=seat)
        for (old, contact_id), holder in ledger.holders.items()
        if old not in course.freed or holder.left_at
    }
    ledger.moved_at = now
    ledger.wake(now)
    title = sentences.called(course.plan)
    ledger.say("moved", "", "", sentences.moved(title, number, course.past), now)


def _close(ledger: Ledger, steps: Collection[str], reason: str, now: datetime) -> None:
    """Whoever was looked for or asked about for a step that is no more need not be."""
    for id_, party in ledger.parties.items():
        if party.step in steps and party.ended_at is None:
            ledger.parties[id_] = party._replace(
                status="cancelled", outcome=OutcomeClass.NOT_DONE, ended_at=now
            )
            ledger.say("task.cancelled", party.step, party.who, reason, now)


def _call(rows: dict[int, _Row], names: Mapping[str, str]) -> None:
    for id_, row in rows.items():
        rows[id_] = row._replace(step=names.get(row.step, row.step))
