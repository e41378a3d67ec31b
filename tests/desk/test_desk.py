"""Work at the desk: closing, skipping, handing over, taking back; whose word counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from accounts.errors import AbmError
from accounts.records import Account, Contact, Suppression
from orchestrator.engine.context import Context
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.plays import holding
from orchestrator.engine.running.advancing import advance
from orchestrator.engine.tasks import desk as use
from orchestrator.records import Activity, Enrollment, Task, Touch
from orchestrator.records.outgoing import Body
from orchestrator.terms import OUTCOME_OF_DISPOSITION, RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk, the_plan

SECOND = timedelta(seconds=1)


# ---------------------------------------------------------------- the queue


def test_the_queue_shows_what_is_mine_or_my_team_s_the_most_urgent_first(desk: Desk):
    later = desk.task(title="later", due_at=NOW + timedelta(days=2))
    soon = desk.task(title="soon", due_at=NOW, step="b")
    shared = desk.task(title="shared", due_at=NOW + timedelta(days=1), assignee_id=None, step="c")
    whenever = desk.task(title="whenever", step="d")
    desk.task(title="of Sam", assignee_id=desk.users["sam"], step="e")
    desk.task(title="of marketing", team="marketing", assignee_id=None, step="f")
    desk.task(title="closed", status="done", step="g")
    assert [one.id for one in use.queue(desk.ctx, desk.dana)] == [soon, shared, later, whenever]
    assert len(use.queue(desk.ctx)) == 6


# ---------------------------------------------------------------- closing


def test_a_closed_task_keeps_who_when_how_and_the_note(desk: Desk):
    task = desk.task()
    closed = use.done(desk.ctx, task, desk.dana, "connected", note="wants the study")
    row = desk.get(Task, task)
    assert (row.status, row.disposition, row.outcome) == ("done", "connected", "reached")
    assert (row.done_by, row.ended_at, row.note) == (desk.dana, NOW, "wants the study")
    assert (closed.by, closed.undo_until) == ("dana", NOW + 10 * SECOND)
    (entry,) = desk.all(Activity)
    assert entry.kind == "task.done"
    assert entry.data["task_id"] == task
    assert "wants the study" in entry.text


def test_what_nobody_can_say_of_a_task_is_refused_with_what_can(desk: Desk):
    task = desk.task()
    for said, hint in (
        ("conected", "did you mean 'connected'?"),
        ("done; --", "did you mean 'done'?"),
        ("", "known are "),
        ("accepted", "known are "),
        ("x" * 9_999, "known are "),
    ):
        with pytest.raises(AbmError) as failed:
            use.done(desk.ctx, task, desk.dana, said)
        assert failed.value.hint.startswith(hint)
    assert desk.get(Task, task).status == "open"


def test_every_disposition_ends_some_task_in_its_class(desk: Desk):
    for disposition in sorted(set(OUTCOME_OF_DISPOSITION) - {"skipped"}):
        answers = disposition in ("accepted", "declined")
        task = desk.task(purpose="hand_off" if answers else "step", step=disposition)
        use.done(desk.ctx, task, desk.dana, disposition, referral="Cleo Case", note="because")
        row = desk.get(Task, task)
        assert (row.disposition, row.outcome) == (disposition, OUTCOME_OF_DISPOSITION[disposition])


def test_a_refusal_to_take_over_says_why(desk: Desk):
    task = desk.task(purpose="hand_off", kind="hand_off")
    with pytest.raises(AbmError, match="says why"):
        use.done(desk.ctx, task, desk.dana, "declined")


def test_dates_names_and_addresses_belong_to_their_dispositions(desk: Desk):
    task = desk.task()
    for said in (
        {"disposition": "referral"},
        {"disposition": "connected", "until": NOW + timedelta(days=9)},
        {"disposition": "not_now", "until": NOW - timedelta(days=9)},
        {"disposition": "done", "address": "ann@acme.example"},
    ):
        with pytest.raises(AbmError):
            use.done(desk.ctx, task, desk.dana, **said)
    assert desk.kinds() == []


# ---------------------------------------------------------------- what it leads to


def test_the_play_moves_on_ten_seconds_later(desk: Desk):
    use.done(desk.ctx, desk.task(), desk.dana, "connected")
    assert advance(desk.ctx, woken=True).decided == 0
    desk.clock.advance(10 * SECOND)
    assert advance(desk.ctx, woken=True).decided == 1


def test_a_meeting_stops_the_account_at_once_and_asks_sales_to_take_over(desk: Desk):
    use.done(desk.ctx, desk.task(), desk.dana, "meeting_booked", note="Tuesday, 10:00")
    assert desk.stops() == {(None, desk.play)}
    assert desk.play_now().stop_reason == "Ann Archer booked a meeting"
    assert desk.play_now().next_due_at == NOW + 10 * SECOND
    assert desk.open_tasks() == [("hand_off", "Take over Acme")]
    assert desk.kinds() == ["task.opened", "meeting_booked", "task.done"]
    assert any("dana noted it" in one.text for one in desk.all(Activity))


def test_who_wants_no_more_contact_gets_none_from_this_second_on(desk: Desk):
    use.done(desk.ctx, desk.task(), desk.dana, "do_not_contact")
    assert desk.stops() == {(desk.ann, desk.play)}
    assert desk.get(Contact, desk.ann).consent == "refused"
    assert [one.value for one in desk.all(Suppression)] == ["ann.archer@acme.example"]


def test_not_now_lets_the_account_rest_until_the_day_that_was_named(desk: Desk):
    until = NOW + timedelta(days=40)
    use.done(desk.ctx, desk.task(), desk.dana, "not_now", until=until)
    assert desk.get(Account, desk.acme).paused_until == until
    assert desk.play_now().status == "paused"
    assert desk.play_now().next_due_at == until


def test_left_wrong_person_and_referral_concern_the_person_alone(desk: Desk):
    for person, disposition in ((desk.ann, "left_company"), (desk.bob, "wrong_person")):
        task = desk.task(person)
        use.done(desk.ctx, task, desk.dana, disposition)
        assert desk.get(Contact, person).left_at == NOW
    assert desk.stops() == {(desk.ann, desk.play), (desk.bob, desk.play)}
    use.done(desk.ctx, desk.task(step="x"), desk.dana, "referral", referral="Cleo Case")
    assert ("add_person", "Add Cleo Case: Ann Archer says to ask there") in desk.open_tasks()


def test_a_legal_demand_binds_every_play_of_the_account(desk: Desk):
    use.done(desk.ctx, desk.task(), desk.dana, "legal")
    assert (None, None) in desk.stops()
    assert {one.scope for one in desk.all(Suppression)} == {"address", "account"}


def test_an_account_that_does_not_fit_is_left_alone(desk: Desk):
    use.done(desk.ctx, desk.task(), desk.dana, "bad_fit")
    assert desk.stops() == {(None, desk.play)}


def test_a_task_that_the_play_passed_over_keeps_the_end_that_the_play_went_on_from(desk: Desk):
    ended = NOW - timedelta(days=1)
    task = desk.task(ended_at=ended, outcome="not_done", overdue=2)
    use.done(desk.ctx, task, desk.dana, "connected")
    row = desk.get(Task, task)
    assert (row.status, row.outcome, row.ended_at) == ("done", "not_done", ended)


# ---------------------------------------------------------------- searches, yes and no


def test_what_a_search_finds_stands_on_the_contact(desk: Desk):
    task = desk.task(desk.bob, purpose="find", kind="todo", step="ring")
    closed = use.done(desk.ctx, task, desk.dana, "done", address="030 / 98 76 54 32")
    assert desk.get(Contact, desk.bob).phone == "+493098765432"
    assert closed.text.endswith("found: phone")


def test_what_is_no_phone_is_not_taken_for_one(desk: Desk):
    task = desk.task(desk.bob, purpose="find", kind="todo", step="ring")
    for address in ("bob@acme.example", "1", "call me", "https://x.example/bob"):
        with pytest.raises(AbmError, match="is no phone number"):
            use.done(desk.ctx, task, desk.dana, "done", address=address)
    assert desk.get(Task, task).status == "open"
    assert desk.get(Contact, desk.bob).phone == ""


def draft(desk: Desk, status: str = "draft") -> tuple[int, int]:
    """(an approval, the mail that waits for it)."""
    task = desk.task(purpose="approve", kind="email", step="insight")
    with desk.ctx.db.writing() as session:
        play = desk.play_now()
        ann = session.get_one(Contact, desk.ann)
        touch = cast.touch(session, play, ann, "insight", status=status)
        assert touch.id is not None
        session.add(Body(touch_id=touch.id, content=b"Subject: hi\r\n\r\nhi", digest="d"))
        return task, touch.id


def test_a_yes_lets_the_mail_go_once_it_cannot_be_taken_back(desk: Desk):
    task, touch = draft(desk)
    use.done(desk.ctx, task, desk.max, "accepted")
    row = desk.get(Touch, touch)
    assert (row.status, row.due_at) == ("ready", NOW + 10 * SECOND)


def test_a_no_keeps_the_mail_in_the_house_and_says_why(desk: Desk):
    task, touch = draft(desk)
    use.done(desk.ctx, task, desk.max, "declined", note="wrong figure")
    row = desk.get(Touch, touch)
    assert (row.status, row.outcome) == ("cancelled", "not_done")
    assert row.reason == "declined by max: wrong figure"


def test_an_approval_that_is_skipped_lets_nothing_go(desk: Desk):
    task, touch = draft(desk)
    use.skip(desk.ctx, task, desk.max, "no time")
    assert desk.get(Touch, touch).status == "cancelled"


@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_a_yes_and_a_no_can_be_taken_back(desk: Desk, answer: str):
    task, touch = draft(desk)
    use.done(desk.ctx, task, desk.max, answer, note="hm")
    use.undo(desk.ctx, task, desk.max)
    row = desk.get(Touch, touch)
    assert (row.status, row.outcome, row.ended_at) == ("draft", "", None)


# ---------------------------------------------------------------- replies read again


def reply_task(desk: Desk, kind: str) -> int:
    receive(desk.ctx, [RawEvent("mail", kind, kind, NOW, {"email": "ann.archer@acme.example"})])
    (task,) = [one.id for one in desk.all(Task) if one.purpose == "reply"]
    desk.clock.advance(timedelta(hours=1))
    return int(task)


def test_a_rep_who_reads_not_now_in_an_unclear_reply_ends_the_stop_for_good(desk: Desk):
    task, until = reply_task(desk, "reply.unclear"), NOW + timedelta(days=30)
    assert desk.stops() == {(desk.ann, desk.play)}
    use.done(desk.ctx, task, desk.dana, "not_now", until=until)
    assert desk.stops() == {(desk.ann, None)}
    assert desk.get(Account, desk.acme).paused_until == until


def test_a_rep_who_reads_interest_where_we_read_not_now_wakes_the_account(desk: Desk):
    task = reply_task(desk, "reply.not_now")
    assert desk.play_now().status == "paused"
    use.done(desk.ctx, task, desk.dana, "interested")
    assert desk.get(Account, desk.acme).paused_until is None
    assert desk.play_now().status == "active"
    assert desk.stops() == {(desk.ann, desk.play), (None, desk.play)}
    assert [purpose for purpose, _ in desk.open_tasks()] == ["hand_off"]


def test_what_a_misread_reply_kept_in_the_house_goes_as_soon_as_it_was_read_better(desk: Desk):
    with desk.ctx.db.writing() as session:
        bob, play = session.get_one(Contact, desk.bob), session.get_one(Enrollment, desk.play)
        due = NOW + timedelta(days=90)  # held until then, because the account rests
        cast.touch(session, play, bob, "insight", planned_at=NOW, due_at=due)
    task = reply_task(desk, "reply.not_now")
    use.done(desk.ctx, task, desk.dana, "not_interested")
    assert [one.due_at for one in desk.all(Touch)] == [NOW + timedelta(hours=1)]


def test_what_a_slip_kept_in_the_house_goes_once_it_is_taken_back(desk: Desk):
    with desk.ctx.db.writing() as session:
        bob, play = session.get_one(Contact, desk.bob), session.get_one(Enrollment, desk.play)
        touch = cast.touch(session, play, bob, "insight", planned_at=NOW).id or 0
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "not_now", until=NOW + timedelta(days=9))
    with desk.ctx.db.writing() as session:  # a delivery meanwhile
        session.get_one(Touch, touch).due_at = NOW + timedelta(days=9)
    use.undo(desk.ctx, task, desk.dana)
    assert desk.get(Touch, touch).due_at == NOW


def test_a_rep_who_reads_a_refusal_where_we_read_interest_frees_the_others(desk: Desk):
    task = reply_task(desk, "reply.interested")
    assert (None, desk.play) in desk.stops()
    use.done(desk.ctx, task, desk.dana, "not_interested")
    assert desk.stops() == {(desk.ann, desk.play)}
    assert desk.play_now().stop_reason == ""


def test_what_a_rep_takes_back_of_one_person_lets_nobody_else_be_written_to(desk: Desk):
    task = reply_task(desk, "reply.interested")
    bob = {"email": "bob.burns@acme.example"}
    receive(desk.ctx, [RawEvent("mail", "bob", "reply.refusal", NOW, bob)])
    use.done(desk.ctx, task, desk.dana, "not_interested")
    assert desk.stops() == {(desk.ann, desk.play), (desk.bob, desk.play)}


def test_who_is_the_right_person_after_all_is_one_again(desk: Desk):
    task = reply_task(desk, "reply.wrong_person")
    assert desk.get(Contact, desk.ann).left_at == NOW
    use.done(desk.ctx, task, desk.dana, "not_now")
    assert desk.get(Contact, desk.ann).left_at is None


def test_a_reply_that_was_answered_by_hand_changes_nothing(desk: Desk):
    task = reply_task(desk, "reply.unclear")
    use.done(desk.ctx, task, desk.dana, "done")
    assert desk.stops() == {(desk.ann, desk.play)}


# ---------------------------------------------------------------- who was faster


def test_of_two_who_close_at_once_one_wins_and_the_other_is_told_who_and_when(desk: Desk):
    task, start = desk.task(), Barrier(2)

    def close(name: str, disposition: str) -> Callable[[], str]:
        def run() -> str:
            start.wait()
            try:
                return use.done(desk.ctx, task, desk.users[name], disposition, name).by
            except AbmError as error:
                return str(error)

        return run

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(close("dana", "connected")), pool.submit(close("sam", "no_answer"))]
        answers = sorted((one.result() for one in both), key=len)
    row = desk.get(Task, task)
    winner, said = ("dana", "connected") if row.done_by == desk.dana else ("sam", "no_answer")
    assert answers[0] == winner
    assert answers[1].startswith(
        f"{winner} closed 'Ring them' as {said} on 2026-03-03 at 11:00:00 UTC"
    )
    assert desk.kinds() == ["task.done"]


def test_the_same_request_again_gets_the_stored_answer_and_changes_nothing(desk: Desk):
    task = desk.task()
    first = use.done(desk.ctx, task, desk.dana, "meeting_booked", "t1")
    desk.clock.advance(timedelta(minutes=5))
    again = use.done(desk.ctx, task, desk.dana, "meeting_booked", "t1")
    assert again.repeated
    assert (again.at, again.disposition, again.text) == (first.at, first.disposition, first.text)
    assert len(desk.stops()) == 1
    assert desk.kinds().count("task.done") == 1


def test_another_token_or_another_user_is_told_who_closed_it(desk: Desk):
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "connected", "t1")
    with pytest.raises(AbmError, match="you closed"):
        use.done(desk.ctx, task, desk.dana, "connected", "t2")
    with pytest.raises(AbmError, match="you closed"):
        use.done(desk.ctx, task, desk.dana, "connected")
    with pytest.raises(AbmError, match="dana closed 'Ring them' as connected"):
        use.done(desk.ctx, task, desk.users["sam"], "connected", "t1")


def test_a_task_that_the_play_took_back_says_so(desk: Desk):
    task = desk.task(status="cancelled", reason="Ann Archer unsubscribed")
    with pytest.raises(AbmError, match="is cancelled: Ann Archer unsubscribed"):
        use.done(desk.ctx, task, desk.dana, "connected")


def test_nobody_and_nothing_are_told_apart(desk: Desk):
    with pytest.raises(AbmError, match="there is no task 999"):
        use.done(desk.ctx, 999, desk.dana, "connected")
    with pytest.raises(AbmError, match="there is no user 999"):
        use.done(desk.ctx, desk.task(), 999, "connected")


# ---------------------------------------------------------------- back again

UNDONE = ("connected", "meeting_booked", "interested", "not_now", "do_not_contact", "legal",
          "wrong_person", "left_company", "referral", "bad_fit", "not_interested")  # fmt: skip


def state(desk: Desk) -> object:
    """All that a closing may change, but for the log."""
    ann, acme, play = desk.get(Contact, desk.ann), desk.get(Account, desk.acme), desk.play_now()
    return (
        (ann.consent, ann.left_at, ann.left_reason),
        (acme.paused_until, acme.pause_reason),
        (play.status, play.hold, play.reason, play.next_due_at, play.stop_reason),
        desk.stops(),
        desk.open_tasks(),
        desk.all(Suppression),
    )


def test_a_slip_is_taken_back_with_all_that_it_did(desk: Desk):
    task = desk.task()
    stood = state(desk)
    for disposition in UNDONE:
        use.done(desk.ctx, task, desk.dana, disposition, "t", referral="Cleo Case")
        assert disposition == "connected" or state(desk) != stood
        desk.clock.advance(9 * SECOND)
        assert use.undo(desk.ctx, task, desk.dana, "t").status == "open"
        assert state(desk) == stood
        assert desk.kinds()[-1] == "task.undone"
    use.done(desk.ctx, task, desk.dana, "no_answer", "t2")
    assert desk.get(Task, task).disposition == "no_answer"


def test_after_ten_seconds_it_is_too_late(desk: Desk):
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "connected")
    desk.clock.advance(10 * SECOND)
    with pytest.raises(AbmError, match="more than 10 seconds ago"):
        use.undo(desk.ctx, task, desk.dana)
    assert desk.get(Task, task).status == "done"


def test_only_who_closed_it_takes_it_back_and_only_once(desk: Desk):
    task = desk.task()
    with pytest.raises(AbmError, match="nobody closed it"):
        use.undo(desk.ctx, task, desk.dana)
    use.done(desk.ctx, task, desk.dana, "connected", "t")
    for user, token in ((desk.users["sam"], "t"), (desk.dana, "other")):
        with pytest.raises(AbmError, match="closed 'Ring them'"):
            use.undo(desk.ctx, task, user, token)
    use.undo(desk.ctx, task, desk.dana)
    with pytest.raises(AbmError, match="nobody closed it"):
        use.undo(desk.ctx, task, desk.dana)


def test_what_others_built_on_it_keeps_a_closing_from_being_taken_back(desk: Desk):
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "do_not_contact")
    receive(
        desk.ctx, [RawEvent("mail", "1", "unsubscribe", NOW, {"email": "ann.archer@acme.example"})]
    )
    with pytest.raises(AbmError, match="something else has happened"):
        use.undo(desk.ctx, task, desk.dana)
    assert desk.get(Contact, desk.ann).consent == "refused"


@pytest.mark.parametrize("by", ["playbook", "account", "play"])
def test_a_play_that_was_paused_is_paused_again_by_the_same_switch_and_until_the_same_day(
    desk: Desk, by: str
):
    task = desk.task()
    pause(desk.ctx, by, reason="their fair", until=NOW + timedelta(days=3))
    stood = state(desk)
    assert desk.play_now().reason == "their fair"
    for disposition in UNDONE:
        use.done(desk.ctx, task, desk.dana, disposition, "t", referral="Cleo Case")
        use.undo(desk.ctx, task, desk.dana, "t")
        assert state(desk) == stood


def test_what_a_colleague_holds_meanwhile_stays_held(desk: Desk):
    task = desk.task()
    other = waiting_play(desk)
    use.done(desk.ctx, task, desk.dana, "meeting_booked")
    assert desk.get(Enrollment, other).stop_reason
    pause(desk.ctx, "play", playbook="other", reason="not before the fair")
    use.undo(desk.ctx, task, desk.dana)
    after = desk.get(Enrollment, other)
    assert (after.hold, after.reason, after.next_due_at) == ("play", "not before the fair", None)
    assert after.stop_reason == ""  # the meeting's own mark is gone


def test_a_rest_that_a_colleague_prolonged_is_not_taken_back(desk: Desk):
    task = desk.task()
    with desk.ctx.db.writing() as session:  # nothing runs, so that no claim tells of a change
        session.get_one(Enrollment, desk.play).status = "ended"
    use.done(desk.ctx, task, desk.dana, "not_now", until=NOW + timedelta(days=9))
    pause(desk.ctx, "account", reason="the board decides")
    with pytest.raises(AbmError, match="something else has happened"):
        use.undo(desk.ctx, task, desk.dana)
    acme = desk.get(Account, desk.acme)
    assert (acme.pause_reason, acme.paused_until) == ("the board decides", None)
    assert desk.get(Task, task).status == "done"


def test_what_a_closing_did_not_touch_is_not_written_by_taking_it_back(desk: Desk):
    task = desk.task()
    use.done(desk.ctx, task, desk.dana, "connected")
    with desk.ctx.db.writing() as session:
        session.get_one(Contact, desk.ann).consent = "refused"  # an import says so
    use.undo(desk.ctx, task, desk.dana)
    assert desk.get(Contact, desk.ann).consent == "refused"


def pause(
    ctx: Context, by: str, *, playbook: str = "play", reason: str, until: datetime | None = None
) -> None:
    """Turn a switch of Acme's plays."""
    name = playbook if by == "playbook" else "acme.example"
    kind = "playbook" if by == "playbook" else "account"
    target = holding.target(ctx, kind, name, playbook if by == "play" else "")
    holding.pause(ctx, target, reason=reason, until=until)


def waiting_play(desk: Desk) -> int:
    """Another play of Acme that waits for the first; the enrollment."""
    with desk.ctx.db.writing() as session:
        version = cast.version(session, replace(the_plan(), name="other", title="Other"))
        acme = session.get_one(Account, desk.acme)
        play = cast.enrolled(session, acme, version, status="waiting", activated_at=None)
        assert play.id is not None
        return play.id


# ---------------------------------------------------------------- skip and give


def test_a_skipped_task_says_why_on_the_log(desk: Desk):
    task = desk.task()
    with pytest.raises(AbmError, match="says why"):
        use.skip(desk.ctx, task, desk.dana, " ")
    use.skip(desk.ctx, task, desk.dana, "already spoke to them")
    row = desk.get(Task, task)
    assert (row.status, row.outcome, row.reason) == ("skipped", "not_done", "already spoke to them")
    assert desk.kinds() == ["task.skipped"]


def test_a_task_goes_to_a_colleague_and_back_to_the_queue(desk: Desk):
    task = desk.task()
    assert use.hand_over(desk.ctx, task, desk.dana, desk.users["sam"]).assignee_id == 2
    assert use.hand_over(desk.ctx, task, desk.users["sam"], None).assignee_id is None
    assert desk.kinds() == ["task.handed_over"] * 2
    use.done(desk.ctx, task, desk.dana, "connected")
    with pytest.raises(AbmError, match="you closed"):
        use.hand_over(desk.ctx, task, desk.dana, desk.users["sam"])
