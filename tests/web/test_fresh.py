"""What is dangerous wants somebody who has just signed in, whoever left a browser open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.engine.staff import access, auditing
from tests.support.site import US, Site
from tests.web.test_guards import OUTSIDE, paths

# People, secrets, what leaves the house, and what cannot be taken back. What deletes on a page is a
# link or a view, which come back as quickly; sending domains are in the settings.
DANGEROUS = {
    ("GET", "/calendar/export.ics"),
    ("POST", "/me/calendar"),
    ("POST", "/me/tokens"),
    ("POST", "/me/tokens/{token_id}/revoke"),
    ("POST", "/ops/unknown/{touch_id}"),
    ("POST", "/users"),
    ("POST", "/users/{user}/team"),
    ("POST", "/users/{user}/leave"),
    ("POST", "/users/{user}/rejoin"),
    ("POST", "/users/{user}/link"),
    ("POST", "/users/{user}/end"),
    ("POST", "/users/{user}/share"),
    ("POST", "/users/{user}/unshare/{share_id}"),
}
PASSWORD = "four stray badgers sing"
ASKS = "this wants a sign-in of the last half hour"


def test_these_routes_ask_for_a_new_sign_in_and_no_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    visitor = site.visit("admin")
    monkeypatch.setattr(access, "RECENT", timedelta(seconds=-1))
    found = set()
    for route, method, path in paths(site):
        if route in OUTSIDE or route in ("/live", "/sign-out"):
            continue
        sent = {"csrf": visitor.csrf} if method == "POST" else None
        answer = visitor.client.request(method, path, data=sent)
        if ASKS in answer.text:
            assert answer.status_code == 403
            found.add((method, route))
    assert found == DANGEROUS


def test_a_file_is_handed_out_after_a_new_sign_in_and_one_is_led_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    access.set_password(site.desk.ctx, "max", PASSWORD)
    client = site.visit("max").client
    monkeypatch.setattr(access, "RECENT", timedelta(seconds=-1))
    file = "/calendar/export.ics?team=sales"
    for referer, back in ((f"{US}/calendar?team=sales", "/calendar?team=sales"), ("", file)):
        page = client.get(file, headers={"Referer": referer}).text
        assert ASKS in page
        assert f'name="next" value="{back}"' in page
    assert auditing.entries(site.desk.ctx, said="calendar.export") == []
    answer = client.post("/sign-in", data={"name": "max", "password": PASSWORD, "next": file})
    assert answer.headers["location"] == file
    monkeypatch.undo()
    answer = client.get(file)
    assert answer.headers["content-disposition"] == 'attachment; filename="calendar.ics"'
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert len(auditing.entries(site.desk.ctx, said="calendar.export")) == 1
