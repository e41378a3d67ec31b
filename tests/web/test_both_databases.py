"""What pages ask of the store, on SQLite and on PostgreSQL: every page, and how much it asks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from orchestrator.records import PlaybookVersion, SavedView, Task
from orchestrator.store.companies import log
from orchestrator.store.database import Database
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import furnish
from tests.support.site import Site, Visitor, open_site, queries

# user -> the pages that they read; {acme} and {task} stand for ids, {play} for a playbook
PAGES = {
    "dana": (
        "/queue", "/queue/{task}", "/bulk/personal_mail", "/accounts", "/accounts?sort=tier",
        "/accounts?sort=fit", "/accounts?sort=engaged", "/accounts?said=company&tier=2",
        "/accounts?stage=target&play={play}", "/accounts/{acme}", "/accounts/{acme}?team=contact",
        "/playbooks", "/playbooks/{play}", "/calendar", "/calendar?show=list&playbook={play}",
        "/calendar?person={dana}", "/me", "/me/away",
    ),
    "leader": ("/", "/team", "/promises"),
    "ops": ("/ops", "/audit"),
}  # fmt: skip


@pytest.fixture
def both(migrated_url: str, tmp_path: Path) -> Iterator[Site]:
    """The site on each kind of database."""
    database = Database(migrated_url)
    yield open_site(furnish(database, tmp_path))
    database.dispose()


def fill(site: Site, first: int, last: int) -> None:
    """Accounts in a play, each with a person, a mail, a task of Dana's and one of nobody, and a
    visit."""
    with site.desk.ctx.db.writing() as session:
        version = session.exec(select(PlaybookVersion)).one()
        for number in range(first, last):
            row = cast.company(
                session, f"Company {number:02}", tier=number % 4, fit=number * 7 % 5,
                engagement=number * 3 % 8, stage=("", "target", "customer")[number % 3],
            )  # fmt: skip
            someone = cast.person(session, row, f"Person {number}", role="champion")
            play = cast.enrolled(session, row, version)
            cast.touch(session, play, someone, "insight", status="sent")
            due = NOW + timedelta(hours=number - 5)
            cast.task(session, play, someone, assignee_id=site.desk.dana, due_at=due)
            cast.task(session, play, someone, occurrence=2, due_at=due, purpose="reply")
            visit = log.entry("visit", at=NOW - timedelta(hours=number), account_id=row.id)
            log.write(session, [visit | {"team": "contact", "text": "was there"}])


def asked(site: Site) -> dict[str, int]:
    """How many statements each page costs, once it has been shown before."""
    task = next(one.id for one in site.desk.all(Task) if one.assignee_id == site.desk.dana)
    named = {"acme": site.desk.acme, "task": task, "play": "play", "dana": site.desk.dana}
    found = {}
    for name, paths in PAGES.items():
        visitor = site.visit(name)
        for path in paths:
            page = path.format(**named)
            visitor.get(page)
            found[path] = queries(site, lambda v=visitor, p=page: v.get(p))  # type: ignore[misc]
    return found


def test_no_page_asks_more_of_the_database_when_there_is_more(both: Site):
    fill(both, 0, 6)
    few = asked(both)
    fill(both, 6, 60)
    many = asked(both)  # a long queue asks less: what is owed fills it
    assert {page: number for page, number in many.items() if number > few[page]} == {}


def names(visitor: Visitor, query: str) -> list[str]:
    """The accounts of a list, page after page."""
    path, found = f"/accounts?{query}", list[str]()
    while path:
        page = visitor.get(path)
        found += re.findall(r'<td><a href="/accounts/\d+">(.*?)</a>', page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = f"/accounts{html.unescape(more[1])}" if more else ""
    return found


def test_accounts_stand_in_the_order_that_is_asked_for_to_the_last_page(both: Site):
    fill(both, 0, 60)
    visitor, numbers = both.visit("dana"), range(60)
    orders = {
        "tier": lambda one: one % 4 or 99,
        "fit": lambda one: (-(one * 7 % 5), -one),
        "engaged": lambda one: (-(one * 3 % 8), -one),
        "name": lambda one: one,
    }
    for sort, order in orders.items():
        wanted = [f"Company {one:02}" for one in sorted(numbers, key=order)]
        found = [one for one in names(visitor, f"sort={sort}") if one != "Acme"]
        assert found == wanted, sort
    assert names(visitor, "said=PANY%200&stage=target&tier=1") == ["Company 01"]
    offered = re.findall(r"<option[^>]*>(\w+)</option>", visitor.get("/accounts"))
    stages = [one for one in offered if one in ("customer", "identified", "target")]
    assert stages == ["customer", "identified", "target"]


def test_a_rep_does_the_first_task_and_takes_it_back(both: Site):
    """The account that was there last is first; what is promised and due comes before it."""
    fill(both, 0, 12)
    visitor = both.visit("dana")
    order = re.findall(r'href="/queue/(\d+)"', visitor.get("/queue"))
    first = both.desk.get(Task, int(order[0]))
    assert first.purpose == "reply"
    assert first.due_at <= NOW + timedelta(hours=2)
    path = f"/queue/{first.id}"
    status, then = visitor.post(f"{path}/done", disposition="done", note="sent", token="t")
    assert (status, then) == (303, f"/queue?did={first.id}")
    assert path not in re.findall(r'href="(/queue/\d+)"', visitor.get("/queue"))
    assert visitor.post(f"{path}/undo", token="t") == (303, path)
    assert both.desk.get(Task, first.id).status == "open"
    assert visitor.post(f"{path}/give", to=str(both.desk.users["sam"]))[0] == 303
    assert both.desk.get(Task, first.id).assignee_id == both.desk.users["sam"]
    audit = both.visit("ops").get("/audit")
    assert audit.count("dana") >= 3


def test_a_view_is_kept_and_a_playbook_is_paused(both: Site):
    fill(both, 0, 6)
    dana, max_ = both.visit("dana"), both.visit("max")
    assert dana.post("/accounts/views", name="Mine", tier="2", sort="fit")[0] == 303
    assert "Mine" in dana.get("/accounts")
    (view,) = both.desk.all(SavedView)
    assert dana.post(f"/accounts/views/{view.id}/delete")[0] == 303
    assert both.desk.all(SavedView) == []
    assert max_.post("/playbooks/play/pause", reason="the offer is old")[0] == 303
    assert "the offer is old" in max_.get("/playbooks")
    assert max_.post("/playbooks/play/resume")[0] == 303
    assert "the offer is old" not in max_.get("/playbooks")
