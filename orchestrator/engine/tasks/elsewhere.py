"""A touch that somebody made elsewhere: at a fair, on the phone, in a mail of their own.

It becomes a task that is opened and ended in one transaction: so it counts to caps, it stops what
such an end stops, and a slip of the hand is taken back like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.errors import AbmError
from accounts.records import Contact
from orchestrator.engine.context import Context
from orchestrator.engine.tasks.desk import Closed, close_in, member_of
from orchestrator.engine.tasks.dispositions import ELSEWHERE, Said
from orchestrator.records import Task
from orchestrator.store.tasks import tasks as store
from orchestrator.terms import TEAM_OF, Kind

KINDS = {
    "call": "Call",
    "personal_mail": "Mail to",
    "social": "Message to",
    "direct_mail": "Post to",
}
REPEATS = timedelta(days=1)  # the same token within that time is the same touch


@dataclass(frozen=True, slots=True)
class Touched:
    """Whom, how (`KINDS`), and how it ended (a disposition of such a task)."""

    contact_id: int
    kind: str
    disposition: str
    note: str = ""
    until: datetime | None = None
    referral: str = ""


def log_touch(ctx: Context, user: int, said: Touched, token: str = "") -> Closed:
    """Log it as done now. AbmError for nobody, for no such kind, and as `desk.done`.

    Asked again under the same token, it is logged once.
    """
    if said.kind not in KINDS:
        raise AbmError("say how you reached them", f"allowed: {', '.join(KINDS)}")
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        by, person = member_of(session, user), session.get(Contact, said.contact_id)
        if person is None:
            raise AbmError("say whom you reached")
        before = store.ended_under(session, user, token, now - REPEATS) if token else None
        if before is None:
            row = Task(
                account_id=person.account_id, contact_id=person.id, party_key=str(person.id),
                kind=said.kind,
                team=TEAM_OF[Kind(said.kind)] if by.team in ("ops", "admin") else by.team,
                assignee_id=by.id, title=f"{KINDS[said.kind]} {person.name}",
                reason=ELSEWHERE, opened_at=now, flow_run_id=ctx.flow_run_id,
            )  # fmt: skip
            session.add(row)
            session.flush()
            before = row.id
        assert before is not None
        ended = Said(said.disposition, said.note, said.until, said.referral)
        return close_in(ctx, session, before, user, ended, token)
