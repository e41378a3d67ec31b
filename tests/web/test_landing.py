"""Where one lands after signing in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orchestrator.engine.staff import access
from orchestrator.web.landing import LANDS, LONGEST, landing, local
from tests.support.site import TEAMS, US, Site

PASSWORD = "four stray badgers sing"


def test_every_team_lands_on_a_page_that_it_may_see(site: Site):
    assert LANDS.keys() == set(TEAMS)
    for team in TEAMS:
        client = site.client()
        answer = client.post(f"/sign-in/{access.link(site.desk.ctx, team)}")
        assert answer.headers["location"] == LANDS[team]
        assert client.get(LANDS[team]).status_code == 200


def test_a_page_that_was_wanted_before_goes_before(site: Site):
    access.set_password(site.desk.ctx, "leader", PASSWORD)
    client = site.client()
    where = client.get("/accounts?tier=1").headers["location"]
    assert where == "/sign-in?next=%2Faccounts%3Ftier%3D1"
    assert 'name="next" value="/accounts?tier=1"' in client.get(where).text
    form = {"name": "leader", "next": "/accounts?tier=1"}
    wrong = client.post("/sign-in", data=form | {"password": "no"})
    assert 'name="next" value="/accounts?tier=1"' in wrong.text
    answer = client.post("/sign-in", data=form | {"password": PASSWORD})
    assert answer.headers["location"] == "/accounts?tier=1"


def test_whoever_asks_for_nothing_special_wants_no_page(site: Site):
    assert site.client().get("/").headers["location"] == "/sign-in"
    assert site.client().post("/playbooks/play/pause").headers["location"] == "/sign-in"


def test_a_dangerous_deed_comes_back_to_its_page(site: Site, monkeypatch: pytest.MonkeyPatch):
    visitor = site.visit("ops")
    monkeypatch.setattr(access, "RECENT", timedelta(seconds=-1))
    for referer, wanted in ((f"{US}/me/tokens", True), ("https://evil.example/me/tokens", False)):
        page = visitor.client.post(
            "/me/tokens", data={"csrf": visitor.csrf}, headers={"Referer": referer}
        ).text
        assert ('name="next" value="/me/tokens"' in page) is wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", " /accounts", "javascript:alert(1)", "accounts",
        "/accounts\r\nSet-Cookie: a=b", "/ä", "/sign-in", "/sign-in/x", "/sign-out", "",
        "/" + "x" * LONGEST,
    ],
)  # fmt: skip
def test_no_address_but_ours_is_wanted(wanted: str):
    assert local(wanted) == ""
    assert landing("leader", wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/accounts/3#story", "/audit?said=a%20b&before=7"])
def test_any_page_of_ours_may_be_wanted(wanted: str):
    assert landing("sales", wanted) == wanted
