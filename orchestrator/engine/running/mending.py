"""What a person must mend: a message with a hole in it is never sent, and never forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.engine.running.letters import Rejected
from orchestrator.engine.running.outcomes import DEADLY
from orchestrator.engine.staff.assigning import assign
from orchestrator.engine.staff.leave import on_duty
from orchestrator.records import Task
from orchestrator.store.companies import log
from orchestrator.store.running.outgoing import Claimed
from orchestrator.store.staff.rosters import Colleague
from orchestrator.store.statements import insert_new
from orchestrator.terms import TEAM_OF, Kind


def killing(touch: Claimed) -> Rejected:
    """What processes die of cannot become a message, either."""
    hint = "look at its words and at what they say of the person; the runs' log tells more"
    return Rejected(touch, "", AbmError(DEADLY, hint))


def review(session: Session, rejected: Sequence[Rejected], *, now: datetime, run: str) -> None:
    """Open a task for each message that could not be written, with the reason."""
    if not rejected:
        return
    colleagues = on_duty(session, now)
    rows = [_review_of(one, now, run, colleagues) for one in rejected]
    insert_new(session, Task, rows)
    log.write(session, [_opened(one, now, run) for one in rejected])


def _review_of(
    one: Rejected, now: datetime, run: str, colleagues: Sequence[Colleague]
) -> dict[str, Any]:
    touch, team = one.touch, TEAM_OF[Kind(one.touch.channel)]
    return {
        "enrollment_id": touch.enrollment_id,
        "account_id": touch.account_id,
        "contact_id": touch.contact_id,
        "step": touch.step,
        "party_key": touch.party_key,
        "occurrence": touch.occurrence,
        "purpose": "review",
        "kind": Kind.TODO,
        "team": team,
        "assignee_id": assign(touch.account_id, "", team, (), colleagues),
        "title": _title(one),
        "body": str(one.error),
        "template": touch.template,
        "variant": touch.variant,
        "status": "open",
        "reason": one.error.reason,
        "disposition": "",
        "outcome": "",
        "note": "",
        "opened_at": now,
        "done_token": "",
        "overdue": 0,
        "flow_run_id": run,
    }


def _opened(one: Rejected, now: datetime, run: str) -> dict[str, Any]:
    team = TEAM_OF[Kind(one.touch.channel)]
    return log.about(
        one.touch, "task.opened", at=now, text=_title(one), team=team, flow_run_id=run,
        purpose="review",
    )  # fmt: skip


def _title(one: Rejected) -> str:
    return f"Mend {one.touch.step}: it could not be sent"
