"""Whoever is admin says who works here, and what each may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from orchestrator.engine.staff import access, auditing, users
from orchestrator.store.tables import SESSION
from tests.support.cast import NOW
from tests.support.site import Site

KIM = {"user": "kim", "team": "sales", "email": "kim@us.example"}


def lines(site: Site) -> list[tuple[str, str, str]]:
    """What the admin did, the oldest first."""
    found = reversed(auditing.entries(site.desk.ctx))
    return [(one.action, one.object, one.detail) for one in found if one.actor == "admin"
            and one.action.startswith("users.")]  # fmt: skip


def test_somebody_is_added_let_in_moved_and_let_go(site: Site):
    admin = site.visit("admin")
    assert admin.post("/users", **KIM, full_name="Kim <b>Key</b>") == (303, "/users/kim")
    assert "Kim &lt;b&gt;Key&lt;/b&gt;" in admin.get("/users")
    shown = admin.post("/users/kim/link")[1]
    secret = re.findall(r"/sign-in/([\w-]+)", shown)[0]
    assert "15 minutes" in shown
    assert secret not in admin.get("/users/kim")
    kim = site.client()
    assert kim.post(f"/sign-in/{secret}").status_code == 303
    assert "Signed in at 1 browser." in admin.get("/users/kim")
    assert admin.post("/users/kim/end")[0] == 303
    assert kim.get("/me").status_code == 303
    assert admin.post("/users/kim/team", team="marketing")[0] == 303
    assert admin.post("/users/kim/leave")[0] == 303
    assert admin.post("/users/kim/link")[0] == 400
    assert "Let Kim" in admin.get("/users/kim")
    assert admin.post("/users/kim/rejoin")[0] == 303
    assert lines(site) == [
        ("users.add", "user kim", "user=kim team=sales"),
        ("users.link", "user kim", ""),
        ("users.end", "user kim", ""),
        ("users.move", "user kim", "team=marketing"),
        ("users.leave", "user kim", ""),
        ("users.rejoin", "user kim", ""),
    ]
    assert secret not in str(auditing.entries(site.desk.ctx))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/users/admin/leave", {}),
        ("/users/admin/team", {"team": "ops"}),
        ("/users/ADMIN/team", {"team": "ops"}),
    ],
)
def test_the_last_admin_stays_one(site: Site, path: str, fields: dict[str, str]):
    admin = site.visit("admin")
    status, _ = admin.post(path, **fields)
    assert status in (400, 404)
    assert "is the last admin" in admin.post(path.replace("ADMIN", "admin"), **fields)[1]
    assert admin.post("/users/admin/team", team="admin")[0] == 303  # nothing changes but sessions
    again = site.visit("admin")
    again.post("/users/ops/team", team="admin")
    assert again.post(path.replace("ADMIN", "admin"), **fields)[0] == 303


def test_an_admin_who_left_does_not_count(site: Site):
    admin = site.visit("admin")
    admin.post("/users/ops/team", team="admin")
    admin.post("/users/ops/leave")
    assert "is the last admin" in admin.post("/users/admin/leave")[1]


def test_a_browser_left_open_changes_nobody(site: Site):
    admin = site.visit("admin")
    with site.desk.ctx.db.writing() as session:
        session.connection().execute(update(SESSION).values(proved_at=NOW - timedelta(days=1)))
    status, page = admin.post("/users/sam/leave")
    assert (status, "sign-in of the last half hour" in page) == (403, True)
    assert admin.post("/users", **KIM)[0] == 403
    assert admin.status("/users") == 200


@pytest.mark.parametrize(
    "odd",
    [
        {"user": "../x"},
        {"user": "dana"},
        {"user": "<script>alert(1)</script>"},
        {"team": "kings"},
        {"email": "x"},
        {"zone": "Mars/Base"},
        {"country": "Atlantis"},
        {"role": "<b>"},
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(site: Site, odd: dict[str, str]):
    before = len(users.everybody(site.desk.ctx))
    status, page = site.visit("admin").post("/users", **(KIM | {"full_name": "Kim Key"} | odd))
    assert (status, "There is a problem" in page) == (400, True)
    assert 'value="Kim Key"' in page
    assert "<script>alert" not in page
    assert len(users.everybody(site.desk.ctx)) == before


@pytest.mark.parametrize("deed", ["team", "leave", "rejoin", "link", "end"])
def test_nobody_is_nobody(site: Site, deed: str):
    assert site.visit("admin").post(f"/users/nobody/{deed}", team="sales")[0] in (400, 404)


def test_only_who_may_finds_the_way_there(site: Site):
    assert 'href="/users"' in site.visit("admin").get("/me")
    assert 'href="/users"' not in site.visit("ops").get("/me")


def test_whoever_never_came_was_never_seen(site: Site):
    site.visit("admin")
    seen = access.presence(site.desk.ctx)
    assert seen.keys() == {site.desk.users["admin"]}
    assert seen[site.desk.users["admin"]].sessions == 1
