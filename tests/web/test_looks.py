"""How every page looks, in light and dark, at three widths: nobody is shut out, nothing jumps.

Pictures of all of them lie in `build/screenshots` afterwards.
"""

from __future__ import annotations

import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, CDPSession, Page, expect

from accounts.records import Account, Contact, User
from orchestrator.engine.companies import sharing
from orchestrator.engine.staff import absences, access, tokens
from orchestrator.engine.tasks import links, notes
from tests.support.browsing import Served, Server, signed_in
from tests.support.cast import NOW
from tests.support.desk import Desk
from tests.support.site import Site
from tests.web.test_guards import routes
from tests.web.test_ops import touch

PICTURES = Path(__file__).parents[2] / "build/screenshots"
WIDTHS = (360, 900, 1440)
SCHEMES = ("light", "dark")
LIGHT = 150_000  # octets of a page with all that belongs to it, before anything is kept
STILL = 0.02  # of the cumulative layout shift; browsers call 0.1 good
LONG = (
    "Gesellschaft für außerordentlich lange Firmennamen und Beteiligungen mit beschränkter Haftung"
)

# Every page that can be looked at, by its route. Whoever adds a page adds it here.
PAGES = {
    "/": "/",
    "/queue": "/queue",
    "/queue/{task_id}": "/queue/{task}",
    "/team": "/team",
    "/bulk/{kind}": "/bulk/social",
    "/me": "/me",
    "/me/away": "/me/away",
    "/me/tokens": "/me/tokens",
    "/accounts": "/accounts",
    "/accounts/{account_id}": "/accounts/{account}",
    "/playbooks": "/playbooks",
    "/playbooks/{name}": "/playbooks/play",
    "/playbooks/{name}/versions/{number}": "/playbooks/play/versions/1",
    "/calendar": "/calendar",
    "/calendar as a list": "/calendar?show=list",
    "/ops": "/ops",
    "/promises": "/promises?state=open",
    "/audit": "/audit",
    "/users": "/users",
    "/users/{user}": "/users/sam",
    "/users/{user} of an agency": "/users/agency",
    "/sign-in": "/sign-in?left=true",
    "/sign-in/{secret}": "/sign-in/secret",
}
# What answers a GET and is no page: files, pictures, streams, and ways to elsewhere.
NO_PAGES = {
    "/accounts/{account_id}/plays/{play_id}/picture.svg",
    "/calendar/export.ics",
    "/feeds/{secret}.ics",
    "/healthz",
    "/live",
    "/metrics",
    "/oidc",
    "/oidc/back",
    "/oidc/leave",
    "/playbooks/{name}/picture.svg",
    "/readyz",
    "/setup",  # a page only before there is anybody: see below
}
AXE = "axe.run({resultTypes: ['violations']})"
SHIFTED = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(found => {
    for (const one of found.getEntries()) if (!one.hadRecentInput) sum += one.value;
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 60);
})"""

Fill = Callable[[Desk], int]


def test_every_page_that_there_is_is_looked_at(site: Site):
    asked = {one.path for one in routes(site) if "GET" in one.methods}
    assert asked == {route.partition(" ")[0] for route in PAGES} | NO_PAGES


def little(desk: Desk) -> int:
    """One task, so that there is one to look at."""
    return desk.task()


def much(desk: Desk) -> int:
    """Long names, sixty tasks, and something of all that pages tell of."""
    with desk.ctx.db.writing() as session:
        session.get_one(Account, desk.acme).name = LONG
        session.get_one(Contact, desk.ann).name = f"Dr. {LONG}"
        session.get_one(Contact, desk.ann).email = f"{'x' * 60}@{'y' * 60}.example"
        touch(session, desk.play, desk.ann)
        sam = session.get_one(User, desk.users["sam"])
        sam.full_name, sam.email = LONG, f"{'x' * 60}@{'y' * 60}.example"
    for number in range(60):
        desk.task(occurrence=number + 1, reason=LONG, body=LONG)
    admin = desk.users["admin"]
    notes.write(desk.ctx, desk.acme, admin, f"@admin {LONG}")
    links.add(desk.ctx, desk.acme, admin, "x" * 120, f"https://us.example/{'y' * 900}")
    sharing.share(desk.ctx, "agency", accounts=[str(desk.acme)], playbooks=["play"])
    absences.add(desk.ctx, "admin", NOW.date(), NOW.date(), "")
    tokens.make(desk.ctx, "admin", LONG, ["work", "operate"], writes=True)
    access.by_link(desk.ctx, access.link(desk.ctx, "admin"), LONG)
    return desk.task(kind="social", occurrence=61, assignee_id=admin)


@pytest.mark.parametrize("fill", [little, much])
def test_pages_are_for_everybody(browser: Browser, served: Served, fill: Fill):
    """axe finds nothing, nothing runs out of the page or jumps, and little has to be fetched."""
    task, first = fill(served.desk), WIDTHS[0] if fill is little else WIDTHS[-1]
    shutil.rmtree(PICTURES / fill.__name__, ignore_errors=True)
    wrong: list[str] = []
    with signed_in(browser, served, "admin", reduced_motion="reduce") as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
        for route, path in PAGES.items():
            page.set_viewport_size({"width": first, "height": 800})
            address = served.address + path.format(task=task, account=served.desk.acme)
            wrong += [f"{route} {one}" for one in fetched(page, wire, address)]
            page.evaluate(AXE_SCRIPT)
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                wrong += looked_at(page, wire, f"{fill.__name__}/{slug(route)}-{scheme}")
    assert not wrong, "\n".join(wrong)


def test_the_way_in_of_the_first_of_us_is_for_everybody(browser: Browser, server: Server):
    """As it opens, and with a mistake."""
    server.deserted()
    context = browser.new_context(reduced_motion="reduce")
    page, wrong = context.new_page(), list[str]()
    page.goto(f"{server.address}/setup")
    wire = context.new_cdp_session(page)
    for name in ("setup", "setup-mistaken"):
        page.evaluate(AXE_SCRIPT)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            wrong += looked_at(page, wire, f"first/{name}-{scheme}")
        for label, said in (("Token", "x"), ("Short name", LONG[:9]), ("Mail", "x@us.example")):
            page.get_by_label(label).fill(said)
        page.get_by_label("Password").fill("four stray badgers dig")
        page.get_by_role("button", name="Begin").click()
        expect(page.get_by_role("alert")).to_be_visible()
    context.close()
    assert not wrong, "\n".join(wrong)


def fetched(page: Page, wire: CDPSession, address: str) -> Iterator[str]:
    """What is wrong with how the page comes, where nothing of it is kept from before."""
    octets: list[float] = []

    def ended(told: dict[str, Any]) -> None:
        octets.append(told["encodedDataLength"])

    wire.on("Network.loadingFinished", ended)
    page.goto(address)
    moved = page.evaluate(SHIFTED)
    wire.remove_listener("Network.loadingFinished", ended)
    if not 0 < sum(octets) < LIGHT:
        yield f"has {sum(octets)} octets"
    if moved >= STILL:
        yield f"moves by {moved}"


def looked_at(page: Page, wire: CDPSession, name: str) -> Iterator[str]:
    """What axe says at the width that the page has; then a picture at each width."""
    found = AxeResults(page.evaluate(AXE))
    if found.violations_count:
        yield f"{name}: {found.generate_report()}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{name} is {wide} wide at {width}"
        picture(wire, PICTURES / f"{name}-{width}.png")


def picture(wire: CDPSession, file: Path) -> None:
    """Of what the browser shows; packed fast, in half the time of Playwright's own."""
    taken = wire.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b64decode(taken["data"]))


def slug(route: str) -> str:
    """A name for files: `/queue/{task_id}` is `queue-taskid`, and `/` is `home`."""
    words = "".join(letter if letter.isalnum() else " " for letter in route.replace("_", ""))
    return "-".join(words.split()) or "home"
