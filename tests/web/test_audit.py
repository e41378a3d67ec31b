"""Whatever a page changes has its line in the audit log, and no secret has."""

from __future__ import annotations

import re

import pytest

from orchestrator.engine.staff import access, auditing
from orchestrator.engine.staff.auditing import KINDS, Link
from orchestrator.web.api.application import make as api_of
from orchestrator.web.deeds import CALLED, ONES_OWN
from tests.support.site import Site
from tests.web.test_guards import OUTSIDE, Route, routes
from tests.web.test_ops import unknown

# What is done to several objects, to none, or to what is there only afterwards. Every other act
# has what its object was like before and after.
TO_NO_SINGLE_OBJECT = {
    "/team/give", "/bulk/{kind}", "/bulk/{kind}/undo", "/accounts/views", "/sign-out",
    "/audit/verify",
    "/handovers", "/touches", "/enrollments", "/absences", "/absences/back", "/views", "/events",
}  # fmt: skip


def acts(site: Site) -> list[Route]:
    """Every route of the pages and of the API that changes something, but coming in."""
    api = routes(Site(api_of(site.app.state.house), site.desk))
    return [one for one in (*routes(site), *api)
            if "POST" in one.methods and one.path not in OUTSIDE]  # fmt: skip


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
        ("ops", "playbooks.pause", "playbook play", ""),
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


def test_which_acts_name_no_single_object(site: Site):
    """A new route stands here, or names its object in its address as others do."""
    found = set()
    for path in {one.path for one in acts(site)}:
        named = [one.removesuffix("_id") for one in re.findall(r"\{(\w+)\}", path)]
        if not KINDS.keys() & {CALLED.get(one, one) for one in named}:
            found.add(path)
    found = {one for one in found if not one.startswith(ONES_OWN)} - {"/users"}
    assert found == TO_NO_SINGLE_OBJECT


def test_a_page_keeps_what_its_object_was_like(site: Site):
    task, dana, admin = site.desk.task(), site.visit("dana"), site.visit("admin")
    dana.post(f"/queue/{task}/skip", reason="no time")
    dana.post(f"/accounts/{site.desk.acme}/links", title="Brief", url="https://us.example/")
    dana.post("/me/away", first="2026-03-09", last="2026-03-10")
    admin.post("/users", user="Kim", team="sales", email="kim@us.example")
    dana.post("/team/give", task=str(task), to="shared")
    found = {one.action: (one.before, one.after) for one in lines(site)}
    assert len(found) >= 4
    for action in ("queue.skip", "accounts.link", "away.leave"):
        before, after = found[action]
        assert "" != before != after != "", action
    assert found["users.add"][0] == ""
    assert len(found["users.add"][1]) == 64
    assert found["users.add"][1][:8] in admin.get("/audit")
