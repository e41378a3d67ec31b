"""The pages over a furnished desk, visited without a network by whomever a test names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy import event
from starlette.testclient import TestClient

from orchestrator.app import App
from orchestrator.engine.staff import access
from orchestrator.web.site import make
from tests.support import cast
from tests.support.desk import Desk

TEAMS = ("marketing", "sales", "customer", "leader", "ops", "admin", "agency")
US = "http://127.0.0.1:8400"


@dataclass
class Site:
    """The site, its desk, and one user of every team, called as the team."""

    app: FastAPI
    desk: Desk

    def client(self) -> TestClient:
        """A browser that follows nothing by itself."""
        return TestClient(self.app, base_url=US, follow_redirects=False)

    def visit(self, name: str) -> Visitor:
        """A browser in which that user is signed in."""
        client = self.client()
        secret = access.link(self.desk.ctx, name)
        answer = client.post(f"/sign-in/{secret}")
        assert answer.status_code == 303
        return Visitor(client)


@dataclass
class Visitor:
    """A signed-in browser; `csrf` is what its forms carry."""

    client: TestClient
    csrf: str = ""

    def __post_init__(self) -> None:
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/me").text)
        assert found
        self.csrf = found[1]

    def get(self, path: str) -> str:
        """The page, which there is."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def status(self, path: str) -> int:
        """How a page answers."""
        return self.client.get(path).status_code

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        """(status, where to go next or the page) of a form that is sent."""
        answer = self.client.post(path, data={"csrf": self.csrf} | fields)
        return answer.status_code, answer.headers.get("location") or answer.text


def open_site(desk: Desk) -> Site:
    """The site with one user of each team, beside Dana and Sam (sales) and Max (marketing)."""
    with desk.ctx.db.writing() as session:
        for team in TEAMS:
            desk.users[team] = cast.user(session, team, team, zone="Europe/Berlin").id or 0
    app = make(App(desk.ctx))
    app.state.pulse.lasts = 0.05  # a test waits for no stream to end
    return Site(app, desk)


def queries(site: Site, ask: Callable[[], object]) -> int:
    """How many statements the database is asked while `ask` runs."""
    engine, asked = site.desk.ctx.db.engine, list[str]()

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    ask()
    event.remove(engine, "before_cursor_execute", listen)
    return len(asked)
