"""Every route, for every team, with and without what a form must carry."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlmodel import SQLModel

from orchestrator.app import App
from orchestrator.engine.pages import views
from orchestrator.engine.staff import access, tokens
from orchestrator.settings import Web
from orchestrator.web.permissions import ALLOWED, May, may
from orchestrator.web.site import make
from tests.support.cast import NOW
from tests.support.site import TEAMS, Site

# What each page needs. A route that is missing here fails the test below: say what it needs.
NEEDS = {
    "/queue": May.WORK,
    "/queue/{task_id}": May.WORK,
    "/queue/{task_id}/done": May.WORK,
    "/queue/{task_id}/skip": May.WORK,
    "/queue/{task_id}/undo": May.WORK,
    "/queue/{task_id}/give": May.WORK,
    "/queue/{task_id}/later": May.WORK,
    "/queue/{task_id}/now": May.WORK,
    "/queue/{task_id}/back": May.WORK,
    "/queue/{task_id}/feedback": May.WORK,
    "/queue/{task_id}/hold": May.TEAM_WORK,
    "/queue/{task_id}/person": May.PEOPLE,
    "/queue/{task_id}/log": May.TEAM_WORK,
    "/team": May.TEAM_WORK,
    "/team/give": May.TEAM_WORK,
    "/me/away": May.WORK,
    "/me/away/back": May.WORK,
    "/bulk/{kind}": May.PEOPLE,
    "/bulk/{kind}/undo": May.PEOPLE,
    "/accounts": May.SHARED,
    "/accounts/views": May.ACCOUNTS,
    "/accounts/views/{view_id}/delete": May.ACCOUNTS,
    "/accounts/{account_id}": May.SHARED,
    "/accounts/{account_id}/notes": May.ACCOUNTS,
    "/accounts/{account_id}/links": May.ACCOUNTS,
    "/accounts/{account_id}/links/{link_id}/delete": May.ACCOUNTS,
    "/accounts/{account_id}/plays/{play_id}/picture.svg": May.SHARED,
    "/playbooks": May.SHARED,
    "/playbooks/{name}": May.SHARED,
    "/playbooks/{name}/picture.svg": May.SHARED,
    "/playbooks/{name}/versions/{number}": May.SHARED,
    "/playbooks/{name}/pause": May.STEER,
    "/playbooks/{name}/resume": May.STEER,
    "/live": May.WORK,
    "/calendar": May.ACCOUNTS,
    "/calendar/export.ics": May.ACCOUNTS,
    "/promises": May.LEAD,
    "/ops": May.OPERATE,
    "/ops/unknown/{touch_id}": May.OPERATE,
    "/ops/retries/{touch_id}": May.OPERATE,
    "/users": May.MANAGE,
    "/users/{user}": May.MANAGE,
    "/users/{user}/team": May.MANAGE,
    "/users/{user}/leave": May.MANAGE,
    "/users/{user}/rejoin": May.MANAGE,
    "/users/{user}/link": May.MANAGE,
    "/users/{user}/end": May.MANAGE,
    "/users/{user}/share": May.MANAGE,
    "/users/{user}/unshare/{share_id}": May.MANAGE,
    "/audit": May.AUDIT,
    "/audit/verify": May.AUDIT,
}
FOR_ALL = {
    "/", "/me", "/me/sessions/end", "/me/calendar", "/me/calendar/close", "/me/tokens",
    "/me/tokens/{token_id}/revoke", "/sign-out",
}  # fmt: skip
OUTSIDE = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in",
    "/sign-in/{secret}",
    "/setup",
    "/oidc",
    "/oidc/back",
    "/oidc/leave",
    "/feeds/{secret}.ics",
}


class Route(NamedTuple):
    """A route of ours."""

    path: str
    methods: set[str]


def routes(site: Site) -> list[Route]:
    """Every route, but not the files of `static`."""
    found = iter_route_contexts(site.app.routes)
    return [
        Route(one.path or "", set(one.methods or ()) & {"GET", "POST"})
        for one in found
        if isinstance(one.original_route, APIRoute)
    ]


def paths(site: Site) -> list[tuple[str, str, str]]:
    """(route, method, path) of all, with numbers of things that there are."""
    ids = {
        "task_id": site.desk.task(),
        "account_id": site.desk.acme,
        "touch_id": 1,
        "name": "play",
        "kind": "social",
    }
    return [
        (route.path, method, re.sub(r"\{(\w+)\}", lambda at: str(ids.get(at[1], "x")), route.path))
        for route in routes(site)
        for method in route.methods
    ]


def test_every_route_says_what_it_needs(site: Site):
    assert {route.path for route in routes(site)} == NEEDS.keys() | FOR_ALL | OUTSIDE


@pytest.mark.parametrize("team", TEAMS)
def test_a_team_reaches_what_its_table_allows_and_nothing_else(site: Site, team: str):
    visitor = site.visit(team)
    sent = {"csrf": visitor.csrf, "verdict": "sent", "deed": "now"}
    for route, method, path in paths(site):
        if (need := NEEDS.get(route)) is None:
            continue
        answer = visitor.client.request(method, path, data=sent if method == "POST" else None)
        refused = answer.status_code == 403 and f"{team} may not see this" in answer.text
        assert refused is not may(team, need), (team, method, path)


def test_nobody_gets_in_without_signing_in(site: Site):
    client = site.client()
    for route, method, path in paths(site):
        if route not in OUTSIDE:
            answer = client.request(method, path)
            where = answer.headers.get("location", "").partition("?")[0]
            assert (answer.status_code, where) == (303, "/sign-in"), route


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("made up", {}),
        ("Ünïcode", {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
        (None, {"Origin": "null"}),
    ],
)
def test_no_route_changes_anything_for_a_form_that_is_not_ours(
    site: Site, csrf: str | None, headers: dict[str, str]
):
    """A table of forgeries, each tried on every unsafe route that there is."""
    visitor = site.visit("admin")
    token = (visitor.csrf if csrf is None else csrf).encode()
    data = {"csrf": token, "verdict": "sent", "reason": "x"}
    unsafe = [path for route, method, path in paths(site)
              if method == "POST" and route not in OUTSIDE]  # fmt: skip
    assert len(unsafe) >= 15
    for path in unsafe:
        assert visitor.client.post(path, data=data, headers=headers).status_code == 403, path
    assert visitor.status("/me") == 200  # not even signed out


def test_whoever_only_asks_changes_nothing(site: Site):
    """Every page is asked for; but for the line that a file left the house, no row is another."""
    visitor = site.visit("admin")
    asked = [path for route, method, path in paths(site) if method == "GET" and route != "/live"]

    def rows() -> dict[str, list[str]]:
        with site.desk.ctx.db.reading() as session:
            return {
                table.name: sorted(map(str, session.connection().execute(table.select())))
                for table in SQLModel.metadata.sorted_tables
                if table.name not in ("audit", "tries")
            }

    before = rows()
    for path in asked:
        assert visitor.client.get(path).status_code < 500, path
    assert rows() == before


def test_another_sessions_token_is_no_token(site: Site):
    one, two = site.visit("dana"), site.visit("dana")
    task = site.desk.task()
    answer = one.client.post(
        f"/queue/{task}/done", data={"csrf": two.csrf, "disposition": "connected"}
    )
    assert answer.status_code == 403
    assert one.post(f"/queue/{task}/done", disposition="connected")[0] == 303


def test_signing_in_from_another_site_is_refused(site: Site):
    answer = site.client().post(
        "/sign-in", data={"name": "dana"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_an_agency_sees_its_tasks_and_nobodys_address(site: Site):
    mine = site.desk.task(team="agency", assignee_id=site.desk.users["agency"])
    other = site.desk.task(occurrence=2)
    visitor = site.visit("agency")
    page = visitor.get("/queue")
    assert "Call Ann Archer" in page
    assert "+49301234567" not in page
    assert "ann.archer@acme.example" not in page
    assert f"/accounts/{site.desk.acme}" not in page
    assert visitor.status(f"/queue/{mine}") == 200
    assert visitor.status(f"/queue/{other}") == 403
    assert visitor.status("/queue/999999") == 403  # alike: it does not tell which ids there are


@pytest.mark.parametrize("team", TEAMS)
def test_a_task_of_another_team_is_nobodys_but_whose_it_is_and_who_may_all_work(
    site: Site, team: str
):
    """Route by object: every way to a task, once one's own and once another's."""
    other = "marketing" if team == "sales" else "sales"
    mine = site.desk.task(team=team, assignee_id=site.desk.users[team])
    whose = site.desk.task(team=other, assignee_id=site.desk.users[other], occurrence=2)
    visitor = site.visit(team)
    ways = [(one.path, how) for one in routes(site) for how in one.methods if "{task" in one.path]
    assert len(ways) >= 12
    for way, method in ways:
        for task, refused in ((whose, not may(team, May.ALL_WORK)), (mine, False)):
            if not may(team, NEEDS[way]):
                continue
            sent = {"csrf": visitor.csrf} if method == "POST" else None
            answer = visitor.client.request(method, way.format(task_id=task), data=sent)
            assert (answer.status_code == 403) is refused, (team, way, task)


def test_what_belongs_to_one_of_us_is_nobody_elses(site: Site):
    dana, sam, ctx = site.visit("dana"), site.visit("sam"), site.desk.ctx
    token = tokens.make(ctx, "dana", "mine", ["work"], writes=False).id
    dana.post("/accounts/views", name="mine", query="tier=1")
    assert sam.post(f"/me/tokens/{token}/revoke")[0] == 400
    assert sam.post("/accounts/views/1/delete")[0] in (403, 404)
    assert [one.revoked_at for one in tokens.tokens(ctx, site.desk.dana)] == [None]
    assert len(views.views(ctx, site.desk.dana, "accounts")) == 1


def test_nobody_is_allowed_what_no_table_says():
    assert ALLOWED.keys() == set(TEAMS)
    assert not may("a new team", May.WORK)


def test_every_answer_is_armoured(site: Site):
    visitor = site.visit("ops")
    for path in ("/queue", "/nowhere", "/healthz", "/queue/1x", "/static/abm.css", "/sign-in"):
        answer = visitor.client.get(path)
        assert "default-src 'self'" in answer.headers["content-security-policy"], path
        assert answer.headers["x-content-type-options"] == "nosniff"
        wanted = "max-age=3600" if path.startswith("/static") else "no-store"
        assert answer.headers["cache-control"] == wanted


def test_the_cookie_cannot_be_read_by_scripts(site: Site):
    answer = site.client().post(f"/sign-in/{link_of(site)}")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_by_https_the_cookie_is_this_hosts_alone(site: Site):
    web = Web(address="https://abm.example.com")
    settings = site.desk.ctx.settings.model_copy(update={"web": web})
    there = make(App(replace(site.desk.ctx, settings=settings)))
    answer = Site(there, site.desk).client().post(f"/sign-in/{link_of(site)}")
    assert answer.headers["set-cookie"].startswith("__Host-abm=")
    parts = {one.strip().lower() for one in answer.headers["set-cookie"].split(";")[1:]}
    assert {"secure", "httponly", "path=/", "samesite=lax"} == parts


def test_signing_in_anew_ends_the_session_that_the_browser_had(site: Site):
    visitor, before = site.visit("dana"), site.client()
    before.cookies.update(visitor.client.cookies)
    visitor.client.post(f"/sign-in/{link_of(site)}")
    assert visitor.status("/me") == 200
    assert before.get("/me").status_code == 303


def test_a_session_is_ended_from_another_browser(site: Site):
    here, there = site.visit("dana"), site.visit("dana")
    found = re.findall(r'name="session" value="(\w+)"', here.get("/me"))
    assert len(found) == 1
    assert here.post("/me/sessions/end", session=found[0]) == (303, "/me")
    assert (here.status("/me"), there.status("/me")) == (200, 303)


def link_of(site: Site) -> str:
    return access.link(site.desk.ctx, "dana")


def test_guessing_is_slowed_down_at_all_processes_together(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW)
    doors = [site.client(), Site(make(App(site.desk.ctx)), site.desk).client()]
    tries = [
        doors[number % 2].post("/sign-in", data={"name": "nobody", "password": "x"}).status_code
        for number in range(12)
    ]
    assert tries == [400] * 10 + [429] * 2
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW + timedelta(seconds=6))
    assert [access.may_try(site.desk.ctx, "name nobody") for _ in range(2)] == [True, False]


def test_a_form_that_would_fill_memory_is_refused(site: Site):
    visitor = site.visit("dana")
    path = f"/queue/{site.desk.task()}/done"
    answer = visitor.client.post(path, data={"csrf": visitor.csrf, "note": "x" * 1_100_000})
    assert answer.status_code == 413
