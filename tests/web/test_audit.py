"""Whatever a page changes has its line in the audit log, and no secret has."""

from __future__ import annotations

import pytest

from orchestrator.engine.staff import access, auditing
from orchestrator.engine.staff.auditing import Link
from tests.support.site import Site
from tests.web.test_ops import unknown


def lines(site: Site) -> list[Link]:
    """The log, the oldest first, without the tests' own coming in."""
    found = reversed(auditing.entries(site.desk.ctx))
    return [one for one in found if one.action != "signing.follow"]


def test_each_change_says_who_did_what_to_what(site: Site):
    task, other, touch = site.desk.task(), site.desk.task(occurrence=2), unknown(site)
    dana, ops = site.visit("dana"), site.visit("ops")
    dana.post(f"/queue/{task}/done", disposition="connected", note="her child is ill")
    dana.post(f"/queue/{other}/give", to=str(site.desk.users["sam"]))
    ops.post(f"/ops/unknown/{touch}", verdict="sent", proof="x")
    ops.post("/playbooks/play/pause", reason="a wrong figure")
    ops.post("/sign-out", everywhere="true")
    assert [(one.actor, one.action, one.object, one.detail) for one in lines(site)] == [
        ("dana", "queue.done", f"task {task}", "disposition=connected"),
        ("dana", "queue.give", f"task {other}", f"to={site.desk.users['sam']}"),
        ("ops", "ops.settle", f"touch {touch}", "verdict=sent"),
        ("ops", "playbooks.pause", "name play", ""),
        ("ops", "signing.leave", "", "everywhere=true"),
    ]
    assert {(one.via, one.address) for one in lines(site)} == {("page", "testclient")}
    assert auditing.verify(site.desk.ctx).problem == ""


def test_the_answer_names_the_line_that_it_wrote(site: Site):
    visitor = site.visit("dana")
    answer = visitor.client.post(
        f"/queue/{site.desk.task()}/skip", data={"csrf": visitor.csrf, "reason": "no time"}
    )
    assert answer.headers["x-request-id"] == lines(site)[-1].request


def test_what_was_refused_changed_nothing_and_has_no_line(site: Site):
    visitor = site.visit("dana")
    assert visitor.post(f"/queue/{site.desk.task()}/done", disposition="sung")[0] == 400
    assert visitor.post("/playbooks/play/pause", reason="x")[0] == 403
    assert lines(site) == []


@pytest.mark.parametrize("name", ["dana", "my secret password"])
def test_a_wrong_password_is_told_but_not_what_was_typed(site: Site, name: str):
    site.client().post("/sign-in", data={"name": name, "password": "correct horse battery"})
    (line,) = lines(site)
    assert (line.action, line.detail) == ("signing.enter", "refused=True")
    assert line.actor == ("dana" if name == "dana" else "")
    assert "secret" not in str(line)
    assert "battery" not in str(line)


def test_a_link_is_told_by_whose_it_was(site: Site):
    secret = access.link(site.desk.ctx, "dana")
    for _ in range(2):
        site.client().post(f"/sign-in/{secret}")
    told = [(one.actor, one.detail) for one in reversed(auditing.entries(site.desk.ctx))]
    assert told == [("dana", ""), ("", "refused=True")]
    assert secret not in str(auditing.entries(site.desk.ctx))


def test_ops_reads_and_verifies_the_log(site: Site):
    visitor = site.visit("ops")
    visitor.post("/playbooks/play/pause", reason="x")
    assert "playbooks.pause" in visitor.get("/audit?said=pause")
    assert "playbooks.pause" not in visitor.get("/audit?said=resume")
    status, page = visitor.post("/audit/verify")
    assert status == 200
    assert "entries hold together" in page
