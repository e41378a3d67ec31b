"""What a rep does with a task beside ending it, without a script."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.records import Account, Contact
from orchestrator.records import Activity, Enrollment, Task
from tests.support.cast import NOW
from tests.support.site import Site

DAY = timedelta(days=1)


def told(site: Site, kind: str) -> list[str]:
    return [one.text for one in site.desk.all(Activity) if one.kind == kind]


# ---------------------------------------------------------------- later


def test_a_time_that_they_named_moves_the_deadline_and_is_first_when_it_comes(site: Site):
    task = site.desk.task(due_at=NOW + timedelta(hours=2))
    other = site.desk.task(site.desk.bob, purpose="reply", kind="todo", due_at=NOW + DAY)
    visitor = site.visit("dana")
    form = {"later": "2026-03-04T14:00", "agreed": "yes", "note": "after lunch"}
    assert visitor.post(f"/queue/{task}/later", **form) == (303, f"/queue?put={task}")
    page = visitor.get(f"/queue?put={task}")
    assert "Call Ann Archer rests until Wed 4 Mar 2026, 14:00." in page
    assert "1 put off" in page
    assert "Answer Bob Burns</h1>" in page
    row = site.desk.get(Task, task)
    assert row.due_at == row.agreed_at + DAY
    assert "they asked for it; after lunch" in told(site, "task.postponed")[0]
    site.desk.clock.advance(timedelta(hours=26, minutes=50))  # ten minutes before
    page = visitor.get("/queue")
    assert "Call Ann Archer</h1>" in page
    assert "they named this time" in page
    assert site.desk.get(Task, other).status == "open"


def test_who_puts_off_for_herself_keeps_the_deadline(site: Site):
    task = site.desk.task(due_at=NOW + timedelta(hours=2))
    visitor = site.visit("dana")
    status, page = visitor.post(f"/queue/{task}/later", quick="tomorrow", note="kept")
    assert (status, "it is due before that" in page, ">kept</textarea>" in page) == (
        400,
        True,
        True,
    )
    assert visitor.post(f"/queue/{task}/later", quick="hour")[0] == 303
    assert site.desk.get(Task, task).due_at == NOW + timedelta(hours=2)
    assert "Nothing to do" in visitor.get("/queue")
    assert visitor.post(f"/queue/{task}/now") == (303, f"/queue/{task}")
    assert "Call Ann Archer</h1>" in visitor.get("/queue")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "say a day and a time"),
        ({"later": "soon"}, "say a day and a time"),
        ({"later": "2020-01-01T10:00"}, "that time has passed"),
        ({"later": "2036-01-01T10:00", "agreed": "yes"}, "that is too far"),
        ({"later": "9999-99-99T99:99"}, "say a day and a time"),
    ],
)
def test_a_time_that_cannot_be_is_named_at_its_field(site: Site, form: dict[str, str], said: str):
    task = site.desk.task()
    status, page = site.visit("dana").post(f"/queue/{task}/later", note="kept", **form)
    assert (status, said in page) == (400, True)
    assert '<a href="#later">' in page
    assert ">kept</textarea>" in page
    assert site.desk.get(Task, task).later_at is None


# ---------------------------------------------------------------- back, and hold


def test_an_account_goes_back_to_marketing_with_the_reason(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    status, page = visitor.post(f"/queue/{task}/back", note="budget in May")
    assert (status, "whoever hands back says why" in page, "budget in May" in page) == (
        400,
        True,
        True,
    )
    form = {"back": "not_ready", "note": "budget in May", "token": "t"}
    assert visitor.post(f"/queue/{task}/back", **form) == (303, f"/queue?did={task}")
    assert site.desk.get(Task, task).status == "skipped"
    page = site.visit("max").get("/queue")
    assert "Acme comes back from sales: not ready yet" in page
    assert "budget in May" in page
    assert visitor.post(f"/queue/{task}/undo", token="t")[0] == 303
    assert "Nothing to do" in site.visit("max").get("/queue")


def test_a_hand_off_that_goes_back_is_declined(site: Site):
    task = site.desk.task(purpose="hand_off", kind="hand_off", step="")
    site.visit("dana").post(f"/queue/{task}/back", back="no_fit")
    row = site.desk.get(Task, task)
    assert (row.disposition, row.note) == ("declined", "does not fit")


def test_an_account_is_held_until_a_day_and_the_task_stays(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    for form, said in (({}, "say until when"), ({"hold": "2026-04-01"}, "say why"),
                       ({"hold": "2020-04-01", "hold_reason": "x"}, "has passed")):  # fmt: skip
        status, page = visitor.post(f"/queue/{task}/hold", **form)
        assert (status, said in page) == (400, True)
    form = {"hold": "2026-04-01", "hold_reason": "they merge with Globex"}
    assert visitor.post(f"/queue/{task}/hold", **form) == (303, f"/queue/{task}")
    assert "Acme rests until Wed 1 Apr 2026" in visitor.get(f"/queue/{task}")
    assert site.desk.get(Account, site.desk.acme).paused_until is not None
    assert site.desk.get(Enrollment, site.desk.play).status == "paused"
    assert site.desk.get(Task, task).status == "open"


# ---------------------------------------------------------------- what a conversation taught


def test_feedback_is_asked_after_a_conversation_and_only_then(site: Site):
    talked, missed = site.desk.task(), site.desk.task(site.desk.bob)
    visitor = site.visit("dana")
    visitor.post(f"/queue/{missed}/done", disposition="no_answer")
    assert "How was it with" not in visitor.get(f"/queue?did={missed}")
    visitor.post(f"/queue/{talked}/done", disposition="connected")
    assert "How was it with Ann Archer?" in visitor.get(f"/queue?did={talked}")
    status, page = visitor.post(f"/queue/{talked}/feedback", words=" ")
    assert (status, "nothing is said yet" in page) == (400, True)
    form = {"landed": "yes", "whom": str(site.desk.bob), "fit": "yes", "ready": "later"}
    assert visitor.post(f"/queue/{talked}/feedback", **form) == (303, f"/queue?told={talked}")
    assert told(site, "feedback") == [
        "dana: the message landed with Bob Burns; they fit; ready later"
    ]
    assert "How was it with" not in visitor.get(f"/queue?did={talked}")
    assert visitor.post(f"/queue/{missed}/feedback", landed="yes")[0] == 400


def test_the_right_person_becomes_a_contact_once(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    visitor.post(f"/queue/{task}/done", disposition="wrong_person")
    assert "Add the right person" in visitor.get(f"/queue?did={task}")
    form = {"person": "Robin Sand", "person_title": "CFO", "person_email": "Robin@acme.example"}
    status, where = visitor.post(f"/queue/{task}/person", **form)
    assert status == 303
    assert "Robin Sand is one of Acme's people now." in visitor.get(where)
    assert visitor.post(f"/queue/{task}/person", person_email="robin@acme.example")[1] == where
    added = [one for one in site.desk.all(Contact) if one.email_key == "robin@acme.example"]
    assert [(one.name, one.title, one.zone) for one in added] == [
        ("Robin Sand", "CFO", "Europe/Berlin")
    ]
    assert told(site, "contact.added")[0] == "dana added Robin Sand (Ann Archer says so)"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "a person has a name"),
        ({"person": "Robin", "person_email": "nowhere"}, "is no e-mail address"),
        ({"person": "Robin", "person_phone": "call me"}, "is no phone number"),
    ],
)
def test_a_person_that_cannot_be_is_told_so_and_nothing_is_lost(
    site: Site, form: dict[str, str], said: str
):
    task = site.desk.task()
    status, page = site.visit("dana").post(f"/queue/{task}/person", note="kept", **form)
    assert (status, said in page, ">kept</textarea>" in page) == (400, True, True)
    for value in form.values():
        assert f'value="{value}"' in page


def test_enter_alone_ends_nothing_and_loses_nothing(site: Site):
    """A browser presses a form's first button then: it must not be one that ends the task."""
    task = site.desk.task()
    visitor = site.visit("dana")
    page = visitor.get(f"/queue/{task}")
    form = page.index('class="task-form"')
    assert page[page.index("<button", form) :].startswith('<button class="vh"')
    status, page = visitor.post(f"/queue/{task}/done", disposition="", referral="Robin", note="n")
    assert (status, 'value="Robin"' in page, ">n</textarea>" in page) == (400, True, True)
