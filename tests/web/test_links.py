"""Links to files on an account: added, shown and taken away, by pages and by programs."""

from __future__ import annotations

import re

from orchestrator.records import Activity
from orchestrator.web.permissions import May
from tests.support.program import program
from tests.support.site import Site, queries

URL = "https://files.example/brief.pdf?a=1&b=2"
KINDS = ["link", "link.removed"]
# (title, address, what is said of them)
CANNOT = (
    ("", URL, "a link has a title"),
    ("x" * 121, URL, "at most 120 characters, this one 121"),
    ("two\nlines", URL, "a title is one line"),
    ("a\0b", URL, "a title is one line"),
    ("gpj.\u202eexe", URL, "a title is one line"),
    ("Brief", "", "begins with https://"),
    ("Brief", "javascript:alert(1)", "begins with https://"),
    ("Brief", "data:text/html,x", "begins with https://"),
    ("Brief", "http://files.example/", "begins with https://"),
    ("Brief", "//files.example/", "begins with https://"),
    ("Brief", "https:files.example", "begins with https://"),
    ("Brief", "https:///brief", "begins with https://"),
    ("Brief", "https://[::1", "begins with https://"),
    ("Brief", "https://files.example:x/", "begins with https://"),
    ("Brief", "https://us.example@evil.example/", "no name or password"),
    ("Brief", "https://a:b@evil.example/", "no name or password"),
    ("Brief", "https://evil.example\\.us.example/", "control characters"),
    ("Brief", "https://us.example/a\tb", "control characters"),
    ("Brief", "https://us.example/a\0b", "control characters"),
    ("Brief", "https://us.example/\u202egpj.exe", "control characters"),
    ("Brief", 'https://us.example/" onclick="x', "control characters"),
    ("Brief", f"https://us.example/{'x' * 10_000}", "at most 1000 characters"),
)


def entries(site: Site) -> list[str]:
    return [one.kind for one in site.desk.all(Activity) if one.kind in KINDS]


def takers(page: str) -> list[str]:
    """The addresses of the forms that take a link away."""
    return re.findall(r'action="(/accounts/\d+/links/\d+/delete)"', page)


def test_a_link_is_for_both_teams_and_its_title_is_no_markup(site: Site):
    path = f"/accounts/{site.desk.acme}"
    sent = site.visit("dana").post(f"{path}/links", title=" <b>Brief</b> ", url=URL)
    assert sent == (303, f"{path}#links")
    page = site.visit("max").get(path)
    link = 'href="https://files.example/brief.pdf?a=1&amp;b=2" rel="noopener noreferrer nofollow"'
    assert f"<a {link}>&lt;b&gt;Brief&lt;/b&gt;</a>" in page
    assert "added the link “&lt;b&gt;Brief&lt;/b&gt;”" in page


def test_who_added_a_link_takes_it_away_and_so_does_ops(site: Site):
    """The log keeps both entries; a colleague is offered nothing, and refused."""
    path = f"/accounts/{site.desk.acme}"
    dana, others = site.visit("dana"), ["max", "leader", "sam"]
    for taker in ("dana", "ops", "admin"):
        dana.post(f"{path}/links", title="Brief", url=URL)
        (form,) = takers(dana.get(path))
        for name in others:
            colleague = site.visit(name)
            assert takers(colleague.get(path)) == []
            status, page = colleague.post(form)
            assert (status, "this link is somebody else" in page) == (400, True)
        assert site.visit(taker).post(form) == (303, f"{path}#links")
        assert URL.partition("?")[0] not in dana.get(path)
        assert dana.post(form)[0] == 404
        others.clear()
    assert sorted(entries(site)) == ["link"] * 3 + ["link.removed"] * 3


def test_a_link_that_cannot_be_is_given_back(site: Site):
    path = f"/accounts/{site.desk.acme}/links"
    dana, caller = site.visit("dana"), program(site, "dana")
    for title, url, problem in CANNOT:
        status, page = dana.post(path, title=title, url=url)
        assert (status, problem in page) == (400, True), (title, url)
        assert caller.post(path, {"title": title, "url": url})[0] in (400, 422), (title, url)
    assert entries(site) == []


def test_links_stand_on_their_own_account_alone(site: Site):
    acme, dana = f"/accounts/{site.desk.acme}", site.visit("dana")
    dana.post(f"{acme}/links", title="Brief", url=URL)
    (form,) = takers(dana.get(acme))
    number = form.split("/")[4]
    assert dana.post(f"/accounts/999999/links/{number}/delete")[0] == 404
    assert dana.post("/accounts/999999/links", title="Brief", url=URL)[0] == 404
    assert entries(site) == ["link"]


def test_a_program_adds_reads_and_takes_away_links_and_a_key_does_it_once(site: Site):
    path, dana = f"/accounts/{site.desk.acme}/links", program(site, "dana")
    body = {"title": "Brief", "url": URL}
    first, again = (dana.post(path, body, "k1") for _ in range(2))
    assert first == again
    assert first[0] == 200
    (found,) = dana.get(path)["items"]
    assert {name: found[name] for name in ("id", "by", "title", "url")} == {
        **first[1], "by": "dana", **body,
    }  # fmt: skip
    away = f"{path}/{found['id']}/delete"
    for other in (program(site, "max"), program(site, "ops", [May.ACCOUNTS])):
        assert other.post(away)[1]["detail"] == "this link is somebody else's"
    assert program(site, "ops").post(away)[0] == 204
    assert dana.post(away)[0] == 404
    assert dana.get(path)["items"] == []


def test_many_links_cost_no_more_statements_and_little_room(site: Site):
    path, dana = f"/accounts/{site.desk.acme}", site.visit("dana")
    dana.post(f"{path}/links", title="Brief", url=URL)
    few = queries(site, lambda: dana.get(path))
    for number in range(40):
        dana.post(f"{path}/links", title=f"Brief {number:02}", url=f"{URL}{'x' * 500}")
    assert queries(site, lambda: dana.get(path)) == few
    page = dana.get(path)
    assert "and 21 older" in page
    assert len(page.encode()) < 50_000
