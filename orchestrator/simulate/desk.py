"""What closing a task does to the ledger: the desk of the dry run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from orchestrator.planner.closing import event_of
from orchestrator.simulate.ledger import Ledger, contact_of, reaches
from orchestrator.terms import OUTCOME_OF_DISPOSITION, Event, OpenTask, OutcomeClass, StopMark

UNDO = timedelta(seconds=10)  # a closed task wakes its play only then


def close(
    ledger: Ledger, task_id: int, disposition: str, now: datetime, *,
    until: datetime | None = None, referral: str = "", address: str = "", by: str = "rep",
) -> None:  # fmt: skip
    """End an open task; its stops bind now, the play moves on ten seconds later."""
    party, task = ledger.parties[task_id], ledger.tasks[task_id]
    if party.status != "open":
        return
    outcome = OUTCOME_OF_DISPOSITION[disposition]
    ledger.parties[task_id] = party._replace(
        status="skipped" if disposition == "skipped" else "done",
        outcome=party.outcome if party.ended_at else outcome,
        ended_at=party.ended_at or now,
    )
    if reaches(task.kind, task.purpose) and not party.ended_at:
        ledger.reach(party.who, outcome, now)
    kind = event_of(disposition)
    if kind and task.purpose == "reply":
        _retract(ledger, contact_of(task.who), task.opened_at, now)
    if kind:
        ledger.play(Event(kind, now, contact_of(task.who), until, referral, task.step, by), now)
    if task.purpose == "approve":
        _answer_draft(ledger, task, disposition, now)
    if address:
        _found(ledger, task, address)
    ledger.wake(now + UNDO)


def _retract(ledger: Ledger, contact_id: int | None, since: datetime, now: datetime) -> None:
    """A rep who read the reply knows better what it meant: its effects give way."""
    if contact_id is None:
        return
    said = {s.reason for s in ledger.stops if s.contact_id == contact_id and s.at >= since}
    ledger.stops = [stop for stop in ledger.stops if not _wrong(stop, contact_id, since, said)]
    if ledger.goal_at and ledger.goal_at >= since and ledger.goal.startswith("reply"):
        ledger.goal_at, ledger.goal = None, ""
    account, person = ledger.facts.account, ledger.person(contact_id)
    if account.pause_reason in said:
        account = account._replace(paused_until=None, pause_reason="")
        ledger.facts = ledger.facts._replace(account=account)
    if ledger.status == "paused" and ledger.reason in said:
        ledger.go_on(now)
    if person and ledger.left.get(contact_id) in said:
        ledger.learn(person._replace(left_at=None))


def _answer_draft(ledger: Ledger, task: OpenTask, disposition: str, now: datetime) -> None:
    for id_, touch in list(ledger.drafts.items()):
        party = ledger.parties[id_]
        if (party.step, party.who, party.occurrence) != (task.step, task.who, task.occurrence):
            continue
        del ledger.drafts[id_]
        if disposition == "accepted":
            due_at = max(touch.due_at, now + UNDO)
            ledger.touches[id_] = touch._replace(status="ready", due_at=due_at)
            ledger.parties[id_] = party._replace(status="ready", due_at=due_at)
        else:
            ledger.parties[id_] = party._replace(
                status="cancelled", outcome=OutcomeClass.NOT_DONE, ended_at=now
            )


def _found(ledger: Ledger, task: OpenTask, address: str) -> None:
    """`address` names the kind: email, phone, social."""
    person = ledger.person(contact_of(task.who))
    if person:
        ledger.learn(person._replace(addresses=person.addresses | {address}))


def _wrong(stop: StopMark, contact_id: int, since: datetime, said: Collection[str]) -> bool:
    """Whether a stop came of the reply that was misread."""
    if stop.contact_id is None:
        return stop.at >= since and stop.reason in said
    return stop.contact_id == contact_id and (stop.until is None or stop.at >= since)
