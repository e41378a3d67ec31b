"""A flood of sign-ins keeps nobody from the pages."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import anyio
import httpx
import pytest
from anyio.to_thread import current_default_thread_limiter
from starlette.testclient import TestClient

from orchestrator.engine.staff import access, passwords
from orchestrator.web import server, turns
from orchestrator.web.turns import Crowded, Turns
from tests.support.cast import NOW
from tests.support.site import US, Site

FLOOD = 50
REFUSED = FLOOD - turns.WAITING - passwords.AT_ONCE


class Hashing:
    """What looks at a password, until it is let go; it says how many are at it at most."""

    def __init__(self) -> None:
        self.go, self.lock, self.now, self.most = threading.Event(), threading.Lock(), 0, 0

    def fits(self, _kept: str, _password: str) -> bool:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.go.wait(20)
        with self.lock:
            self.now -= 1
        return False


def test_a_page_answers_while_fifty_sign_in(site: Site, monkeypatch: pytest.MonkeyPatch):
    hashing, cookie = Hashing(), site.visit("dana").client.cookies["abm"]
    monkeypatch.setattr(passwords, "fits", hashing.fits)
    monkeypatch.setattr(access, "may_try", lambda *_, **__: True)
    answers, early = list[httpx.Response](), Counter[int]()

    async def flood() -> None:
        current_default_thread_limiter().total_tokens = server.AT_ONCE
        transport = httpx.ASGITransport(site.app)
        client = httpx.AsyncClient(transport=transport, base_url=US)
        form = {"name": "dana", "password": "x" * 20, "next": "/accounts"}

        crowded = anyio.Event()

        async def sign_in() -> None:
            answers.append(await client.post("/sign-in", data=form))
            if len(answers) == REFUSED:
                crowded.set()

        async with client, anyio.create_task_group() as group:
            for _ in range(FLOOD):
                group.start_soon(sign_in)
            await crowded.wait()  # who would wait for long is answered at once
            early.update(one.status_code for one in answers)
            with anyio.fail_after(10):
                for page in ("/queue", "/accounts", "/healthz"):
                    found = await client.get(page, headers={"Cookie": f"abm={cookie}"})
                    assert found.status_code == 200, page
            assert hashing.now == passwords.AT_ONCE
            hashing.go.set()

    anyio.run(flood)
    assert early == {503: REFUSED}
    refused = [one for one in answers if one.status_code == 503]
    assert {one.headers["retry-after"] for one in refused} == {str(turns.COME_BACK)}
    assert 'name="next" value="/accounts"' in refused[0].text
    assert hashing.most == passwords.AT_ONCE
    assert len(answers) == FLOOD


def test_nobody_waits_for_ever_and_a_mistake_keeps_no_turn(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    go = threading.Event()

    def fail() -> None:
        raise ValueError("a mistake")

    async def queue() -> None:
        line = Turns()
        for _ in range(passwords.AT_ONCE + 1):
            with pytest.raises(ValueError, match="a mistake"):
                await line.take(fail)
        async with anyio.create_task_group() as group:
            for _ in range(passwords.AT_ONCE):
                group.start_soon(line.take, partial(go.wait, 20))
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(Crowded):
                await line.take(fail)
            go.set()
        assert await line.take(lambda: "through") == "through"

    anyio.run(queue)


def test_who_tried_too_often_is_told_when_to_come_back(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW)
    client = site.client()
    for _ in range(access.TRIES):
        client.post("/sign-in", data={"name": "nobody"})
    answer = client.post("/sign-in", data={"name": "nobody"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "6")


def test_a_flood_of_made_up_links_shuts_nobody_out(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW)
    evil = TestClient(site.app, base_url=US, client=("192.0.2.66", 1), follow_redirects=False)
    tries = [evil.post(f"/sign-in/{'x' * 43}") for _ in range(access.TRIES + 2)]
    assert [one.status_code for one in tries] == [400] * access.TRIES + [429] * 2
    link = access.link(site.desk.ctx, "dana")
    assert evil.post(f"/sign-in/{link}").status_code == 429
    assert site.client().post(f"/sign-in/{link}").status_code == 303
