"""A slip of the hand: a task that was closed is opened again, and what its end changed goes back.

The entry that closed the task keeps, as ids and plain values, what it changed: how that stood
before, and how it stood then. Only what still stands so is put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine import scoring
from orchestrator.engine.context import Context
from orchestrator.planner.apply import is_known
from orchestrator.store.companies import log
from orchestrator.store.events.effects import Written
from orchestrator.store.staff.users import Person, person_of
from orchestrator.store.tasks import answers, tasks
from orchestrator.store.tasks import taking_back as store
from orchestrator.store.tasks.taking_back import Changed, Changes
from orchestrator.store.tasks.tasks import Card, Closing

UNDO = timedelta(seconds=10)  # the play moves on after that

_TASK = ("status", "disposition", "outcome", "reason", "note", "ended_at", "done_by", "done_token")
_GONE = "the play has gone on; close the next task, or tell ops"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a closing wrote and what it changed; `task` is as it was before."""

    task: Card
    written: Written
    changed: Changed
    lifted: list[int]
    fences: dict[int, int]

    def data(self) -> dict[str, Any]:
        """As plain values, for the log."""
        return {
            "task": _plain({name: getattr(self.task, name) for name in _TASK}),
            "written": self.written._asdict(),
            "person": _plain_pairs(self.changed.person),
            "account": _plain_pairs(self.changed.account),
            "plays": {str(id_): _plain_pairs(play) for id_, play in self.changed.plays.items()},
            "lifted": self.lifted,
            "fences": {str(id_): fence for id_, fence in self.fences.items()},
        }


def take_back(ctx: Context, session: Session, task: Card, by: Person, token: str) -> None:
    """Open the task again; AbmError if that cannot be."""
    now = ctx.clock.now()
    closing = _closing(session, task, by, token, now)
    mark = closing.data["undo"]
    store.lock(session, task.account_id)
    _refuse_if_gone_on(session, task, closing)
    was = task._replace(**_instants(mark["task"]))
    back = tasks.reopen(session, was, task) and _draft_back(session, task)
    if not back or not _answer_back(session, closing, now):
        raise AbmError(f"{task.title!r} cannot be taken back any more", _GONE)
    back = store.take_back(
        session,
        Written(**mark["written"]),
        _changed(mark),
        account_id=task.account_id,
        contact_id=task.contact_id,
        lifted=mark["lifted"],
        now=now,
    )
    if not back:
        raise _gone_on(task)
    entry = log.entry(
        "task.undone", at=now, account_id=task.account_id, contact_id=task.contact_id,
        enrollment_id=task.enrollment_id, step=task.step, team=by.team, actor_id=by.id,
        text=f"{by.name} took back: {closing.text}", flow_run_id=ctx.flow_run_id, task_id=task.id,
        undone=closing.id,
    )  # fmt: skip
    log.write(session, [entry])
    if task.account_id is not None:
        scoring.refresh(session, [task.account_id], now)


def _closing(session: Session, task: Card, by: Person, token: str, now: datetime) -> Closing:
    if task.done_by is None or task.status == "open":
        raise AbmError(f"{task.title!r} is {task.status}; nobody closed it")
    if task.done_by != by.id or (token and token != task.done_token):
        who = person_of(session, task.done_by)
        raise AbmError(
            f"{who.name if who else 'somebody else'} closed {task.title!r}",
            "only whoever closed it takes it back",
        )
    closing = tasks.last_closing(session, task, now - UNDO)
    if closing is None or closing.kind == "task.undone" or now - closing.at >= UNDO:
        raise AbmError(f"{task.title!r} was closed more than {UNDO.seconds} seconds ago", _GONE)
    return closing


def _refuse_if_gone_on(session: Session, task: Card, closing: Closing) -> None:
    """Whatever was decided or heard since built on the task's end."""
    fences = {str(id_): one for id_, one in store.fences(session, task.account_id).items()}
    moved = fences != closing.data["undo"]["fences"]
    since = store.kinds_since(session, task.account_id, closing.id)
    if moved or any(is_known(kind) for kind in since):
        raise _gone_on(task)


def _gone_on(task: Card) -> AbmError:
    return AbmError(f"something else has happened since {task.title!r} was closed", _GONE)


def _answer_back(session: Session, closing: Closing, now: datetime) -> bool:
    """An answer stays here; False if it is on its way."""
    touch = closing.data.get("answer")
    return touch is None or answers.withdraw(session, touch, now, "taken back before it left")


def _draft_back(session: Session, task: Card) -> bool:
    """An approval's mail waits again; False if it is on its way."""
    if task.purpose != "approve":
        return True
    status = "ready" if task.disposition == "accepted" else "cancelled"
    touch = tasks.draft_of(session, task, status)
    return touch is None or tasks.move_draft(session, touch, None, of=status, to="draft")


# ---------------------------------------------------------------- plain values


def _changed(mark: dict[str, Any]) -> Changed:
    plays = {int(id_): _instant_pairs(play) for id_, play in mark["plays"].items()}
    return Changed(_instant_pairs(mark["person"]), _instant_pairs(mark["account"]), plays)


def _plain_pairs(changes: Changes) -> dict[str, Any]:
    return {name: [*map(_plain_one, pair)] for name, pair in changes.items()}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain_one(value) for name, value in values.items()}


def _plain_one(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _instant_pairs(changes: Changes) -> Changes:
    return {name: [_instant(name, value) for value in pair] for name, pair in changes.items()}


def _instants(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _instant(name, value) for name, value in values.items()}


def _instant(name: str, value: Any) -> Any:
    """Columns of instants end in _at or _until."""
    return datetime.fromisoformat(value) if value and name.endswith(("_at", "_until")) else value
