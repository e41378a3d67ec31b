"""A day of each of us in a real browser, with the pages served by the real process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.records import AccountTeam, Contact
from orchestrator import sentences
from orchestrator.records import Enrollment, Touch
from orchestrator.store.companies import log
from tests.support import cast
from tests.support.browsing import Served, Server, serving, signed_in
from tests.support.openid import Provider
from tests.web.test_ops import touch


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The pages of those who may sign in by a provider that runs, too."""
    provider = Provider(tmp_path_factory.mktemp("provider"))
    folder = tmp_path_factory.mktemp("served")
    with serving(migrated_sqlite, folder, provider.issuer) as found:
        yield found
    provider.stop()


def test_somebody_comes_in_by_a_provider_and_is_where_they_wanted_to_be(
    browser: Browser, served: Served
):
    page = browser.new_page()
    page.goto(f"{served.address}/accounts")
    page.get_by_role("link", name="Sign in with single sign-on").click()
    expect(page).to_have_url(f"{served.address}/accounts")
    page.get_by_role("link", name="Dana").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign out of single sign-on, too")).to_be_visible()
    page.close()


def test_a_rep_clears_ten_tasks_by_keyboard_alone(browser: Browser, served: Served):
    """Knows only what the page shows: the key beside the word on a button."""
    for number in range(10):
        served.desk.task(occurrence=number + 1)
    with signed_in(browser, served, "dana") as page:
        for left in range(9, -1, -1):
            expect(page.get_by_role("heading", level=1)).to_be_focused()
            press(page, "Voicemail")
            expect(page.get_by_role("status")).to_contain_text(f"{left} left")
        expect(page.get_by_text("Nothing to do.")).to_be_visible()
        press(page, "Undo")
        expect(page.get_by_role("heading", level=1)).to_have_text("Call Ann Archer")
    assert len(served.desk.open_tasks()) == 1


def press(page: Page, word: str) -> None:
    """The key that the button of that word shows."""
    button = page.get_by_role("button", name=word)
    page.keyboard.press(button.locator("kbd").inner_text().lower())


def test_every_key_of_the_list_does_what_it_says(browser: Browser, served: Served):
    served.desk.task()
    served.desk.task(served.desk.bob)
    with signed_in(browser, served, "dana") as page:
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_be_focused()  # the script is there
        page.keyboard.press("j")
        expect(heading).to_have_text("Call Bob Burns")
        expect(heading).to_be_focused()
        page.keyboard.press("k")
        expect(heading).to_have_text("Call Ann Archer")
        expect(heading).to_be_focused()
        page.keyboard.press("n")
        page.keyboard.type("1 jz/")
        expect(page.get_by_role("textbox", name="Note")).to_have_value("1 jz/")
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        page.keyboard.type("no time")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Skipped")
        expect(heading).to_be_focused()  # the script of the next page is there
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("g")
        page.keyboard.press("a")
        expect(page).to_have_url(f"{served.address}/accounts")
        page.keyboard.press("/")
        page.keyboard.type("acme")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Acme").press("Enter")
        expect(heading).to_have_text("Acme")


def test_a_marketer_pauses_a_playbook_and_lets_it_go_on(browser: Browser, served: Served):
    with signed_in(browser, served, "marketing") as page:
        page.get_by_role("link", name="Playbooks").click()
        page.get_by_role("table").get_by_role("link").click()
        shown = page.get_by_alt_text("The steps of the playbook")
        width = shown.evaluate("image => image.decode().then(() => image.naturalWidth)")
        assert width > 100
        page.keyboard.press("x")
        page.keyboard.type("the case study is wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_text("the case study is wrong").first).to_be_visible()
        assert served.desk.play_now().status == "paused"
        page.get_by_role("button", name="Let it go on").click()
        expect(page.get_by_text("Pause it X")).to_be_visible()
        assert served.desk.play_now().status == "active"


def test_keys_can_be_switched_off(browser: Browser, served: Served):
    served.desk.task()
    with signed_in(browser, served, "dana") as page:
        expect(page.get_by_role("heading", level=1)).to_be_focused()
        page.keyboard.press("?")
        page.get_by_label("Switch all keys off").check()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Call Ann Archer")


def test_everything_works_without_a_script(browser: Browser, served: Served):
    served.desk.task()
    with signed_in(browser, served, "dana", java_script_enabled=False) as page:
        page.get_by_role("textbox", name="Note").fill("by mouse")
        page.get_by_role("button", name="Connected").click()
        expect(page.get_by_role("status")).to_contain_text("Connected: Call Ann Archer")
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("Skip S").click()
        page.get_by_role("textbox", name="Why", exact=True).fill("later")
        page.get_by_role("button", name="Skip it").click()
        expect(page.get_by_text("Nothing to do.")).to_be_visible()


def test_ops_learns_in_three_clicks_what_was_sent_by_whom_and_why_one_is_held(
    browser: Browser, served: Served
):
    """Three mails to Acme, two of them sent by Max, the third held by a cap."""
    held = "reached 2 times in 7 days, which is the limit"
    with served.ctx.db.writing() as session:
        play = session.get_one(Enrollment, served.desk.play)
        ann = session.get_one(Contact, served.desk.ann)
        for number, status in enumerate(("sent", "sent", "ready"), 1):
            why = held if status == "ready" else ""
            mail = cast.touch(session, play, ann, f"mail-{number}", status=status, reason=why,
                              sender_id=served.desk.max)  # fmt: skip
            text = sentences.touch(mail.step, status, why)
            kind = sentences.touch_kind(status)
            log.write(session, [log.about(mail, kind, at=cast.NOW, text=text)])  # type: ignore[arg-type]
    with signed_in(browser, served, "ops") as page:
        page.get_by_role("link", name="Accounts").click()
        page.get_by_role("link", name="Acme").click()
        page.get_by_role("link", name="Messages").click()
        for number in (1, 2):
            line = page.get_by_role("listitem").filter(has_text=f"mail-{number}: sent")
            expect(line).to_contain_text("to Ann Archer · by Max")
        expect(page.get_by_role("listitem").filter(has_text="mail-3: held")).to_contain_text(held)
        rests = page.get_by_role("region", name="Held, and why")
        expect(rests).to_contain_text("mail-3")
        expect(rests).to_contain_text("Reached 2 times in 7 days")
        drawn = page.get_by_alt_text("The steps of the playbook")
        assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100


def test_a_new_task_and_a_moment_of_interest_are_told_without_a_reload(
    browser: Browser, served: Served
):
    with served.ctx.db.writing() as session:
        session.add(
            AccountTeam(account_id=served.desk.acme, role="owner", user_id=served.desk.dana)
        )
    with signed_in(browser, served, "dana") as page:
        expect(page.locator("#news[data-listening]")).to_be_attached()
        served.desk.task()
        expect(page.get_by_role("link", name="1 new task: show")).to_be_visible()
        with served.ctx.db.writing() as session:
            visit = log.entry("visit", at=cast.NOW, account_id=served.desk.acme, text="read prices")
            log.write(session, [visit])
        page.get_by_role("link", name="Acme: read prices").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Acme")


def test_ops_settles_what_is_unknown_with_the_proof(browser: Browser, served: Served):
    with served.ctx.db.writing() as session:
        id_ = touch(session, served.desk.play, served.desk.ann)
    with signed_in(browser, served, "ops") as page:
        expect(page).to_have_url(f"{served.address}/ops")
        expect(page.get_by_role("heading", name="1 touch of which nobody knows")).to_be_visible()
        page.get_by_role("textbox", name="How you know").fill("it is in the sent folder")
        page.get_by_role("button", name="It arrived").click()
        expect(page.get_by_role("heading", name="0 touches of which nobody knows")).to_be_visible()
    assert served.desk.get(Touch, id_).status == "sent"


def test_an_agency_is_refused_all_but_its_own_tasks(browser: Browser, served: Served):
    served.desk.task(team="agency", assignee_id=served.desk.users["agency"])
    with signed_in(browser, served, "agency") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text("Call Ann Archer")
        links = page.get_by_role("navigation", name="Main").get_by_role("link")
        expect(links).to_have_text(["Queue", "Accounts", "Playbooks"])
        expect(page.get_by_text("+4930")).to_have_count(0)
        for path in ("/accounts", "/playbooks"):  # what was shared with it: nothing yet
            assert "Acme" not in page.request.get(served.address + path).text()
        for path in (f"/accounts/{served.desk.acme}", "/playbooks/play", "/ops", "/audit"):
            assert page.request.get(served.address + path).status == 403, path
