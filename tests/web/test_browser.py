"""The pages in a real browser, served by the real process."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.records import Account, AccountTeam, Contact
from orchestrator import sentences
from orchestrator.engine import access
from orchestrator.engine.context import Context
from orchestrator.records import Enrollment, Task
from orchestrator.store import log
from orchestrator.store.database import Database
from orchestrator.web.address import told
from tests.support import cast
from tests.support.chromium import chromium
from tests.support.desk import Desk, furnish
from tests.support.processes import spawn, stop, wait_until
from tests.support.site import TEAMS

WIDTHS = (360, 900, 1440)
LONG = (
    "Gesellschaft für außerordentlich lange Firmennamen und Beteiligungen mit beschränkter Haftung"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@dataclass
class Served:
    """A desk, and the address at which its pages are served."""

    desk: Desk
    address: str

    @property
    def ctx(self) -> Context:
        return self.desk.ctx


@pytest.fixture
def served(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Served]:
    """A project with Acme, our team and no task yet; business time stands still."""
    (tmp_path / ".abm").mkdir()
    (tmp_path / "clock").write_text(cast.NOW.isoformat())
    (tmp_path / "abm.toml").write_text('clock = "file:clock"\n')
    shutil.copyfile(migrated_sqlite, tmp_path / ".abm/abm.db")
    database = Database(f"sqlite:///{tmp_path / '.abm/abm.db'}")
    desk = furnish(database, tmp_path)
    with database.writing() as session:
        for team in TEAMS:
            cast.user(session, team, team, zone="Europe/Berlin")
    log, where = tmp_path / "web.log", told(tmp_path)
    server = spawn([sys.executable, "-m", "orchestrator.web.server", tmp_path], log=log)
    wait_until(where.exists, "the web server", process=server, log=log, timeout=60)
    yield Served(desk, where.read_text().partition(" ")[2])
    stop(server)
    database.dispose()


@contextmanager
def signed_in(browser: Browser, served: Served, name: str, **how: object) -> Iterator[Page]:
    """A page of that user; what a page complains about on the console fails the test."""
    said: list[str] = []
    context = browser.new_context(**how)  # type: ignore[arg-type]
    page = context.new_page()
    page.on("console", lambda one: said.append(one.text) if one.type != "log" else None)
    page.on("pageerror", lambda one: said.append(str(one)))
    page.goto(f"{served.address}/sign-in/{access.link(served.ctx, name)}")
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page).to_have_url(re.compile(rf"{served.address}/(queue|ops|playbooks)?$"))
    yield page
    context.close()
    assert said == []


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
        with page.expect_request("**/live"):
            page.reload()
        page.wait_for_timeout(500)  # the first look finds where the news begins
        served.desk.task()
        expect(page.get_by_role("link", name="1 new task: show")).to_be_visible()
        with served.ctx.db.writing() as session:
            visit = log.entry("visit", at=cast.NOW, account_id=served.desk.acme, text="read prices")
            log.write(session, [visit])
        page.get_by_role("link", name="Acme: read prices").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Acme")


Fill = Callable[[Desk], None]


def much(desk: Desk) -> None:
    """Long names and a thousand tasks."""
    with desk.ctx.db.writing() as session:
        session.get_one(Account, desk.acme).name = LONG
        session.get_one(Contact, desk.ann).name = f"Dr. {LONG}"
        session.get_one(Contact, desk.ann).email = f"{'x' * 60}@{'y' * 60}.example"
    for number in range(60):
        desk.task(occurrence=number + 1, reason=LONG, body=LONG)


@pytest.mark.parametrize("fill", [lambda _desk: None, much], ids=["nothing", "much"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_for_everybody(browser: Browser, served: Served, fill: Fill, scheme: str):
    """axe finds nothing, and nothing runs out of the page, at three widths."""
    fill(served.desk)
    axe = Axe()
    with signed_in(browser, served, "ops", color_scheme=scheme) as page:
        tasks = [f"/queue/{one.id}" for one in served.desk.all(Task)[:1]]
        one_account = f"/accounts/{served.desk.acme}"
        plays = ("/playbooks", "/playbooks/play")
        dates = ("/calendar", "/calendar?show=list", "/playbooks/play/versions/1")
        lists = ("/", "/queue", "/accounts", "/ops", "/audit", "/me", "/me/tokens")
        for path in (*lists, *dates, *tasks, one_account, *plays):
            page.goto(served.address + path)
            found = axe.run(page)
            assert found.violations_count == 0, found.generate_report()
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, width, wide)
