"""The API: who may call it, pages of lists, calls that come twice, and how errors look."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from orchestrator.engine.staff import access, auditing, tokens
from orchestrator.engine.tasks import desk
from orchestrator.engine.tasks.dispositions import HAND_BACKS
from orchestrator.records import Activity, ApiToken, Task
from orchestrator.web.permissions import May, may, may_work_on
from tests.support import cast
from tests.support.cast import NOW
from tests.support.program import Program, program
from tests.support.site import TEAMS, Site
from tests.web.test_ops import put_off, unknown

# What each call needs; a route that is missing here fails the first test.
NEEDS = {
    ("GET", "/accounts"): May.ACCOUNTS,
    ("GET", "/accounts/{account_id}"): May.ACCOUNTS,
    ("GET", "/accounts/{account_id}/opportunities"): May.ACCOUNTS,
    ("GET", "/contacts"): May.ACCOUNTS,
    ("GET", "/activities"): May.ACCOUNTS,
    ("GET", "/enrollments"): May.ACCOUNTS,
    ("GET", "/enrollments/{enrollment_id}"): May.ACCOUNTS,
    ("POST", "/enrollments"): May.STEER,
    ("GET", "/playbooks"): May.ACCOUNTS,
    ("GET", "/playbooks/{name}"): May.ACCOUNTS,
    ("POST", "/playbooks/{name}/pause"): May.STEER,
    ("POST", "/playbooks/{name}/resume"): May.STEER,
    ("GET", "/held"): May.OPERATE,
    ("GET", "/unknowns"): May.OPERATE,
    ("POST", "/unknowns/{touch_id}"): May.OPERATE,
    ("POST", "/events"): May.FEED,
    ("GET", "/tasks"): May.WORK,
    ("GET", "/tasks/{task_id}"): May.WORK,
    ("POST", "/tasks/{task_id}/done"): May.WORK,
    ("POST", "/tasks/{task_id}/skip"): May.WORK,
    ("POST", "/tasks/{task_id}/undo"): May.WORK,
    ("POST", "/tasks/{task_id}/give"): May.WORK,
    ("POST", "/tasks/{task_id}/later"): May.WORK,
    ("POST", "/tasks/{task_id}/back"): May.WORK,
    ("POST", "/tasks/{task_id}/now"): May.WORK,
    ("POST", "/tasks/{task_id}/feedback"): May.WORK,
    ("POST", "/handovers"): May.TEAM_WORK,
    ("POST", "/touches"): May.TEAM_WORK,
    ("POST", "/accounts/{account_id}/hold"): May.TEAM_WORK,
    ("POST", "/accounts/{account_id}/release"): May.TEAM_WORK,
    ("POST", "/accounts/{account_id}/contacts"): May.PEOPLE,
    ("POST", "/accounts/{account_id}/notes"): May.ACCOUNTS,
    ("GET", "/accounts/{account_id}/links"): May.ACCOUNTS,
    ("POST", "/accounts/{account_id}/links"): May.ACCOUNTS,
    ("POST", "/accounts/{account_id}/links/{link_id}/delete"): May.ACCOUNTS,
    ("GET", "/absences"): May.WORK,
    ("POST", "/absences"): May.WORK,
    ("POST", "/absences/back"): May.WORK,
    ("GET", "/views"): May.ACCOUNTS,
    ("POST", "/views"): May.ACCOUNTS,
    ("POST", "/views/{view_id}/delete"): May.ACCOUNTS,
    ("GET", "/promises"): May.LEAD,
    ("GET", "/promises/{team}"): May.LEAD,
    ("GET", "/retries"): May.OPERATE,
    ("POST", "/retries/{touch_id}/now"): May.OPERATE,
    ("POST", "/retries/{touch_id}/give-up"): May.OPERATE,
    ("GET", "/users"): May.MANAGE,
    ("GET", "/audit"): May.AUDIT,
    ("GET", "/audit/chain"): May.AUDIT,
}
# What somebody may by a page and no program may, and why.
BY_PAGES_ONLY = {
    May.SHARED: "what is shared with an agency is for its eyes, and leaves by no program",
    May.ALL_WORK: "it widens whose tasks the calls of `work` reach",
    May.TIDY: "it widens whose links the calls of `accounts` take away",
}
FOR_ALL = {("GET", "/me")}


def calls(site: Site) -> list[tuple[tuple[str, str], str]]:
    """((method, route), path with the numbers of things that there are) of all that is told."""
    told = site.client().get("/api/v1/openapi.json").json()["paths"]
    names = {"task_id": site.desk.task(), "account_id": site.desk.acme, "touch_id": unknown(site),
             "enrollment_id": site.desk.play, "name": "play", "view_id": 1, "link_id": 1,
             "team": "sales"}  # fmt: skip
    return [
        ((method.upper(), path), path.format(**names)) for path, of in told.items() for method in of
    ]


def ids(page: Any) -> list[int]:
    return [one["id"] for one in page["items"]]


# ---------------------------------------------------------------- who may


def test_every_call_says_what_it_needs(site: Site):
    assert {route for route, _ in calls(site)} == NEEDS.keys() | FOR_ALL


def test_whatever_the_table_allows_has_a_call_or_a_reason():
    assert set(NEEDS.values()) | BY_PAGES_ONLY.keys() == set(May)
    assert not set(NEEDS.values()) & BY_PAGES_ONLY.keys()


@pytest.mark.parametrize("team", TEAMS)
def test_a_token_reaches_what_its_user_may_and_nothing_else(site: Site, team: str):
    caller = program(site, team)
    for route, path in calls(site):
        status, said = caller.call(route[0], path)
        if (need := NEEDS.get(route)) is not None:
            refused = status == 403 and f"{team} may not" in said["detail"]
            assert refused is not may(team, need), (team, route, said)


@pytest.mark.parametrize("scope", list(May))
def test_a_token_reaches_no_further_than_its_scopes(site: Site, scope: May):
    caller = program(site, "admin", [scope])
    for route, path in calls(site):
        status, said = caller.call(route[0], path)
        if (need := NEEDS.get(route)) is not None:
            refused = status == 403 and "does not reach" in said["detail"]
            assert refused is (need is not scope), (scope, route, said)


def test_a_program_runs_the_desk_as_the_pages_do(site: Site):
    """Notes, a rest, somebody new, time off, a view, tasks that change hands or are given back."""
    task, other = site.desk.task(), site.desk.task(occurrence=2)
    desk, ops = program(site, "dana"), program(site, "ops")
    acme = f"/accounts/{site.desk.acme}"
    assert desk.post(f"{acme}/notes", {"text": "@max look"}) == (200, {"named": ["max"]})
    until = (NOW + timedelta(days=3)).isoformat()
    assert desk.post(f"{acme}/hold", {"reason": "fair week", "until": until})[1]["plays"] == 1
    assert site.desk.play_now().status == "paused"
    assert desk.post(f"{acme}/release")[0] == 200
    assert site.desk.play_now().status == "active"
    status, added = desk.post(f"{acme}/contacts", {"name": "Cy Coe", "email": "cy@acme.example"})
    assert (status, added["known"]) == (200, False)
    away = {"first": "2026-03-09", "last": "2026-03-10", "cover": "sam"}
    assert desk.post("/absences", away) == (200, away | {"name": "dana"})
    assert desk.get("/absences")["items"] == [away | {"name": "dana"}]
    assert desk.post("/absences/back") == (200, {"number": 1})
    assert desk.post("/views", {"name": "Mine", "query": "tier=1"})[0] == 204
    [view] = desk.get("/views")["items"]
    assert ops.post(f"/views/{view['id']}/delete")[0] == 404  # nobody else's
    assert desk.post(f"/views/{view['id']}/delete")[0] == 204
    given = {"tasks": [other, 4711], "to": site.desk.users["sam"]}
    assert desk.post("/handovers", given) == (200, {"number": 1})
    assert desk.post(f"/tasks/{task}/back", {"why": "sung"})[0] == 400
    status, ended = desk.post(f"/tasks/{task}/back", {"why": next(iter(HAND_BACKS))})
    assert (status, ended["disposition"]) == (200, "skipped")
    [sales, *_] = [one for one in ops.get("/promises")["items"] if one["team"] == "marketing"]
    assert sales["open"] == 1
    assert len(walk(ops, "/promises/marketing", state="open")) == 1


def test_a_program_walks_retries_and_the_audit_log_page_by_page(site: Site):
    ids_ = [put_off(site, occurrence=number + 1) for number in range(3)]
    ops = program(site, "ops")
    first = ops.get("/retries", limit=2)
    assert ids(first) + ids(ops.get("/retries", limit=2, cursor=first["next"])) == ids_
    assert ops.post(f"/retries/{ids_[0]}/now", key="k") == (200, {"status": "ready"})
    assert ops.post(f"/retries/{ids_[1]}/give-up") == (200, {"status": "cancelled"})
    assert ops.post(f"/retries/{ids_[1]}/give-up")[0] == 400
    newest = ops.get("/audit", limit=1)
    assert newest["items"][0]["action"] == "api.office.give_up"
    assert ops.get("/audit", limit=1, cursor=newest["next"])["items"][0]["object"] == (
        f"touch {ids_[0]}"
    )
    assert ops.get("/audit/chain")["problem"] == ""


def test_a_token_that_only_reads_changes_nothing(site: Site):
    caller = program(site, "admin", writes=False)
    for (method, _), path in calls(site):
        status, said = caller.call(method, path)
        assert (status == 403) is (method == "POST"), (path, said)


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer x", "Bearer Ünïcode", "Basic YTpi"])
def test_nobody_calls_without_a_valid_token(site: Site, sent: str):
    for (method, _), path in calls(site):
        answer = site.client().request(
            method, f"/api/v1{path}", headers={b"Authorization": sent.encode()}
        )
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_cookie_is_no_token(site: Site):
    assert site.visit("ops").client.get("/api/v1/me").status_code == 401


def test_a_token_ends_when_it_is_revoked_too_old_or_its_user_left(site: Site):
    revoked, old, gone = (program(site, "ops") for _ in range(3))
    tokens.revoke(site.desk.ctx, revoked.token_id)
    with site.desk.ctx.db.writing() as session:
        session.get_one(ApiToken, old.token_id).until = NOW - timedelta(days=365)
    for one in (revoked, old):
        assert one.call("GET", "/me")[0] == 401
    assert gone.get("/me")["user"] == "ops"
    with site.desk.ctx.db.writing() as session:
        session.connection().execute(text("UPDATE app_user SET active = false WHERE name = 'ops'"))
    assert gone.call("GET", "/me")[0] == 401


def test_the_database_knows_no_secret(site: Site):
    caller = program(site, "ops")
    row = site.desk.get(ApiToken, caller.token_id)
    assert caller.secret.startswith("abm_")
    assert caller.secret not in str(row)


def test_a_task_that_is_somebody_elses_is_not_there(site: Site):
    mine = site.desk.task(team="agency", assignee_id=site.desk.users["agency"])
    other = site.desk.task(occurrence=2)
    caller = program(site, "agency")
    assert ids(caller.get("/tasks")) == [mine]
    for missing in (other, 999_999):
        assert caller.call("GET", f"/tasks/{missing}")[0] == 404
        assert caller.post(f"/tasks/{missing}/skip", {"reason": "x"})[0] == 404


@pytest.mark.parametrize("team", TEAMS)
@pytest.mark.parametrize("scopes", [list(May), [May.WORK], [May.WORK, May.TEAM_WORK]])
def test_the_list_of_tasks_is_those_that_one_may_work_on(site: Site, team: str, scopes: list[May]):
    """The rule in SQL and the rule of the pages are one."""
    users = site.desk.users
    for number, owner in enumerate([None, users[team], users["dana"], users["marketing"]]):
        for other in ("sales", "marketing", "agency"):
            site.desk.task(team=other, assignee_id=owner, occurrence=number + 1, purpose=other)
    caller = program(site, team, scopes)
    token = tokens.caller(site.desk.ctx, caller.secret)
    assert token

    def allowed(what: May) -> bool:
        return what in scopes and may(team, what)

    cards = [desk.task(site.desk.ctx, one.id) for one in site.desk.all(Task)]
    wanted = [one.id for one in cards if one and may_work_on(token, one, allowed)]
    assert ids(caller.get("/tasks")) == wanted


def test_addresses_are_for_those_who_may_see_them(site: Site):
    seen = program(site, "sales").get("/contacts")["items"][0]
    hidden = program(site, "sales", [May.ACCOUNTS]).get("/contacts")["items"][0]
    assert (seen["email"], seen["phone"]) == ("ann.archer@acme.example", "+49301234567")
    assert (hidden["email"], hidden["phone"]) == (None, None)


# ---------------------------------------------------------------- pages


def walk(caller: Program, path: str, **query: Any) -> list[Any]:
    """Every item of a list, two at a time."""
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = caller.get(path, limit=2, cursor=cursor, **query)
        found += page["items"]
        assert page["next"] != cursor, "it goes nowhere"
        cursor = page["next"]
    return found


def test_a_walk_through_the_pages_finds_each_once(site: Site):
    with site.desk.ctx.db.writing() as session:
        for number in range(5):
            cast.company(session, f"Company {number}", tier=1 + number % 2)
        session.add_all(
            Activity(at=NOW + timedelta(minutes=number // 3), id=number, account_id=site.desk.acme,
                     kind="note", text=str(number)) for number in range(1, 8)
        )  # fmt: skip
    caller = program(site, "ops")
    names = [one["name"] for one in walk(caller, "/accounts")]
    assert names == ["Acme"] + [f"Company {number}" for number in range(5)]
    assert len(walk(caller, "/accounts", tier=1)) == 3
    assert [one["text"] for one in walk(caller, "/activities")] == list("1234567")
    assert len(walk(caller, "/activities", account_id=site.desk.acme)) == 7
    later = walk(caller, "/activities", since=(NOW + timedelta(minutes=1)).isoformat())
    assert [one["text"] for one in later] == list("34567")


def test_a_program_reads_what_was_told_of_an_accounts_opportunities(site: Site):
    told = {"stage": "Proposal", "amount": "12000.00"}
    with site.desk.ctx.db.writing() as session:
        other = cast.company(session, "Other").id
        session.add_all(
            Activity(at=NOW, id=number, account_id=account, kind=kind, data=data)
            for number, account, kind, data in (
                (1, site.desk.acme, "opportunity", {}), (2, site.desk.acme, "note", {}),
                (3, site.desk.acme, "opportunity", told), (4, other, "opportunity", told),
            )
        )  # fmt: skip
    caller = program(site, "ops")
    found = walk(caller, f"/accounts/{site.desk.acme}/opportunities")
    assert [(one["id"], one["stage"], one["amount"]) for one in found] == [
        (1, "", None), (3, "Proposal", "12000.00"),
    ]  # fmt: skip
    assert caller.call("GET", "/accounts/999/opportunities")[0] == 404


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "²", "2026-01-01~x", "2026~1", "~"])
@pytest.mark.parametrize("path", ["/accounts", "/activities"])
def test_a_cursor_that_no_page_gave_is_said_so(site: Site, path: str, cursor: str):
    status, said = program(site, "ops").call("GET", f"{path}?cursor={cursor}")
    assert (status, said["detail"]) == (404, "no page gave this cursor")


# ---------------------------------------------------------------- doing


def test_a_program_does_what_the_pages_do(site: Site):
    first, second, third = (site.desk.task(occurrence=number) for number in (1, 2, 3))
    touch = unknown(site)
    dana, ops = program(site, "dana"), program(site, "ops")
    assert dana.post(f"/tasks/{first}/done", {"disposition": "connected"})[1]["by"] == "dana"
    assert dana.post(f"/tasks/{first}/undo")[1]["status"] == "open"
    assert dana.post(f"/tasks/{second}/skip", {"reason": "on leave"})[0] == 200
    assert dana.post(f"/tasks/{third}/give", {"to": site.desk.users["sam"]})[0] == 200
    until = (NOW + timedelta(hours=1)).isoformat()
    assert dana.post(f"/tasks/{first}/later", {"until": until})[0] == 200
    assert ops.get("/unknowns")["items"][0]["id"] == touch
    assert ops.post(f"/unknowns/{touch}", {"verdict": "sent", "proof": "they wrote"})[0] == 204
    assert ops.post(f"/unknowns/{touch}", {"verdict": "sent", "proof": "they wrote"})[0] == 404
    assert ops.post("/playbooks/play/pause", {"reason": "a figure is wrong"})[1]["plays"] == 1
    assert ops.get("/held")["items"][0]["reason"]
    assert ops.post("/playbooks/play/resume")[1]["done"] == "resumed"
    done = ops.post("/enrollments", {"playbook": "play", "accounts": [site.desk.acme]})[1]
    assert [one["account_id"] for one in done["refused"]] == [site.desk.acme]
    event = {"kind": "clicked", "id": "1", "payload": {"email": "ann.archer@acme.example"}}
    assert ops.post("/events", {"events": [event]})[1] == {
        "stored": 1, "repeated": 0, "counts": {"applied": 1},
    }  # fmt: skip
    assert ops.post("/events", {"events": [event]})[1]["repeated"] == 1
    told = [one for one in auditing.entries(site.desk.ctx) if one.via == "api"]
    assert len(told) == 11
    assert {one.detail for one in told} >= {f"token={dana.token_id}", f"token={ops.token_id}"}


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/tasks/{task}/done", {"disposition": "sung"}, 400, "sung"),
        ("/tasks/{task}/done", {}, 422, "disposition"),
        ("/tasks/{task}/done", {"disposition": "connected", "notes": "x"}, 422, "notes"),
        ("/tasks/{task}/done", {"disposition": "connected", "note": "a\0b"}, 422, "note"),
        ("/tasks/{task}/done", {"disposition": "not_now", "until": "2026-03-09"}, 422, "until"),
        ("/tasks/{task}/skip", {"reason": " "}, 400, "says why"),
        ("/tasks/99999999999999999999/skip", {"reason": "x"}, 422, "task_id"),
        ("/playbooks/none/pause", {"reason": "x"}, 404, "none"),
        ("/enrollments", {"playbook": "play", "accounts": [4711]}, 400, "4711"),
        ("/events", {"events": []}, 422, "events"),
        ("/events", {"events": [{"kind": "x", "id": "1", "payload": {"a": "\0"}}]}, 422, "NUL"),
        ("/nowhere", {}, 404, "Not Found"),
        ("/accounts", {}, 405, "Method"),
    ],
)
def test_what_is_wrong_is_told_as_a_problem(
    site: Site, path: str, body: Any, status: int, said: str
):
    caller = program(site, "ops")
    answer = caller.client.post(f"/api/v1{path.format(task=site.desk.task())}", json=body)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "hint"} <= answer.json().keys()


# ---------------------------------------------------------------- once


def test_a_call_under_a_key_is_done_once_and_answered_alike(site: Site):
    task = site.desk.task()
    caller, body = program(site, "dana"), {"disposition": "connected", "note": "well"}
    first = caller.post(f"/tasks/{task}/done", body, "k1")
    lines = len(auditing.entries(site.desk.ctx))
    assert caller.post(f"/tasks/{task}/done", body, "k1") == first
    assert first[0] == 200
    assert len(auditing.entries(site.desk.ctx)) == lines
    status, said = caller.post(f"/tasks/{task}/done", body | {"note": "other"}, "k1")
    assert (status, "another call" in said["detail"]) == (409, True)
    assert program(site, "sam").post(f"/tasks/{task}/done", body, "k1")[0] == 400  # his own k1
    assert caller.post(f"/tasks/{task}/done", body, "a key")[0] == 422


def test_what_was_refused_may_be_tried_again_under_its_key(site: Site):
    task, caller = site.desk.task(), program(site, "dana")
    assert caller.post(f"/tasks/{task}/done", {"disposition": "sung"}, "k")[0] == 400
    assert caller.post(f"/tasks/{task}/done", {"disposition": "connected"}, "k")[0] == 200


def test_a_key_is_forgotten_after_a_day(site: Site, monkeypatch: pytest.MonkeyPatch):
    caller = program(site, "ops")
    caller.post("/playbooks/play/pause", {"reason": "x"}, "k")
    monkeypatch.setattr(tokens, "REMEMBERED", timedelta(0))
    assert caller.post("/playbooks/play/pause", {"reason": "y"}, "k")[0] == 200


def test_calls_at_once_under_one_key_are_one(site: Site):
    callers = [program(site, "ops") for _ in range(4)]
    event = {"kind": "clicked", "id": "1", "payload": {"email": "ann.archer@acme.example"}}

    def send(caller: Program) -> int:
        return caller.post("/events", {"events": [event]}, "k")[0]

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, callers))
    assert answers[0] == 200
    assert set(answers) <= {200, 409}
    assert len([one for one in auditing.entries(site.desk.ctx) if one.via == "api"]) == 1


# ---------------------------------------------------------------- one's own


def test_somebody_makes_and_revokes_tokens_on_a_page(site: Site):
    visitor = site.visit("dana")
    status, page = visitor.post("/me/tokens", label="a form", may="accounts")
    secret = page.split("<code>")[1].split("</code>")[0]
    caller = site.client()
    caller.headers["Authorization"] = f"Bearer {secret}"
    assert status == 200
    assert caller.get("/api/v1/accounts").status_code == 200
    assert secret not in visitor.get("/me/tokens")
    (mine,) = tokens.tokens(site.desk.ctx, site.desk.dana)
    other = program(site, "sam").token_id
    assert visitor.post(f"/me/tokens/{other}/revoke")[0] == 400
    assert visitor.post(f"/me/tokens/{mine.id}/revoke")[0] == 303
    assert caller.get("/api/v1/accounts").status_code == 401
    assert secret not in str(auditing.entries(site.desk.ctx))


@pytest.mark.parametrize(
    "fields", [{"label": "x"}, {"label": "x", "may": "audit"}, {"may": "work"}]
)
def test_a_token_reaches_something_that_its_maker_may(site: Site, fields: dict[str, str]):
    assert site.visit("dana").post("/me/tokens", **fields)[0] == 400
    assert tokens.tokens(site.desk.ctx) == []


def test_what_is_dangerous_wants_somebody_who_has_just_signed_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """A browser that was left open makes no token and settles nothing."""
    touch, visitor = unknown(site), site.visit("ops")
    monkeypatch.setattr(access, "RECENT", timedelta(0))
    for path, fields in (
        ("/me/tokens", {"label": "x", "may": "work"}),
        (f"/ops/unknown/{touch}", {"verdict": "resend", "proof": "x"}),
    ):
        status, page = visitor.post(path, **fields)
        assert (status, "of the last half hour" in page) == (403, True)
    assert visitor.status("/me/tokens") == 200  # looking is no danger
    assert tokens.tokens(site.desk.ctx) == []
