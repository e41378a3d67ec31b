"""Numbers, days and words that no form of ours sends: each is refused, and nothing breaks."""

from __future__ import annotations

import pytest

from tests.support.site import Site

HUGE = "9" * 30  # no database has a number like it
NUMBERS = (HUGE, str(2**63), "-1", "٣", "²", "0x1")
DAYS = ("0001-01-01", "9999-12-31")
REFUSED = (400, 403, 404)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "path",
    [
        "/queue/{}", "/queue/1?added={}", "/queue?did={}", "/queue?lost={}", "/queue?put={}",
        "/accounts/{}", "/accounts/1?contact={}", "/accounts/1/plays/{}/picture.svg",
        "/playbooks/play/versions/{}", "/calendar?person={}", "/audit?before={}",
        "/bulk/social?lost={}", "/team?moved={}",
    ],
)  # fmt: skip
def test_no_number_in_an_address_breaks_a_page(site: Site, path: str, number: str):
    assert site.visit("ops").status(path.format(number)) in REFUSED


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/queue/{}/undo", {}),
        ("/queue/{}/done", {"disposition": "connected"}),
        ("/queue/1/log", {"contact": "{}", "kind": "call", "disposition": "connected"}),
        ("/team/give", {"task": "{}", "to": "shared"}),
        ("/team/give", {"task": "1", "to": "{}"}),
        ("/bulk/social", {"task": "{}"}),
        ("/ops/unknown/{}", {"verdict": "sent", "proof": "seen"}),
        ("/me/tokens/{}/revoke", {}),
        ("/me/tokens", {"label": "form", "may": "work", "days": "{}"}),
        ("/accounts/{}/notes", {"text": "hello"}),
        ("/accounts/{}/links", {"title": "Brief", "url": "https://us.example/"}),
        ("/accounts/1/links/{}/delete", {}),
        ("/accounts/views/{}/delete", {}),
    ],
)
def test_no_number_in_a_form_breaks_a_page(
    site: Site, path: str, fields: dict[str, str], number: str
):
    site.desk.task()
    said = {name: value.format(number) for name, value in fields.items()}
    assert site.visit("ops").post(path.format(number), **said)[0] in REFUSED


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/queue/1/later", {"later": "{}T00:00"}),
        ("/queue/1/later", {"later": "{}T23:59", "agreed": "yes"}),
        ("/me/away", {"first": "{}", "last": "{}"}),
        ("/me/away", {"first": "2026-03-03", "last": "{}"}),
    ],
)
def test_no_day_breaks_a_page(site: Site, path: str, fields: dict[str, str], day: str):
    site.desk.task()
    said = {name: value.format(day) for name, value in fields.items()}
    assert site.visit("ops").post(path, **said)[0] in REFUSED


def test_an_account_that_rests_for_good_breaks_no_page(site: Site):
    task, visitor = site.desk.task(), site.visit("dana")
    visitor.post(f"/queue/{task}/hold", hold="9999-12-31", hold_reason="they asked")
    for path in (f"/queue/{task}", "/accounts/1", "/calendar", "/playbooks/play"):
        assert visitor.status(path) == 200


@pytest.mark.parametrize("odd", [{"landed": "zz"}, {"fit": "zz"}, {"ready": "zz"}])
def test_an_answer_that_is_none_is_no_feedback(site: Site, odd: dict[str, str]):
    task, visitor = site.desk.task(), site.visit("dana")
    visitor.post(f"/queue/{task}/done", disposition="connected")
    form = {"whom": str(site.desk.ann), "words": "hello"} | odd
    status, page = visitor.post(f"/queue/{task}/feedback", **form)
    assert (status, "&#39;zz&#39; is no answer here" in page) == (400, True)


def test_whose_desk_is_shown_comes_back_as_it_was_asked_for(site: Site):
    task = site.desk.task()
    where = site.visit("ops").post("/team/give", task=str(task), to="shared", who="a&moved=9")[1]
    assert where == "/team?who=a%26moved%3D9&moved=1"
