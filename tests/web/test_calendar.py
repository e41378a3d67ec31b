"""The calendar: what is ahead, as a month, a list and a file; and one's own, without signing in."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from accounts.records import Contact, User
from orchestrator.engine.staff import auditing
from orchestrator.records import Enrollment, Feed, StepRun
from orchestrator.web import ics
from orchestrator.web.ics import Event
from tests.support import cast
from tests.support.cast import NOW
from tests.support.site import Site, Visitor, queries


@pytest.fixture
def busy(site: Site) -> Site:
    """A mail of Max's on the 5th, a call of Dana's on the 6th, a step on the 9th."""
    with site.desk.ctx.db.writing() as session:
        play = session.get_one(Enrollment, site.desk.play)
        play.next_due_at = NOW
        ann = session.get_one(Contact, site.desk.ann)
        cast.touch(session, play, ann, "insight", due_at=NOW + timedelta(days=2),
                   sender_id=site.desk.max, reason="the mailbox is full")  # fmt: skip
        session.add(StepRun(enrollment_id=site.desk.play, step="ring", status="waiting",
                            due_at=NOW + timedelta(days=6)))  # fmt: skip
    site.desk.task(title="Ring them", due_at=NOW + timedelta(days=3))
    return site


def lines(page: str) -> list[str]:
    """What stands on a calendar's page, by its links."""
    found = re.findall(r'class="due (\w+)">.*?<b>(.*?)</b>', page)
    return [f"{team}: {text}" for team, text in found]


MAIL, CALL, STEP = "marketing: email insight to Ann Archer", "sales: Ring them", "sales: call ring"


@pytest.mark.parametrize("show", ["month", "list"])
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [MAIL, CALL, STEP]),
        ("team=marketing", [MAIL]),
        ("team=sales", [CALL, STEP]),
        ("playbook=play", [MAIL, CALL, STEP]),
        ("playbook=other", []),
        ("month=2026-04", []),
        ("month=2026-02", []),
    ],
)
def test_what_is_ahead_is_cut_by_team_and_playbook(
    busy: Site, show: str, query: str, found: list[str]
):
    assert lines(busy.visit("max").get(f"/calendar?show={show}&{query}")) == found


def test_what_is_ahead_is_cut_by_person(busy: Site):
    visitor = busy.visit("max")
    assert lines(visitor.get(f"/calendar?person={busy.desk.dana}")) == [CALL]
    assert lines(visitor.get(f"/calendar?person={busy.desk.max}")) == [MAIL]


@pytest.mark.parametrize("query", ["month=2026-13", "month=x", "show=year", "person=-1", "page=0"])
def test_what_cannot_be_asked_is_said_so(site: Site, query: str):
    assert site.visit("max").status(f"/calendar?{query}") == 400


def test_much_is_shown_in_pages_with_as_many_queries_as_little(busy: Site):
    visitor = busy.visit("max")
    few = queries(busy, lambda: visitor.get("/calendar?show=list"))
    with busy.desk.ctx.db.writing() as session:
        play, ann = (session.get_one(Enrollment, busy.desk.play),
                     session.get_one(Contact, busy.desk.ann))  # fmt: skip
        for number in range(1000):
            cast.task(session, play, ann, occurrence=number + 2, title="a long title " * 9,
                      due_at=NOW + timedelta(minutes=number))  # fmt: skip
    assert queries(busy, lambda: visitor.get("/calendar?show=list")) == few
    for path in ("/calendar", "/calendar?show=list", "/calendar?show=list&page=16"):
        assert len(visitor.get(path).encode()) < 50_000, path
    assert 'rel="next" href="?show=list&amp;page=3"' in visitor.get("/calendar?show=list&page=2")


def unfolded(text: str) -> list[str]:
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def test_the_calendar_can_be_taken_along(busy: Site):
    answer = busy.visit("max").client.get("/calendar/export.ics?team=sales")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    said = unfolded(answer.text)
    assert [line for line in said if line.startswith("SUMMARY:")] == [
        "SUMMARY:Ring them: Acme", "SUMMARY:call ring: Acme",
    ]  # fmt: skip
    assert "DTSTART:20260306T110000Z" in said
    told = auditing.entries(busy.desk.ctx, limit=1)[0]
    assert (told.actor, told.action) == ("max", "calendar.export")


@pytest.mark.parametrize(
    "text",
    ["a\r\nBEGIN:VALARM", "a;b,c\\d", "ü" * 200, "x" * 75, "", "\x00\x1b", "a\u2028b"],
)
def test_no_text_becomes_a_line_of_a_calendar(text: str):
    made = ics.calendar(
        text, [Event(text, NOW, text, text), Event("d", date(2026, 1, 2), text)], NOW
    )
    said = unfolded(made)
    names = [line.split(":")[0].split(";")[0] for line in said[:-1]]
    assert names.count("BEGIN") == 3
    assert set(names) <= {
        "BEGIN", "END", "VERSION", "PRODID", "METHOD", "X-WR-CALNAME", "UID", "DTSTAMP", "DTSTART",
        "DTEND", "TRANSP", "SUMMARY", "DESCRIPTION",
    }  # fmt: skip


def feed_of(visitor: Visitor) -> str:
    status, page = visitor.post("/me/calendar")
    assert status == 200
    found = re.search(r'id="address">http://[^/]+(/feeds/[^<]+)<', page)
    assert found
    return found[1]


def test_ones_own_calendar_is_read_by_whoever_has_its_address_until_it_is_void(busy: Site):
    dana, nobody = busy.visit("dana"), busy.client()
    agreed = NOW + timedelta(days=1)
    busy.desk.task(occurrence=2, title="Call back", agreed_at=agreed, later_at=agreed)
    busy.desk.task(occurrence=3, title="Not hers", assignee_id=busy.desk.users["sam"],
                   due_at=agreed)  # fmt: skip
    first = feed_of(dana)
    said = unfolded(nobody.get(first).text)
    assert [line for line in said if line.startswith("SUMMARY:")] == [
        "SUMMARY:Call back: Acme", "SUMMARY:Ring them: Acme",
    ]  # fmt: skip
    assert not re.search(r"@acme|\+4930", "".join(said))
    second = feed_of(dana)
    assert nobody.get(first).status_code == 404
    assert nobody.get(second).status_code == 200
    assert second.split("/")[-1][:-4] not in str(busy.desk.all(Feed))  # only its digest is kept
    assert dana.post("/me/calendar/close") == (303, "/me")
    assert nobody.get(second).status_code == 404


def test_who_has_left_is_read_by_nobody(busy: Site):
    path = feed_of(busy.visit("dana"))
    with busy.desk.ctx.db.writing() as session:
        session.get_one(User, busy.desk.dana).active = False
    assert busy.client().get(path).status_code == 404


def test_a_month_has_its_days_where_the_reader_is(site: Site):
    late = datetime(2026, 3, 31, 22, 30, tzinfo=NOW.tzinfo)  # the first of April in Berlin
    site.desk.task(title="Ring them", due_at=late)
    visitor = site.visit("leader")  # Berlin
    assert lines(visitor.get("/calendar?month=2026-03")) == []
    assert lines(visitor.get("/calendar?month=2026-04")) == [CALL]
