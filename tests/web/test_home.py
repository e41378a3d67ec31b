"""Home: how both teams do, for whoever leads."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from accounts.errors import Problems
from orchestrator.engine import agreement
from orchestrator.engine.events import inbox
from orchestrator.engine.tasks import notes
from orchestrator.store.companies import log
from orchestrator.terms import RawEvent
from orchestrator.web import promises
from orchestrator.web.landing import LANDS
from tests.support import cast
from tests.support.cast import NOW
from tests.support.site import Site, queries


def rows(page: str, of: str) -> list[list[str]]:
    """The rows of the table in the section of that name."""
    part = page.split(f'id="{of}"')[1].split("</section>", maxsplit=1)[0]
    found = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in part.split("<tr>")[2:]]
    return [[re.sub(r"<.*?>", "", cell).strip() for cell in row] for row in found]


@pytest.mark.parametrize("team", ["sales", "marketing", "customer", "agency"])
def test_whoever_does_not_lead_has_another_page(site: Site, team: str):
    answer = site.visit(team).client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, LANDS[team])


def test_a_leader_sees_stages_dues_and_loads_of_both_teams(site: Site):
    site.desk.task(due_at=NOW - timedelta(hours=1))
    site.desk.task(occurrence=2, due_at=NOW + timedelta(hours=1))
    site.desk.task(occurrence=3, assignee_id=None, team="marketing")
    for number, (team, hours) in enumerate([("sales", 1), ("sales", -1), ("marketing", 2)]):
        site.desk.task(occurrence=number + 4, team=team, status="done", done_by=site.desk.dana,
                       ended_at=NOW - timedelta(days=1),
                       due_at=NOW - timedelta(days=1) + timedelta(hours=hours))  # fmt: skip
    with site.desk.ctx.db.writing() as session:
        cast.company(session, "Beta", stage="target")
        happened = [log.entry("meeting_booked", at=NOW - timedelta(days=days),
                              account_id=site.desk.acme) for days in (2, 3, 40)]  # fmt: skip
        log.write(session, happened)
    page = site.visit("leader").get("/")
    assert rows(page, "stages") == [["identified", "1", ""], ["target", "1", ""]]
    assert rows(page, "kept") == [
        ["marketing", "1 of 1 (100 %)", ""],
        ["sales", "1 of 2 (50 %)", ""],
    ]
    assert rows(page, "load") == [
        ["Dana", "sales", "2", "1", ""], ["nobody yet", "marketing", "1", "", ""],
    ]  # fmt: skip
    assert rows(page, "goals") == [["play", "0 of 1", ""]]
    booked = page.split("accounts booked a meeting")
    assert booked[0].endswith('<b class="num">1</b></p><p>')
    assert "1 in the 30 days before" in booked[1][:80]


def test_each_figure_of_what_is_owed_leads_to_the_accounts_behind_it(site: Site):
    site.desk.task(purpose="reply", step="", title="Answer <Ann>", due_at=NOW - timedelta(hours=1))
    visitor = site.visit("leader")
    page = visitor.get("/")
    assert rows(page, "promises") == [["sales", "0", "1", "0", "1", "1", "0", ""]]
    path = "/promises?team=sales&amp;state=broken&amp;days=7"
    assert f'href="{path}"' in page
    behind = visitor.get(path.replace("&amp;", "&"))
    assert f'<a href="/accounts/{site.desk.acme}">Acme</a>' in behind
    assert "Answer &lt;Ann&gt;" in behind
    assert "Nothing is agreed yet" in behind
    agreement.apply(site.desk.ctx, "sla: {reply: {tier-1: 1h, otherwise: 2d}}")
    assert "1 hour for tier 1, 2 days for all others" in visitor.get("/promises?team=marketing")
    assert visitor.status("/promises?state=sometimes") == 400
    assert "Nothing more" not in visitor.get("/promises?before=2026")
    assert site.visit("dana").status("/promises") == 403


def test_what_is_owed_is_paged_by_place(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(promises, "SHOWN", 2)
    for number in range(1, 6):
        due = NOW - timedelta(hours=number // 3)
        site.desk.task(purpose="reply", step="", title=f"Answer {number}", occurrence=number,
                       due_at=due)  # fmt: skip
    visitor = site.visit("leader")
    found, path = [], "/promises?team=sales&state=open"
    while path:
        page = visitor.get(path)
        found += re.findall(r"Answer (\d)", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(following[1]) if following else ""
    assert found == ["2", "1", "5", "4", "3"]


def told(site: Site, company: str, id_: str, days: int, **payload: object) -> None:
    at = NOW - timedelta(days=days)
    kind = str(payload.pop("kind", "opportunity"))
    event = RawEvent("crm", id_, kind, at, {"email": f"ann.archer@{company}.example"} | payload)
    inbox.receive(site.desk.ctx, [event])


def test_pipeline_and_target_are_told_by_the_newest_opportunity_of_each_account(site: Site):
    with site.desk.ctx.db.writing() as session:
        for name in ("Beta", "Gamma", "Delta", "Zeta"):
            cast.person(session, cast.company(session, name), "Ann Archer")
    visitor = site.visit("leader")
    page = visitor.get("/")
    assert "No target agreed yet." in page
    assert "No opportunity is open." in page
    told(site, "acme", "1", 9, stage="discovery", amount=10_000)
    told(site, "acme", "2", 2, stage="proposal", amount="30000.50")
    told(site, "beta", "3", 3, stage="proposal", amount="a lot")
    told(site, "gamma", "4", 3, stage="<wonder>", amount=-5)
    told(site, "delta", "5", 5, stage="Won", amount=40_000)
    told(site, "zeta", "6", 5, stage="proposal", amount=99_000)
    told(site, "zeta", "7", 4, kind="lost.price")
    agreement.apply(
        site.desk.ctx, "target: {revenue: 100000, since: 2026-01-01, until: 2026-12-31}"
    )
    page = visitor.get("/")
    assert rows(page, "pipeline") == [
        ["proposal", "2", "30,000.50 EUR and 1 without an amount", ""],
        ["&lt;wonder&gt;", "1", "0 EUR and 1 without an amount", ""],
    ]
    assert "40,000 EUR" in page
    assert '<b class="num">0.5×</b>' in page
    assert "missing 60,000 EUR" in page


@pytest.mark.parametrize(
    "said",
    ["{revenue: 0, since: 2026-01-01, until: 2026-12-31}", "{revenue: 5}", "5",
     "{revenue: 5, since: 2026-02-01, until: 2026-01-01}",
     "{revenue: 5, since: 2026-02-31, until: 2026-03-01}"],
)  # fmt: skip
def test_a_target_that_cannot_be_is_refused(said: str):
    with pytest.raises(Problems):
        agreement.parse(f"target: {said}")


def test_home_costs_the_same_queries_however_much_there_is(site: Site):
    visitor = site.visit("leader")
    few = queries(site, lambda: visitor.get("/"))
    for number in range(200):
        site.desk.task(occurrence=number + 1)
    with site.desk.ctx.db.writing() as session:
        for number in range(60):
            cast.company(session, f"Company {number}", stage=f"stage {number % 9}")
    assert queries(site, lambda: visitor.get("/")) == few
    assert len(visitor.get("/").encode()) < 50_000


def test_whoever_is_named_in_a_note_reads_it_on_home_and_under_the_own_name(site: Site):
    notes.write(site.desk.ctx, site.desk.acme, site.desk.dana, "@leader @sam <look>")
    for name, path in (("leader", "/"), ("sam", "/me")):
        page = site.visit(name).get(path)
        assert "dana: @leader @sam &lt;look&gt;" in page, name
        assert f"/accounts/{site.desk.acme}#story" in page
    assert "Notes that name you" not in site.visit("max").get("/me")
