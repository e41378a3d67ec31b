"""Playbooks: how each stands, its picture, and the switch."""

from __future__ import annotations

import re
from dataclasses import replace

from accounts.records import Contact
from orchestrator.records import Enrollment, StepRun
from tests.support import cast
from tests.support.desk import the_plan
from tests.support.site import Site, queries


def test_a_playbook_shows_where_its_accounts_are(site: Site):
    with site.desk.ctx.db.writing() as session:
        session.add(StepRun(enrollment_id=site.desk.play, step="insight", status="done"))
        session.add(
            StepRun(enrollment_id=site.desk.play, step="ring", status="held", reason="caps")
        )
    page = site.visit("dana").get("/playbooks/play")
    rows = [row.split("</tr>")[0] for row in page.split("<tr>") if "<td>ring" in row]
    assert [row.count(">1<") for row in rows] == [1]
    assert "caps" in page
    assert "<b>1</b>" in page  # the version


def test_the_picture_is_an_image_with_a_policy_of_its_own(site: Site):
    answer = site.visit("dana").client.get("/playbooks/play/picture.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.text.count("insight")


def test_whoever_pauses_says_why_and_both_teams_read_it(site: Site):
    visitor = site.visit("marketing")
    status, page = visitor.post("/playbooks/play/pause", reason=" ")
    assert (status, "says why" in page) == (400, True)
    assert site.desk.play_now().status == "active"
    assert visitor.post("/playbooks/play/pause", reason="a wrong figure") == (
        303,
        "/playbooks/play",
    )
    assert site.desk.play_now().status == "paused"
    assert "a wrong figure" in site.visit("dana").get("/playbooks/play")
    assert "a wrong figure" in site.visit("dana").get(f"/accounts/{site.desk.acme}")
    assert visitor.post("/playbooks/play/resume")[0] == 303
    assert site.desk.play_now().status == "active"


def test_a_rep_sees_no_switch(site: Site):
    assert "Pause it" not in site.visit("dana").get("/playbooks/play")
    assert "Pause it" in site.visit("ops").get("/playbooks/play")


def test_what_there_is_not_is_said_so(site: Site):
    visitor = site.visit("ops")
    for path in ("/playbooks/none", "/playbooks/none/picture.svg"):
        assert visitor.status(path) == 404, path
    status, page = visitor.post("/playbooks/none/pause", reason="x")
    assert (status, "there is no playbook" in page) == (400, True)


def test_what_came_of_it_is_told_by_step_split_and_template(site: Site):
    with site.desk.ctx.db.writing() as session:
        play = session.get_one(Enrollment, site.desk.play)
        people = [session.get_one(Contact, id_) for id_ in (site.desk.ann, site.desk.bob)]
        for number in range(10):
            split = "ab"[number % 2]
            cast.touch(session, play, people[0], "insight", occurrence=number + 1, status="sent",
                       variant=split, clicked_at=cast.NOW if number < 3 else None)  # fmt: skip
        for number, outcome in enumerate(("reached", "not_reached", "not_reached")):
            cast.task(session, play, people[1], occurrence=number + 1, status="done",
                      outcome=outcome)  # fmt: skip
    page = site.visit("dana").get("/playbooks/play")
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in page.split("<tr>")]
    told = [[re.sub(r"<.*?>", "", cell) for cell in row] for row in rows]
    assert ["insight", "a", "email/insight", "5", "5", "", "2 40 %", "", "", ""] in told
    assert ["insight", "b", "email/insight", "5", "5", "", "1 20 %", "", "", ""] in told
    assert ["ring", "", "1 33 %", "2 67 %", "", "", ""] in told


def test_the_picture_counts_the_accounts_that_are_where(site: Site):
    with site.desk.ctx.db.writing() as session:
        session.add(StepRun(enrollment_id=site.desk.play, step="ring", status="held", reason="x"))
    drawn = site.visit("dana").client.get("/playbooks/play/picture.svg").text
    assert ">1 held<" in drawn


def test_a_version_says_what_is_different_from_the_one_before(site: Site):
    with site.desk.ctx.db.writing() as session:
        plan = replace(the_plan(), priority=7)
        cast.version(session, plan, 2).source = "name: play # <script>"
    visitor = site.visit("dana")
    page = visitor.get("/playbooks/play/versions/2")
    assert "priority" in page
    assert "# &lt;script&gt;" in page
    assert "It is the first." in visitor.get("/playbooks/play/versions/1")
    assert visitor.status("/playbooks/play/versions/3") == 404
    assert visitor.status("/playbooks/none/versions/1") == 404


def test_a_playbook_costs_the_same_queries_however_much_it_did(site: Site):
    visitor = site.visit("dana")
    few = queries(site, lambda: visitor.get("/playbooks/play"))
    with site.desk.ctx.db.writing() as session:
        play, ann = (session.get_one(Enrollment, site.desk.play),
                     session.get_one(Contact, site.desk.ann))  # fmt: skip
        for number in range(300):
            cast.touch(session, play, ann, f"step-{number}", reason="held " * 20)
            cast.task(session, play, ann, step=f"task-{number}")
    assert queries(site, lambda: visitor.get("/playbooks/play")) == few
    assert len(visitor.get("/playbooks/play").encode()) < 50_000
