"""Accounts: found, filtered, and told."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from accounts.records import Account, Contact
from orchestrator.engine import agreement
from orchestrator.engine.pages import views
from orchestrator.engine.tasks import notes
from orchestrator.records import Enrollment, Mention, SavedView, StepRun, Stop
from orchestrator.store.companies import log
from tests.support import cast
from tests.support.site import Site, Visitor, queries

LONG = "a very long word of several, " * 4


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
    assert visitor.status("/accounts/999999") == 404
    assert visitor.status(f"/accounts/{2**70}") == 404
    assert visitor.status(f"/accounts/{site.desk.acme}/plays/99/picture.svg") == 404
    assert visitor.post("/accounts/999999/notes", text="hello")[0] == 404
    assert site.visit("agency").status("/accounts/999999") == 403  # nor is told what there is
    assert visitor.status("/accounts/acme") == 400
    assert visitor.status(f"/accounts/{site.desk.acme}?before=yesterday") == 200
    assert visitor.status(f"/accounts/{site.desk.acme}?before=2026-01-01T00:00|7&sort=odd") == 200
    assert visitor.status("/accounts?tier=one") == 400


def test_a_merged_account_leads_to_the_one_that_lives(site: Site):
    add(site, "Acme Europe")
    with site.desk.ctx.db.writing() as session:
        twin = session.get_one(Account, site.desk.acme + 1)
        twin.merged_into = site.desk.acme
    visitor: Visitor = site.visit("dana")
    assert names(visitor.get("/accounts")) == ["Acme"]
    assert "<h1>Acme</h1>" in visitor.get(f"/accounts/{site.desk.acme + 1}")


def log_lines(site: Site, *rows: Mapping[str, object]) -> None:
    with site.desk.ctx.db.writing() as session:
        at, acme = cast.NOW - timedelta(hours=1), site.desk.acme
        log.write(session, [log.entry(**{"at": at, "account_id": acme, **row}) for row in rows])  # type: ignore[arg-type]


def told(page: str) -> list[str]:
    """The lines of the story."""
    return re.findall(r'<span class="said">(.*?)</span>', page)


def test_the_story_is_cut_by_team_sort_and_person_with_links_alone(site: Site):
    log_lines(
        site,
        {"kind": "touch.sent", "text": "mail one", "contact_id": site.desk.ann},
        {"kind": "touch.held", "text": "mail two", "contact_id": site.desk.bob},
        {"kind": "task.done", "text": "rang", "team": "sales", "contact_id": site.desk.ann},
        {"kind": "visit", "text": "was there", "team": "contact"},
        {"kind": "account.tier", "text": "tier 1", "team": "marketing"},
    )
    visitor, path = site.visit("dana"), f"/accounts/{site.desk.acme}"
    for query, found in [
        ("", ["tier 1", "was there", "rang", "mail two", "mail one"]),
        ("sort=messages", ["mail two", "mail one"]),
        ("sort=held", ["mail two"]),
        ("sort=tasks", ["rang"]),
        ("sort=heard", ["was there"]),
        ("sort=rest", ["tier 1"]),
        ("team=sales", ["rang"]),
        (f"contact={site.desk.ann}", ["rang", "mail one"]),
        (f"contact={site.desk.ann}&sort=messages", ["mail one"]),
        ("team=sales&sort=heard", []),
    ]:
        assert told(visitor.get(f"{path}?{query}")) == found, query


def test_a_long_story_is_told_in_pages_and_nothing_twice(site: Site):
    log_lines(site, *({"kind": "visit", "text": f"visit {n:03}"} for n in range(100)))  # at once
    visitor, path, seen = site.visit("dana"), f"/accounts/{site.desk.acme}", []
    query = ""
    for _ in range(4):
        page = visitor.get(path + query)
        seen += told(page)
        found = re.search(r'rel="next" href="([^"#]+)', page)
        query = html.unescape(found[1]) if found else ""
        assert len(page.encode()) < 50_000
    assert seen == [f"visit {n:03}" for n in reversed(range(100))]
    assert query == ""


def test_a_message_says_under_whose_name_it_went(site: Site):
    with site.desk.ctx.db.writing() as session:
        play = session.get_one(Enrollment, site.desk.play)
        ann = session.get_one(Contact, site.desk.ann)
        sent = cast.touch(session, play, ann, "insight", sender_id=site.desk.max, status="sent")
        rows = [log.about(sent, "touch.sent", at=cast.NOW, text="insight: sent")]  # type: ignore[arg-type]
        log.write(session, rows)
    page = site.visit("dana").get(f"/accounts/{site.desk.acme}?sort=messages")
    assert "to Ann Archer · by Max" in page


def test_what_is_held_says_why_and_what_comes_says_when(site: Site):
    with site.desk.ctx.db.writing() as session:
        play = session.get_one(Enrollment, site.desk.play)
        ann = session.get_one(Contact, site.desk.ann)
        later = cast.NOW + timedelta(days=2)
        cast.touch(session, play, ann, "third", reason="reached 3 times in 7 days", due_at=later)
        cast.touch(session, play, ann, "fourth", due_at=later)
        session.add(StepRun(enrollment_id=site.desk.play, step="ring", status="held", reason="x y"))
        session.add(Stop(account_id=site.desk.acme, contact_id=site.desk.bob, reason="asked so",
                         at=cast.NOW))  # fmt: skip
    page = site.visit("dana").get(f"/accounts/{site.desk.acme}")
    resting, coming = page.split("What comes next")
    assert "<b>third</b>" in resting
    assert "Reached 3 times in 7 days." in resting
    assert "X y." in resting
    assert "Bob Burns is not contacted: Asked so." in resting
    assert "<b>fourth</b>" in coming
    assert "in 2 days" in coming


def test_the_picture_of_a_play_marks_where_the_account_is(site: Site):
    with site.desk.ctx.db.writing() as session:
        for step, status, outcome in (("insight", "done", "reached"), ("ring", "held", "")):
            session.add(StepRun(enrollment_id=site.desk.play, step=step, status=status,
                                outcome=outcome))  # fmt: skip
    path = f"/accounts/{site.desk.acme}/plays/{site.desk.play}/picture.svg"
    drawn = site.visit("dana").client.get(path)
    assert drawn.headers["content-security-policy"].startswith("default-src 'none'")
    assert "done: reached" in drawn.text
    assert ">held<" in drawn.text


AGREED = """
personas:
  cfo: {titles: [CFO], role: economic_buyer}
  ops-lead: {titles: [head of operations], role: champion}
score:
  weights: {visit: 10}
  fit: [{when: {country: [DE]}, points: 5}]
"""


def test_the_committee_shows_who_is_missing_and_the_score_its_reasons(site: Site):
    agreement.apply(site.desk.ctx, AGREED)
    with site.desk.ctx.db.writing() as session:
        session.get_one(Contact, site.desk.ann).title = "CFO"
    log_lines(site, {"kind": "visit", "team": "contact", "text": "was there"})
    page = site.visit("dana").get(f"/accounts/{site.desk.acme}")
    assert "1 of 2 personas have somebody." in page
    assert re.findall(r'Nobody yet</span><span class="tag warn">(.*?)<', page) == ["ops-lead"]
    assert "+10.0 visit x1" in page
    assert "up by 10 in 4 weeks" in page
    assert "+5 country" in page


def test_a_note_is_for_both_teams_and_tells_whom_it_names(site: Site):
    visitor, path = site.visit("dana"), f"/accounts/{site.desk.acme}"
    hostile = "<b>@max</b> see https://us.example/brief. It is javascript:alert(1)"
    assert visitor.post(f"{path}/notes", text=hostile) == (303, f"{path}#story")
    page = site.visit("max").get(f"{path}?sort=notes")
    assert "&lt;b&gt;@max&lt;/b&gt;" in page
    assert 'href="https://us.example/brief" rel="noopener noreferrer nofollow"' in page
    assert 'href="javascript' not in page
    assert [(one.user_id, one.by) for one in site.desk.all(Mention)] == [(site.desk.max, "dana")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" ", "a note says something"),
        ("@nobody look", "nobody here is called @nobody"),
        ("x" * 2001, "at most 2000"),
    ],
)
def test_a_note_that_cannot_be_is_given_back(site: Site, text: str, problem: str):
    visitor = site.visit("dana")
    status, page = visitor.post(f"/accounts/{site.desk.acme}/notes", text=text)
    assert (status, problem in page) == (400, True)
    assert text in page
    assert site.desk.all(Mention) == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@max and @dana.", ["max", "dana"]),
        ("mail max@us.example", []),
        ("@Max @max", ["max"]),
        ("(@max)", ["max"]),
        ("@@max", []),
    ],
)
def test_who_is_named(text: str, names: list[str]):
    assert notes.mentioned(text) == names


def test_an_account_costs_the_same_queries_however_much_there_is(site: Site):
    visitor, path = site.visit("dana"), f"/accounts/{site.desk.acme}"
    few = queries(site, lambda: visitor.get(path))
    log_lines(site, *({"kind": "visit", "text": LONG} for _ in range(1000)))
    with site.desk.ctx.db.writing() as session:
        acme = session.get_one(Account, site.desk.acme)
        play = session.get_one(Enrollment, site.desk.play)
        for number in range(200):
            someone = cast.person(session, acme, f"Person {number}", title=LONG)
            cast.touch(session, play, someone, "insight", reason=LONG)
            cast.task(session, play, someone, title=LONG)
    page = ""

    def ask() -> None:
        nonlocal page
        page = visitor.get(path)

    assert queries(site, ask) == few
    assert len(page.encode()) < 50_000


def test_accounts_are_sorted_by_what_is_asked_and_turned_page_by_page(site: Site):
    with site.desk.ctx.db.writing() as session:
        for number in range(120):
            cast.company(session, f"Company {number:03}", tier=number % 4, fit=number % 7,
                         engagement=float(number % 5) / 3)  # fmt: skip
    rows = site.desk.all(Account)
    for sort, key in [
        ("engaged", lambda one: (-one.engagement, -one.id)),
        ("fit", lambda one: (-one.fit, -one.id)),
        ("tier", lambda one: (one.tier or 99, one.id)),
    ]:
        visitor, path, seen = site.visit("dana"), f"/accounts?sort={sort}", []
        while path:
            page = visitor.get(path)
            assert len(page.encode()) < 50_000
            seen += names(page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            path = f"/accounts{html.unescape(found[1])}" if found else ""
        assert seen == [one.name for one in sorted(rows, key=key)], sort
    assert visitor.status("/accounts?sort=domain") == 400
    assert visitor.status("/accounts?sort=fit&after_value=nan&after_id=1") == 400
    assert visitor.status(f"/accounts?after_id={2**70}") == 400


def test_a_view_is_ones_own_can_be_replaced_and_goes_when_it_is_deleted(site: Site):
    dana, sam = site.visit("dana"), site.visit("sam")
    hostile = "Mine & <b>yours</b>"
    for tier in ("1", "2"):
        to = dana.post("/accounts/views", name=hostile, tier=tier, sort="fit", said="a&b")[1]
        assert to == f"/accounts?said=a%26b&tier={tier}&sort=fit"
    page = dana.get("/accounts")
    assert page.count("Mine &amp; &lt;b&gt;yours&lt;/b&gt;") == 1
    assert 'href="/accounts?said=a%26b&amp;tier=2&amp;sort=fit"' in page
    assert "Mine &amp;" not in sam.get("/accounts")
    (view,) = site.desk.all(SavedView)
    assert sam.post(f"/accounts/views/{view.id}/delete")[0] == 404
    assert dana.post(f"/accounts/views/{view.id}/delete") == (303, "/accounts")
    assert site.desk.all(SavedView) == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_without_a_fitting_name_is_not_kept(site: Site, name: str):
    status, page = site.visit("dana").post("/accounts/views", name=name, tier="1")
    assert (status, "a view has a name" in page) == (400, True)


def test_nobody_keeps_views_without_end(site: Site):
    for number in range(views.MOST):
        views.save(site.desk.ctx, site.desk.dana, "accounts", f"view {number}", "tier=1")
    assert site.visit("dana").post("/accounts/views", name="more", tier="1")[0] == 400
