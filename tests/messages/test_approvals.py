"""`approve: rep`: what a person said yes to is what leaves, to the byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.engine.running import approvals, letters
from orchestrator.engine.running.advancing import advance_all
from orchestrator.engine.running.delivering import deliver
from orchestrator.engine.tasks import desk
from orchestrator.engine.ticking import busy, due, tick
from orchestrator.records import Activity, Body, Enrollment, Task, Touch
from orchestrator.terms import Plan
from tests.messages.conftest import House, Write, post
from tests.planner.plans import plan, step
from tests.support import cast

MAIL = "Hi {{ contact.first_name }} of {{ account.name }}, ä\n\n[no more]({{ unsubscribe }})\n"


def approved_plan() -> Plan:
    return plan(step("insight", "email", "champion", variants=("insight",), approve="rep"))


def planned(ctx: Context, *, first_name: str = "Ann") -> None:
    """A play whose mail to Ann waits for Sam's yes."""
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        cast.person(session, acme, "Ann Archer", first_name=first_name, role="champion")
        cast.user(session, "sam", "marketing")
        version = cast.version(session, approved_plan())
        play = {"next_due_at": cast.NOW, "activated_at": cast.NOW}
        cast.enrolled(session, acme, version, **play)
    assert advance_all(ctx).decided == 1


def only(session: Session) -> tuple[Touch, Task]:
    task = session.exec(select(Task).where(col(Task.purpose) == "approve")).one()
    return session.exec(select(Touch)).one(), task


@pytest.fixture
def template(write: Write) -> str:
    return write(MAIL, "email/insight", subject="At {{ account.name }}")


def test_a_draft_is_written_when_it_is_planned_and_shown_in_its_task(house: House, template: str):
    ctx = house()
    planned(ctx)
    assert busy(ctx, "advance")
    assert tick(ctx, "advance").counts["frozen"] == 1
    assert not busy(ctx, "advance")
    with ctx.db.reading() as session:
        touch, task = only(session)
    assert touch.status == "draft"
    assert (task.status, task.team) == ("open", "marketing")
    assert task.body == (
        "From: My workspace <team@us.example>\nTo: Ann Archer <ann.archer@acme.example>\n"
        "Subject: At Acme\n\nHi Ann of Acme, ä\n\n"
        "no more (mailto:team@us.example?subject=unsubscribe)"
    )
    assert deliver(ctx).claimed == 0
    assert post(ctx) == []


def test_what_leaves_is_what_was_shown_whatever_changed_since(
    migrated_url: str, house: House, write: Write, template: str
):
    ctx = house(migrated_url)
    planned(ctx)
    assert approvals.freeze_drafts(ctx) == 1
    with ctx.db.reading() as session:
        frozen = session.exec(select(Body)).one().content
    write("Something else", "email/insight", subject="Something else")
    with ctx.db.writing() as session:
        touch, _ = only(session)
        assert touch.id is not None
        assert approvals.release(session, touch.id, cast.NOW)
        assert not approvals.release(session, touch.id, cast.NOW)
    assert deliver(ctx).counts == {"sent": 1}
    (file,) = ctx.settings.maildir.glob("new/*")
    assert file.read_bytes() == frozen


def test_a_yes_at_the_desk_lets_it_go(house: House, template: str):
    ctx = house()
    planned(ctx)
    approvals.freeze_drafts(ctx)
    with ctx.db.reading() as session:
        _, task = only(session)
        sam = task.assignee_id
    assert task.id is not None
    assert sam is not None
    desk.done(ctx, task.id, sam, "accepted")
    later = cast.NOW + timedelta(minutes=1)
    ctx.clock.set(later)  # type: ignore[attr-defined]
    assert deliver(ctx).counts == {"sent": 1}
    assert [mail["Subject"] for mail in post(ctx)] == ["At Acme"]


def test_nothing_is_released_that_nobody_can_have_read(house: House, template: str):
    ctx = house()
    planned(ctx)
    with ctx.db.writing() as session:
        touch, _ = only(session)
        assert touch.id is not None
        with pytest.raises(AbmError, match="not written yet"):
            approvals.release(session, touch.id, cast.NOW)
        assert not approvals.release(session, touch.id + 1, cast.NOW)


def test_a_draft_that_cannot_be_written_never_leaves_and_asks_for_a_mend(
    house: House, template: str
):
    ctx = house()
    planned(ctx, first_name="")
    assert "freeze" in due(ctx)
    assert approvals.freeze_drafts(ctx) == 1
    assert "freeze" not in due(ctx)
    with ctx.db.reading() as session:
        touch, task = only(session)
        mend = session.exec(select(Task).where(col(Task.purpose) == "review")).one()
        lines = session.exec(select(Activity.text)).all()
        play = session.exec(select(Enrollment)).one()
    reason = "template email/insight, line 4: contact.first_name has no value"
    assert (touch.status, touch.reason, touch.ended_at) == ("cancelled", reason, cast.NOW)
    assert (task.status, task.reason) == ("cancelled", reason)
    assert (mend.status, mend.title) == ("open", "Mend insight: it could not be sent")
    assert reason in mend.body
    assert f"insight: not sent, {reason}" in lines
    assert play.next_due_at == cast.NOW
    advance_all(ctx)
    with ctx.db.reading() as session:
        assert session.exec(select(Enrollment)).one().status == "ended"


def test_two_passes_at_once_write_a_draft_once(
    house: House, template: str, monkeypatch: pytest.MonkeyPatch
):
    ctx = house()
    planned(ctx)
    compose = letters.compose

    def meanwhile(*args: object) -> object:
        monkeypatch.setattr(approvals, "compose", compose)
        assert approvals.freeze_drafts(ctx) == 0
        return compose(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(approvals, "compose", meanwhile)
    assert approvals.freeze_drafts(ctx) == 1
    with ctx.db.reading() as session:
        assert len(session.exec(select(Body)).all()) == 1


def test_a_draft_that_was_cancelled_meanwhile_stays_so(
    house: House, template: str, monkeypatch: pytest.MonkeyPatch
):
    ctx = house()
    planned(ctx, first_name="")
    compose: Callable[..., object] = letters.compose

    def meanwhile(*args: object) -> object:
        with ctx.db.writing() as session:
            only(session)[0].status = "cancelled"
        return compose(*args)

    monkeypatch.setattr(approvals, "compose", meanwhile)
    assert approvals.freeze_drafts(ctx) == 0
    with ctx.db.reading() as session:
        assert session.exec(select(Task).where(col(Task.purpose) == "review")).all() == []


def test_a_draft_that_breaks_its_writer_holds_up_no_other(
    house: House, template: str, monkeypatch: pytest.MonkeyPatch
):
    ctx = house()
    planned(ctx)
    monkeypatch.setattr(letters, "facts_of", lambda *_: 1 / 0)
    assert approvals.freeze_drafts(ctx) == 1
    with ctx.db.reading() as session:
        touch, task = only(session)
    assert touch.status == task.status == "cancelled"
    assert touch.reason == "it could not be written"


def test_the_question_stands_in_the_queue_with_the_day_by_which_it_wants_its_answer(
    house: House, template: str
):
    ctx = house()
    planned(ctx)
    approvals.freeze_drafts(ctx)
    with ctx.db.reading() as session:
        _, task = only(session)
    assert task.assignee_id is not None
    (card,) = desk.queue(ctx, task.assignee_id)
    assert card.due_at == cast.NOW + timedelta(days=2)  # two business days, Tuesday to Thursday
    assert due(ctx) == frozenset()


@pytest.mark.parametrize("approve_late", [False, True])
def test_what_nobody_approved_in_time_never_leaves_and_the_play_goes_on(
    migrated_url: str, house: House, template: str, approve_late: bool
):
    ctx = house(migrated_url)
    planned(ctx)
    approvals.freeze_drafts(ctx)
    asked = cast.NOW + timedelta(days=2)
    with ctx.db.reading() as session:
        _, task = only(session)
        play = session.exec(select(Enrollment)).one()
    assert play.next_due_at == asked
    ctx.clock.set(asked + timedelta(hours=3))  # type: ignore[attr-defined]
    advance_all(ctx)
    if approve_late:
        assert task.id is not None
        assert task.assignee_id is not None
        with pytest.raises(AbmError):
            desk.done(ctx, task.id, task.assignee_id, "accepted")
    assert deliver(ctx).claimed == 0
    reason = "nobody approved it in time"
    with ctx.db.reading() as session:
        touch, task = only(session)
        lines = session.exec(select(Activity.text)).all()
        play = session.exec(select(Enrollment)).one()
    assert (touch.status, touch.reason, touch.ended_at) == ("cancelled", reason, asked)
    assert (task.status, task.reason, task.ended_at) == ("skipped", reason, asked)
    assert f"insight: {reason}" in lines
    assert (play.status, play.outcome) == ("ended", "completed")
    assert post(ctx) == []
