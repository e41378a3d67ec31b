"""A rep's day on the queue page, without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.records import Account, Contact
from orchestrator.records import Activity, Task
from tests.planner.plans import plan, step
from tests.support import cast
from tests.support.cast import NOW
from tests.support.site import Site


def texts(site: Site) -> list[str]:
    return [one.text for one in site.desk.all(Activity)]


def test_an_empty_queue_teaches(site: Site):
    page = site.visit("dana").get("/queue")
    assert "Nothing to do." in page
    assert "abm enroll" in page


def test_the_next_best_task_is_open_with_all_it_takes(site: Site):
    site.desk.task(site.desk.bob, step="later", due_at=NOW + timedelta(days=1))
    site.desk.task(due_at=NOW - timedelta(hours=2))
    page = site.visit("dana").get("/queue")
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["Call Ann Archer"]
    assert page.index("Ann Archer</b>") < page.index("Bob Burns</b>")
    for said in ("due 2 h ago", 'href="tel:+49301234567"', "Acme", "No answer", "Skip"):
        assert said in page


def test_the_page_says_why_a_task_is_first(site: Site):
    """In words: what decides between it and the next one, and all that speaks for it."""
    site.desk.task(site.desk.bob, step="later", due_at=NOW - timedelta(days=1))
    site.desk.task(purpose="reply", kind="todo", due_at=NOW + timedelta(hours=1))
    page = site.visit("dana").get("/queue")
    assert "It is first because an answer is owed, due in 1 h. Opened 30 days ago." in page
    assert "It is first" not in site.visit("dana").get("/queue/1")


def test_an_overdue_word_of_the_play_is_told_as_people_say_it(site: Site):
    site.desk.task(reason="overdue: proceed")
    page = site.visit("dana").get("/queue")
    assert "Nobody did it in time and the play went on without it" in page
    assert "overdue: proceed" not in page.lower()


def test_the_page_says_what_each_end_leads_to_and_when_they_pick_up(site: Site):
    site.desk.task(
        occurrence=2, status="done", outcome="reached", done_by=site.desk.dana,
        ended_at=NOW - timedelta(days=1),
    )  # fmt: skip
    task = site.desk.task()
    page = site.visit("dana").get(f"/queue/{task}")
    assert "What comes next" in page
    assert "Nothing more goes to Ann Archer." in page
    assert "between 11:00 and 13:00 there: 1 of 1 calls to them were answered" in page


def test_every_task_of_a_play_says_what_it_teaches_and_what_there_is_to_show(
    site: Site, tmp_path: Path
):
    """Also one that is about nobody; what other tiers get and templates that are gone stay away."""
    (tmp_path / "templates/email").mkdir(parents=True)
    for name, taught in (("a", "Work waits <between> desks."),
                         ("b", "Ask {{ account.name }} once."), ("c", "No."),
                         ("d", "They know {{ contact.title }}s.")):  # fmt: skip
        said = f"---\nsubject: S\ninsight: {taught}\n---\nHi {{{{ unsubscribe }}}}\n"
        (tmp_path / f"templates/email/{name}.j2").write_text(said)
    where = "Publish it at https://us.example/guide?a=1&b=2."
    drawn = plan(
        step("only", "email", "champion", variants=("c",), tiers=(3,)),
        step("guide", "content", title="The <guide>", text=where),
        step("lure", "content", title="Lure", text="javascript:alert(1)"),
        step("page", "content", title="Page", url="https://us.example/p?a=1&b=2"),
        step("other", "content", title="Other tier", tiers=(3,)),
        step("mail", "email", "champion", variants=("gone", "a", "d")),
        step("late", "email", "champion", variants=("c",)),
    )
    with site.desk.ctx.db.writing() as session:
        account = cast.company(session, "<Beta>", tier=1, domain="beta.example")
        play = cast.enrolled(session, account, cast.version(session, drawn, 2))
        fields = {"assignee_id": site.desk.dana, "template": "email/b"}
        task = cast.task(session, play, None, **fields).id
    page = site.visit("dana").get(f"/queue/{task}")
    assert "<li>Ask &lt;Beta&gt; once.</li><li>Work waits &lt;between&gt; desks.</li>" in page
    assert "<li>They know …s.</li></ul>" in page  # nobody knows a title here
    assert 'The &lt;guide&gt; <a href="https://us.example/guide?a=1&amp;b=2"' in page
    assert "<li>Lure</li>" in page
    assert '<li><a href="https://us.example/p?a=1&amp;b=2" rel="noopener noreferrer' in page
    assert '>Page</a> <span class="muted">us.example</span></li></ul>' in page
    assert "Publish it at" not in page


def test_a_personal_mail_opens_in_the_reps_own_program(site: Site, tmp_path: Path):
    (tmp_path / "templates/mail").mkdir(parents=True)
    (tmp_path / "templates/mail/hello.j2").write_text(
        "---\nsubject: {{ account.name }} & you\n---\nDear {{ contact.first_name }}?\n"
    )
    site.desk.task(kind="personal_mail", template="mail/hello")
    page = site.visit("dana").get("/queue")
    assert "Subject: Acme &amp; you" in page
    assert "mailto:ann.archer@acme.example?subject=Acme%20%26%20you&amp;body=Dear%20Ann%3F" in page
    assert "mailto:" not in site.visit("agency").client.get("/queue").text


def test_a_task_ends_with_one_press_and_can_be_taken_back(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    assert visitor.post(f"/queue/{task}/done", disposition="connected", note="nice", token="t") == (
        303,
        f"/queue?did={task}",
    )
    page = visitor.get(f"/queue?did={task}")
    assert "Connected: Call Ann Archer. 0 left." in page
    assert site.desk.get(Task, task).note == "nice"
    assert visitor.post(f"/queue/{task}/undo", token="t") == (303, f"/queue/{task}")
    assert site.desk.get(Task, task).status == "open"


def test_what_was_ended_long_ago_offers_no_undo(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    visitor.post(f"/queue/{task}/done", disposition="connected")
    site.desk.clock.advance(timedelta(minutes=1))
    assert "Undo" not in visitor.get(f"/queue?did={task}")


def test_the_second_of_two_reps_is_told(site: Site):
    task = site.desk.task(assignee_id=None)
    dana, sam = site.visit("dana"), site.visit("sam")
    assert dana.post(f"/queue/{task}/done", disposition="connected")[0] == 303
    status, where = sam.post(f"/queue/{task}/done", disposition="no_answer")
    assert (status, where) == (303, f"/queue?lost={task}")
    assert "closed already: Connected" in sam.get(where)
    assert site.desk.get(Task, task).disposition == "connected"


def test_a_form_sent_twice_ends_the_task_once(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    form = {"disposition": "connected", "token": "once"}
    first = visitor.post(f"/queue/{task}/done", **form)
    assert visitor.post(f"/queue/{task}/done", **form) == first
    assert sum(text.endswith("connected") for text in texts(site)) == 1


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({"disposition": "referral", "note": "kept"}, "referral", "a referral names somebody"),
        ({"disposition": "not_now", "until": "soon"}, "until", "is no day"),
        ({"disposition": "not_now", "until": "2020-01-01"}, "until", "it lies in the past"),
        ({"disposition": "sold"}, "disposition", "there is no disposition"),
        ({"note": "kept"}, "disposition", "there is no disposition"),
    ],
)
def test_a_mistake_is_named_at_its_field_and_nothing_is_lost(
    site: Site, form: dict[str, str], field: str, said: str
):
    task = site.desk.task()
    status, page = site.visit("dana").post(f"/queue/{task}/done", **form)
    assert status == 400
    assert "<title>Error: " in page
    assert f'<a href="#{field}">' in page
    assert said in page
    assert form.get("note", "") in page
    assert site.desk.get(Task, task).status == "open"


def test_not_now_rests_until_the_day_on_the_reps_calendar(site: Site):
    task = site.desk.task()
    site.visit("dana").post(f"/queue/{task}/done", disposition="not_now", until="2026-09-01")
    rests = site.desk.get(Account, site.desk.acme).paused_until
    assert rests is not None
    assert rests.date().isoformat() == "2026-09-01"


def test_skipping_takes_a_reason(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    status, page = visitor.post(f"/queue/{task}/skip", reason=" ")
    assert (status, "whoever skips a task says why" in page) == (400, True)
    assert visitor.post(f"/queue/{task}/skip", reason="on holiday")[0] == 303
    assert site.desk.get(Task, task).status == "skipped"


def test_a_task_is_handed_over_and_back_to_the_team(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    assert visitor.post(f"/queue/{task}/give", to=str(site.desk.users["sam"]))[0] == 303
    assert "Nothing to do" in visitor.get("/queue")
    assert "Call Ann Archer" in site.visit("sam").get("/queue")
    assert visitor.post(f"/queue/{task}/give", to="")[0] == 303
    assert "Call Ann Archer" in visitor.get("/queue")
    assert visitor.post(f"/queue/{task}/give", to="424242")[0] == 400


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "a" * 300,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_that_others_fill_reaches_the_page_as_markup(site: Site, text: str):
    """A CRM, a reply or a form may fill all of these."""
    desk = site.desk
    with desk.ctx.db.writing() as session:
        account, ann = session.get_one(Account, desk.acme), session.get_one(Contact, desk.ann)
        account.name = account.segment = account.domain = account.stage = text
        account.extra = {text: text}
        account.pause_reason = text
        ann.name = ann.title = ann.role = ann.email = ann.phone = ann.social = ann.language = text
    task = desk.task(
        title=text, body=text, reason=text, purpose="reply", kind="reply", team="sales"
    )
    visitor = site.visit("leader")
    visitor.post(f"/queue/{task}/done", disposition="done", note=text)
    desk.task(title=text, body=text, reason=text, purpose="reply", kind="reply", occurrence=2)
    for path in ("/queue", f"/queue/{task}", "/accounts", f"/accounts/{desk.acme}", "/ops"):
        page = visitor.get(path)
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert 'href="javascript:' not in page, path
        assert "49" not in re.findall(r"<h1.*?</h1>", page, re.DOTALL)[0]


def test_the_clock_at_the_other_end_is_shown(site: Site):
    with site.desk.ctx.db.writing() as session:
        session.get_one(Contact, site.desk.ann).zone = "Asia/Tokyo"
    site.desk.task()
    assert "20:00 there" in site.visit("dana").get("/queue")


def test_leaders_see_everybodys_task_but_their_queue_is_theirs(site: Site):
    task = site.desk.task()
    visitor = site.visit("leader")
    assert "Nothing to do" in visitor.get("/queue")
    assert "Call Ann Archer" in visitor.get(f"/queue/{task}")
