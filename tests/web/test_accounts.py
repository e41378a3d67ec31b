"""Accounts: found, filtered, and told."""

from __future__ import annotations

import html
import re

from accounts.records import Account
from tests.support import cast
from tests.support.site import Site, Visitor


def names(page: str) -> list[str]:
    return re.findall(r'<td><a href="/accounts/\d+">(.*?)</a>', page)


def add(site: Site, *found: str, **fields: object) -> None:
    with site.desk.ctx.db.writing() as session:
        for name in found:
            cast.company(session, name, **fields)


def test_accounts_are_found_by_name_domain_tier_stage_and_play(site: Site):
    add(site, "Beta", tier=1, stage="target")
    add(site, "100% Öl", domain="oil_works.com")
    visitor = site.visit("dana")
    assert names(visitor.get("/accounts")) == ["100% Öl", "Acme", "Beta"]
    for query, found in [
        ("said=bet", ["Beta"]),
        ("said=OIL_", ["100% Öl"]),
        ("said=%25", ["100% Öl"]),
        ("said=_", ["100% Öl"]),
        ("tier=1", ["Beta"]),
        ("stage=target", ["Beta"]),
        ("play=opener&tier=1", []),
        ("said=nothing", []),
    ]:
        assert names(visitor.get(f"/accounts?{query}")) == found, query
    assert "No account fits." in visitor.get("/accounts?said=nothing")


def test_every_account_stands_on_one_page_and_only_one(site: Site):
    add(site, *(f"Company {number:03}" for number in range(120)), *(["Twin"] * 3))
    visitor, path, seen = site.visit("dana"), "/accounts", []
    for _ in range(4):
        page = visitor.get(path)
        seen += names(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        if not found:
            break
        path = f"/accounts{html.unescape(found[1])}"
    assert len(seen) == 124
    assert seen == sorted(seen)
    assert seen.count("Twin") == 3


def test_an_account_tells_one_story_by_both_teams(site: Site):
    task = site.desk.task()
    visitor = site.visit("dana")
    visitor.post(f"/queue/{task}/done", disposition="connected", note="they want a demo")
    path = f"/accounts/{site.desk.acme}"
    assert "they want a demo" in visitor.get(path)
    assert "they want a demo" in visitor.get(f"{path}?team=sales")
    assert "they want a demo" not in visitor.get(f"{path}?team=marketing")
    assert "Ann Archer" in visitor.get(path)


def test_what_there_is_not_is_said_so(site: Site):
    visitor = site.visit("dana")
    assert visitor.status("/accounts/999999") == 403
    assert visitor.status("/accounts/acme") == 400
    assert visitor.status(f"/accounts/{site.desk.acme}?before=yesterday") == 200
    assert visitor.status("/accounts?tier=one") == 400


def test_a_merged_account_leads_to_the_one_that_lives(site: Site):
    add(site, "Acme Europe")
    with site.desk.ctx.db.writing() as session:
        twin = session.get_one(Account, site.desk.acme + 1)
        twin.merged_into = site.desk.acme
    visitor: Visitor = site.visit("dana")
    assert names(visitor.get("/accounts")) == ["Acme"]
    assert "<h1>Acme</h1>" in visitor.get(f"/accounts/{site.desk.acme + 1}")
