"""What ops watches, on each kind of database; what the page makes of it is told in `tests/web`."""

from __future__ import annotations

from datetime import timedelta

from accounts.records import Contact
from orchestrator.engine.events import inbox
from orchestrator.engine.pages import pipeline, watching
from orchestrator.engine.running import retrying
from orchestrator.records import Enrollment, Touch
from orchestrator.store.database import lease_now
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk


def touch(desk: Desk, number: int, **fields: object) -> int:
    """The id of a mail of Dana's to Ann."""
    with desk.ctx.db.writing() as session:
        play, ann = session.get_one(Enrollment, desk.play), session.get_one(Contact, desk.ann)
        row = cast.touch(
            session, play, ann, "insight", occurrence=number, sender_id=desk.dana, **fields
        )
        return row.id or 0


def test_leases_retries_and_mailboxes_are_seen(desk: Desk):
    with desk.ctx.db.writing() as session:
        real = lease_now(session, desk.ctx.clock)
    put_off = touch(desk, 1, attempt=2, reply="451 later", due_at=NOW + timedelta(hours=1))
    gone = touch(desk, 2, attempt=1)
    touch(desk, 3, status="claimed", owner="live", lease_until=real + timedelta(hours=1))
    touch(desk, 4, status="claimed", owner="dead", lease_until=real - timedelta(hours=1))
    came_back = touch(desk, 5, status="sent", intent_at=NOW, ended_at=NOW, bounced_at=NOW)
    payload = {"key": desk.get(Touch, came_back).key}
    inbox.receive(desk.ctx, [RawEvent("esp", "1", "complaint", NOW, payload)])
    assert retrying.give_up(desk.ctx, gone, desk.dana) == "cancelled"
    retrying.try_now(desk.ctx, put_off)
    seen = watching.watch(desk.ctx)
    assert [(one.owner, one.stale) for one in seen.leases] == [("dead", True), ("live", False)]
    assert [(one.id, one.due_at, one.attempt) for one in seen.retries] == [(put_off, NOW, 2)]
    [box] = seen.senders
    assert (box.mailbox, box.today) == ("dana@us.example", 1)
    assert [(one.bounced, one.complained) for one in box.spans] == [((1, 1), (1, 1))] * 2
    assert box.failure
    assert box.failure.at == NOW


def test_the_pipeline_is_told_by_the_log(desk: Desk):
    payload = {"email": "ann.archer@acme.example", "stage": "proposal", "amount": 12.5}
    inbox.receive(desk.ctx, [RawEvent("crm", "1", "opportunity", NOW, payload)])
    [stage] = pipeline.pipeline(desk.ctx).stages
    assert (stage.name, stage.number, str(stage.amount)) == ("proposal", 1, "12.50")
