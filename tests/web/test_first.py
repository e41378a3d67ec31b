"""Before anybody works here nothing is served but the way in for the first of us."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.app import App
from orchestrator.clock import ManualClock
from orchestrator.engine.context import Context
from orchestrator.engine.staff import access, auditing, first, users
from orchestrator.settings import Settings
from orchestrator.store.database import Database
from orchestrator.web.site import HEADERS, make
from tests.support.cast import NOW
from tests.support.desk import Desk
from tests.support.site import Site
from tests.web.test_audit import acts
from tests.web.test_guards import routes

ADA = {"name": "Ada", "email": "ada@us.example", "password": "four stray badgers dig"}
SERVED = {"/setup", "/healthz"}


@pytest.fixture
def empty(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Site]:
    """A site where nobody works."""
    shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
    database, clock = Database(f"sqlite:///{tmp_path / 'abm.db'}"), ManualClock(NOW)
    ctx = Context(database, clock, Settings(project=tmp_path), {})
    yield Site(make(App(ctx)), Desk(ctx, clock))
    database.dispose()


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path)


def test_every_route_but_the_way_in_answers_that_nobody_is_there(empty: Site):
    client = empty.client()
    asked = {(filled(one.path), how) for one in routes(empty) for how in one.methods}
    asked |= {("/api/v1" + filled(one.path), "POST") for one in acts(empty)}
    asked |= {("/", "GET"), ("/nowhere", "GET"), ("/api/v1/tasks", "GET"), ("//setup", "GET"),
              ("/setup/", "GET"), ("/static", "GET"), ("/sign-in", "PUT")}  # fmt: skip
    assert len(asked) > 80
    for path, method in sorted(asked):
        if path not in SERVED:
            answer = client.request(method, path)
            assert answer.status_code == 503, (method, path)
            assert HEADERS.items() <= {(name, answer.headers.get(name, "")) for name in HEADERS}, (
                path
            )
    for path in (*SERVED, "/static/abm.css"):
        assert client.get(path).status_code == 200, path
    assert 'href="/setup"' in client.get("/queue").text
    assert client.get("/api/v1/tasks").json()["title"] == "Nobody works here yet"


def test_the_first_of_us_comes_in_by_the_token_and_the_page_is_gone(
    empty: Site, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    ctx, client, other = empty.desk.ctx, empty.client(), Site(make(App(empty.desk.ctx)), empty.desk)
    token = first.offer(ctx)
    wrong = client.post("/setup", data=ADA | {"token": "0" * 32})
    assert (wrong.status_code, "wrong, used or too old" in wrong.text) == (400, True)
    assert 'value="Ada"' in wrong.text
    assert ADA["password"] not in wrong.text
    assert other.client().get("/sign-in").status_code == 503
    answer = client.post("/setup", data=ADA | {"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/users")
    assert "ada" in client.get("/users").text
    for where in (client, other.client()):
        assert where.get("/setup").status_code == 404
        assert where.post("/setup", data=ADA | {"token": token}).status_code == 404
        assert where.get("/sign-in").status_code == 200
    assert [one.name for one in users.everybody(ctx)] == ["ada"]
    made = auditing.entries(ctx, said="first.begin")[0]
    assert (made.actor, made.object, made.before) == ("ada", "user ada", "")
    assert len(made.after) == 64
    told = f"{list(auditing.everything(ctx))} {caplog.text}"
    assert token not in told
    assert ADA["password"] not in told


def test_another_site_sets_nothing_up_and_guessing_is_slowed_down(
    empty: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW)
    client, token = empty.client(), first.offer(empty.desk.ctx)
    sent = ADA | {"token": token}
    assert (
        client.post("/setup", data=sent, headers={"Origin": "https://evil.example"}).status_code
        == 403
    )
    tries = [client.post("/setup", data=ADA | {"token": "x"}) for _ in range(access.TRIES + 1)]
    assert [one.status_code for one in tries] == [400] * access.TRIES + [429]
    assert tries[-1].headers["retry-after"] == "6"
    assert not first.anybody(empty.desk.ctx)
