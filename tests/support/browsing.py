"""The pages in a real browser, served by the real process: one for all tests of a file.

Each test finds the same desk as if it were new: what the last one left is taken away.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete
from sqlmodel import SQLModel

from orchestrator.address import told
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access
from orchestrator.store.database import Database
from tests.support import cast
from tests.support.desk import Desk, furnish
from tests.support.openid_provider import CLIENT, SECRET
from tests.support.processes import spawn, stop, wait_until
from tests.support.site import TEAMS

SETTINGS = """clock = "file:clock"
[oidc]
issuer = "{issuer}"
client_id = "{client}"
client_secret = "{secret}"
"""


@dataclass
class Served:
    """A desk, and the address at which its pages are served."""

    desk: Desk
    address: str

    @property
    def ctx(self) -> Context:
        return self.desk.ctx


@dataclass
class Server:
    """A project whose pages are served; its business time stands still."""

    folder: Path
    database: Database
    address: str

    def deserted(self) -> None:
        """Nobody works here and nothing is known. The audit log keeps what it has."""
        with self.database.writing() as session:
            for table in reversed(SQLModel.metadata.sorted_tables):
                if table.name not in ("audit", "house_key"):
                    session.connection().execute(delete(table))

    def afresh(self) -> Served:
        """Acme, our team and no task yet."""
        self.deserted()
        desk = furnish(self.database, self.folder)
        with self.database.writing() as session:
            for team in TEAMS:
                desk.users[team] = cast.user(session, team, team, zone="Europe/Berlin").id or 0
        return Served(desk, self.address)


@contextmanager
def serving(
    migrated: Path, folder: Path, issuer: str = "https://login.example"
) -> Iterator[Server]:
    """The real process on a copy of the migrated database."""
    (folder / ".abm").mkdir()
    (folder / "clock").write_text(cast.NOW.isoformat())
    settings = SETTINGS.format(issuer=issuer, client=CLIENT, secret=SECRET)
    (folder / "abm.toml").write_text(settings)
    shutil.copyfile(migrated, folder / ".abm/abm.db")
    database = Database(f"sqlite:///{folder / '.abm/abm.db'}")
    log, where = folder / "web.log", told(folder)
    server = spawn([sys.executable, "-m", "orchestrator.web.server", folder], log=log)
    wait_until(where.exists, "the web server", process=server, log=log, timeout=60)
    yield Server(folder, database, where.read_text().partition(" ")[2])
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
    expect(page).to_have_url(re.compile(rf"{served.address}/(queue|ops|playbooks|users)?$"))
    yield page
    context.close()
    assert said == []
