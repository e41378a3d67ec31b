"""Playbooks: how each stands, its picture, and the switch."""

from __future__ import annotations

from orchestrator.records import StepRun
from tests.support.site import Site


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
