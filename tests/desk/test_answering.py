"""An answer to a reply, on each kind of database; the pages' tests say what it looks like."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from orchestrator.channels.maildir import Maildir
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.tasks import desk as use
from orchestrator.engine.tasks.at_hand import at_hand
from orchestrator.engine.tasks.feedback import Feedback, give, given
from orchestrator.engine.tasks.newcomers import Newcomer, add_person
from orchestrator.engine.tasks.postponing import postpone
from orchestrator.engine.tasks.sheets import sheet
from orchestrator.engine.tasks.teamwork import desks
from orchestrator.records import Task, Touch
from orchestrator.terms import RawEvent
from tests.support.cast import NOW
from tests.support.desk import Desk


def test_an_answer_leaves_once_its_task_cannot_be_taken_back(desk: Desk, tmp_path: Path):
    desk.ctx.channels["email"] = Maildir("us.example", tmp_path / "mail")  # type: ignore[index]
    said = {"email": "ann.archer@acme.example", "subject": "Hm", "message_id": "<1@acme.example>"}
    receive(desk.ctx, [RawEvent("mail", "1", "reply.unclear", NOW, said)])
    (task,) = [one.id for one in desk.all(Task)]
    reply = sheet(desk.ctx, task).reply
    assert reply
    assert (reply.subject, reply.message_id) == ("Re: Hm", "<1@acme.example>")
    use.done(desk.ctx, task, desk.dana, "interested", "t", answer="Gladly.", subject="Re: Hm")
    use.undo(desk.ctx, task, desk.dana, "t")
    use.done(desk.ctx, task, desk.dana, "interested", "u", answer="Gladly!", subject="Re: Hm")
    desk.clock.advance(timedelta(seconds=11))
    assert deliver(desk.ctx).counts == {"sent": 1}
    assert sorted(one.status for one in desk.all(Touch)) == ["cancelled", "sent"]


def test_what_a_desk_can_do_beside_ending_a_task(desk: Desk):
    """One walk on each kind of database: put off, add somebody, tell, see the team's load."""
    task, other = desk.task(due_at=NOW - timedelta(hours=1)), desk.task(desk.bob)
    postpone(desk.ctx, task, desk.dana, NOW + timedelta(days=2), agreed=True)
    found = at_hand(desk.ctx, desk.dana, NOW)
    assert [one.id for one in found.later] == [task]
    assert [one.id for one in found.tasks] == [other]
    assert found.left[:2] == (1, 1)
    robin = Newcomer("Robin Sand", email="robin@acme.example")
    assert not add_person(desk.ctx, desk.acme, desk.dana, robin).known
    assert add_person(desk.ctx, desk.acme, desk.dana, robin).known
    use.done(desk.ctx, other, desk.dana, "connected")
    closed = use.task(desk.ctx, other)
    assert closed
    give(desk.ctx, other, desk.dana, Feedback(landed="no"))
    assert given(desk.ctx, closed)
    load = {one.name: (one.open, one.late) for one in desks(desk.ctx, "sales")}
    assert load == {"the queue of sales": (0, 0), "Dana": (1, 0), "Sam": (0, 0)}
