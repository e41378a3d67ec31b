"""A team's queue, time off, what was done elsewhere, and two reps at one task."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from accounts.records import Contact
from orchestrator.engine.tasks import desk
from orchestrator.records import Activity, Task
from orchestrator.store.companies.people import Family
from orchestrator.store.running import guards
from tests.support.cast import NOW
from tests.support.site import Site

DAY = timedelta(days=1)


# ---------------------------------------------------------------- a team's queue


def test_a_team_sees_who_has_how_much_and_moves_it(site: Site):
    late = site.desk.task(due_at=NOW - DAY)
    soon = site.desk.task(site.desk.bob, due_at=NOW + DAY)
    visitor = site.visit("sam")
    page = visitor.get("/team")
    assert "On the desk of Dana" in page  # the one with the most that is late
    assert "1 late" in page
    sam = str(site.desk.users["sam"])
    answer = visitor.client.post(
        "/team/give", data={"csrf": visitor.csrf, "task": [late, soon], "to": sam, "who": ""}
    )
    assert answer.headers["location"].endswith("moved=2")
    assert "2 tasks handed over." in visitor.get(answer.headers["location"])
    assert {one.assignee_id for one in site.desk.all(Task)} == {site.desk.users["sam"]}
    assert visitor.post("/team/give", task=str(late), to="shared")[0] == 303
    assert "Call Ann Archer" in visitor.get("/team?who=sales")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"to": "shared"}, "no task is ticked"),
        ({"task": "1"}, "say who is to do them"),
        ({"task": "1", "to": "424242"}, "there is no user 424242"),
    ],
)
def test_what_cannot_be_moved_is_told_and_stays_ticked(site: Site, form: dict[str, str], said: str):
    site.desk.task()
    status, page = site.visit("dana").post("/team/give", **form)
    assert (status, said in page) == (400, True)
    assert ('value="1" checked' in page) is ("task" in form)


def test_a_team_moves_its_own_work_only(site: Site):
    theirs = site.desk.task(team="marketing", assignee_id=site.desk.max)
    status, _ = site.visit("dana").post("/team/give", task=str(theirs), to="shared")
    assert status == 403
    assert "Max" not in site.visit("dana").get("/team")
    assert "Max" in site.visit("leader").get("/team")


# ---------------------------------------------------------------- time off


def test_time_off_is_noted_with_who_stands_in_and_forgotten(site: Site):
    visitor = site.visit("dana")
    form = {"first": "2026-03-03", "last": "2026-03-06", "cover": "sam"}
    assert visitor.post("/me/away", **form) == (303, "/me/away")
    assert "2026-03-03 to 2026-03-06" in visitor.get("/me/away")
    assert "sam stands in" in visitor.get("/me/away")
    assert "away, back in" in visitor.get("/team")
    assert visitor.post("/me/away/back")[0] == 303
    assert "No time off is noted." in visitor.get("/me/away")


@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        ({}, "first", "is no day"),
        ({"first": "2026-04-02", "last": "later"}, "last", "is no day"),
        ({"first": "2026-04-02", "last": "2026-04-01"}, "last", "is before the first"),
        ({"first": "2026-04-02", "cover": "nobody"}, "cover", "there is no user"),
        ({"first": "2026-04-02", "cover": "dana"}, "cover", "cannot stand in"),
    ],
)
def test_time_off_that_cannot_be_is_named_at_its_field(
    site: Site, form: dict[str, str], field: str, said: str
):
    status, page = site.visit("dana").post("/me/away", **form)
    assert (status, said in page, f'<a href="#{field}">' in page) == (400, True, True)
    assert form.get("first", "") in page


# ---------------------------------------------------------------- what was done elsewhere


def test_a_touch_that_was_made_elsewhere_counts_to_caps(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    form = {"contact": str(site.desk.bob), "kind": "call", "disposition": "connected",
            "note": "at the fair", "token": "t"}  # fmt: skip
    first = visitor.post(f"/queue/{task}/log", **form)
    assert first[0] == 303
    assert visitor.post(f"/queue/{task}/log", **form) == first  # sent twice, logged once
    acme = site.desk.acme
    with site.desk.ctx.db.reading() as session:
        reached = guards.reached(session, [acme], Family({}, {}), NOW - DAY)
    assert [one.contact_id for one in reached[acme].values()] == [site.desk.bob]
    told = [one.text for one in site.desk.all(Activity)]
    assert "Call Bob Burns: connected (at the fair)" in told
    page = visitor.get(first[1])
    assert "Connected: Call Bob Burns" in page
    logged = int(first[1].rpartition("=")[2])
    assert visitor.post(f"/queue/{logged}/undo", token="t") == (303, "/queue")
    assert site.desk.get(Task, logged).status == "cancelled"


def test_what_was_said_elsewhere_binds_as_if_it_were_said_here(site: Site):
    task = site.desk.task()
    form = {"contact": str(site.desk.bob), "kind": "social", "disposition": "do_not_contact"}
    assert site.visit("dana").post(f"/queue/{task}/log", **form)[0] == 303
    assert site.desk.get(Contact, site.desk.bob).consent == "refused"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"kind": "call", "disposition": "connected"}, "say whom you reached"),
        ({"contact": "999", "kind": "call", "disposition": "connected"}, "say whom you reached"),
        ({"contact": "1", "disposition": "connected"}, "say how you reached them"),
        ({"contact": "1", "kind": "call"}, "there is no disposition"),
        ({"contact": "1", "kind": "call", "disposition": "referral"}, "a referral names somebody"),
    ],
)
def test_a_touch_that_cannot_be_leaves_nothing_behind(site: Site, form: dict[str, str], said: str):
    task = site.desk.task()
    status, page = site.visit("dana").post(f"/queue/{task}/log", note="kept", **form)
    assert (status, said in page, 'value="kept"' in page) == (400, True, True)
    assert len(site.desk.all(Task)) == 1


# ---------------------------------------------------------------- two at once


def test_of_two_reps_at_once_one_wins_and_the_other_is_told(site: Site):
    """Both press at the same instant; neither is lost, and the task ends once."""
    task = site.desk.task(assignee_id=None)
    visitors = {name: site.visit(name) for name in ("dana", "sam")}
    together, answers = threading.Barrier(2), {}

    def press(name: str, how: str) -> None:
        together.wait()
        answers[name] = visitors[name].post(f"/queue/{task}/done", disposition=how, token=name)

    presses = [
        threading.Thread(target=press, args=each)
        for each in (("dana", "connected"), ("sam", "no_answer"))
    ]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    row = site.desk.get(Task, task)
    winner, loser = ("dana", "sam") if row.done_by == site.desk.dana else ("sam", "dana")
    assert answers[winner] == (303, f"/queue?did={task}")
    assert answers[loser] == (303, f"/queue?lost={task}")
    assert "closed already" in visitors[loser].get(f"/queue?lost={task}")
    ends = [one for one in site.desk.all(Activity) if one.kind == "task.done"]
    assert len(ends) == 1
    assert desk.task(site.desk.ctx, task).disposition == row.disposition  # type: ignore[union-attr]
