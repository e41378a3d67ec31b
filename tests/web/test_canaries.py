"""Secrets that are given in are found nowhere again: no page, log, database or export has them."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from orchestrator.app import App
from orchestrator.engine.pages import watching
from orchestrator.engine.staff import access, auditing
from orchestrator.settings import Mail, Oidc, Webhooks
from orchestrator.web.site import make
from tests.support.site import US, Site

CANARY = "canary7f3a"
PASSWORD = f"{CANARY} four stray badgers"
PAGES = ("/me", "/me/tokens", "/ops", "/audit", "/sign-in", "/metrics", "/nowhere", "/queue/1x")


def with_canaries(site: Site) -> Site:
    """The site with a secret in every setting that takes one."""
    settings = site.desk.ctx.settings.model_copy(
        update={
            "mail": Mail(host="relay.example", user="us", password=SecretStr(f"{CANARY}-mail")),
            "webhooks": Webhooks(secret=SecretStr("whsec_" + "Y2FuYXJ5N2YzYQ==")),
            "oidc": Oidc(issuer="https://login.example", client_id="abm",
                         client_secret=SecretStr(f"{CANARY}-oidc")),
        }
    )  # fmt: skip
    site.desk.ctx = replace(site.desk.ctx, settings=settings)
    return Site(make(App(site.desk.ctx)), site.desk)


def test_no_secret_comes_out_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    site = with_canaries(site)
    ctx, client = site.desk.ctx, site.client()
    access.set_password(ctx, "ops", PASSWORD)
    client.post("/sign-in", data={"name": PASSWORD, "password": PASSWORD[:-1]})
    client.post("/sign-in", data={"name": "ops", "password": PASSWORD})
    visitor = site.visit("ops")
    made = visitor.post("/me/tokens", label="form", may="work", days="9")[1]
    token = made.split("abm_")[1].split("<")[0]
    feed = visitor.post("/me/calendar")[1].split("/feeds/")[1].split(".ics")[0]
    told = [visitor.client.get(page).text for page in PAGES]
    told.append(client.get("/api/v1/tasks", headers={"Authorization": f"Bearer abm_{token}"}).text)
    monkeypatch.setattr(watching, "watch", broken)
    burning = TestClient(site.app, base_url=US, raise_server_exceptions=False)
    burning.cookies.update(visitor.client.cookies)
    told.append(burning.get("/ops").text)
    assert "Something broke here" in told[-1]
    told += [repr(ctx), str(ctx.settings), ctx.settings.model_dump_json()]
    told += [str(one) for one in auditing.everything(ctx)]
    told += [f"{one.name} {one.getMessage()}" for one in caplog.records
             if not one.name.startswith("httpx2")]  # fmt: skip
    told.append((ctx.settings.project / "abm.db").read_bytes().decode("latin-1"))
    session = visitor.client.cookies["abm"]
    for secret in (CANARY, "Y2FuYXJ5N2YzYQ", token, feed, session):
        assert len(secret) > 8
        assert not [text for text in told if secret in text], secret


def broken(*_: object) -> None:
    raise RuntimeError("this room is on fire")
