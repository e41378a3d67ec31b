"""What every answer carries, a broken one too, and what is too large to be read."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from orchestrator.app import App
from orchestrator.engine.pages import watching
from orchestrator.settings import Web
from orchestrator.web.site import LARGEST, make
from tests.support.site import US, Site

ARMOUR = {
    "content-security-policy": "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}
PATHS = ("/queue", "/accounts", "/me", "/users", "/audit", "/calendar/export.ics", "/ops",
         "/nowhere", "/healthz", "/queue/1x", "/sign-in", "/setup", "/feeds/x.ics", "/metrics",
         "/api/v1/tasks", "/api/v1/nowhere", "/accounts/999999", "/static/nowhere")  # fmt: skip


def test_every_answer_carries_it_whatever_it_is(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "watch", lambda *_: 1 / 0)
    client = TestClient(site.app, base_url=US, raise_server_exceptions=False)
    client.cookies.update(site.visit("admin").client.cookies)
    found = [client.get(path) for path in PATHS]
    found += [client.post("/queue/1/done"), client.post("/sign-in", content=b"x" * (LARGEST + 1))]
    assert {one.status_code for one in found} >= {200, 401, 403, 404, 413, 500}
    for answer in found:
        wanted = dict(ARMOUR)
        if answer.url.path.startswith("/static/"):
            wanted["cache-control"] = "max-age=3600"
        has = {name: answer.headers.get(name) for name in wanted}
        assert has == wanted, answer.url.path
        assert "strict-transport-security" not in answer.headers  # loopback has no https


def test_by_https_browsers_are_told_to_stay_there(site: Site):
    web = Web(address="https://abm.example.com")
    settings = site.desk.ctx.settings.model_copy(update={"web": web})
    there = Site(make(App(replace(site.desk.ctx, settings=settings))), site.desk)
    answer = there.client().get("/sign-in")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def drops(text: bytes) -> Iterator[bytes]:
    yield text


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"x" * (LARGEST + 1), {}),
        (b"", {"Content-Length": "-1"}),
        (b"", {"Content-Length": "1e3"}),
        (b"", {"Content-Length": "9" * 5_000}),
        (drops(b"name=dana"), {}),  # in pieces, which do not say how many come
        (b"name=dana", {"Transfer-Encoding": "gzip, chunked"}),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/queue/1/done", "/api/v1/events", "/setup"])
def test_what_does_not_say_that_it_is_small_is_not_read(
    site: Site, path: str, content: bytes | Iterator[bytes], headers: dict[str, str]
):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert site.client().post(path, content=content, headers=form | headers).status_code == 413


BOUNDARY = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="csrf"; filename="f"\r\n\r\nb\r\n'


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/x-www-form-urlencoded", b"a&" * (LARGEST // 2)),
        ("application/x-www-form-urlencoded", b"csrf=" + b"%ff" * (LARGEST // 4)),
        ("application/x-www-form-urlencoded; charset=utf-7", b"+ADw-"),
        (BOUNDARY, PART * (LARGEST // len(PART)) + b"--x--\r\n"),
        (BOUNDARY, FILE * 20 + b"--x--\r\n"),
        (BOUNDARY, b"--x\r\n" + b"A: b\r\n" * 100_000),
        ("multipart/form-data", PART),
        ("application/json", b"[" * 100_000),
    ],
)
def test_an_odd_form_breaks_nothing_and_takes_no_time(site: Site, kind: str, content: bytes):
    visitor = site.visit("dana")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    answer = visitor.client.post("/me/away", content=content, headers={"Content-Type": kind})
    assert answer.status_code in (400, 403, 413)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5
