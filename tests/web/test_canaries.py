"""Secrets that are given in are found nowhere again: no page, log, database or export has them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from orchestrator import veil
from orchestrator.app import App
from orchestrator.engine import ticking
from orchestrator.engine.companies import importing
from orchestrator.engine.context import Context
from orchestrator.engine.pages import agenda, watching
from orchestrator.engine.staff import access, auditing
from orchestrator.records import Tick
from orchestrator.settings import Mail, Oidc, Webhooks
from orchestrator.web.site import make
from tests.support.site import US, Site, Visitor

CANARY = "canary7f3a"
PASSWORD = f"{CANARY} four stray badgers"
PAGES = ("/me", "/me/tokens", "/ops", "/audit", "/sign-in", "/metrics", "/nowhere", "/queue/1x",
         "/calendar/export.ics", "/calendar", "/oidc")  # fmt: skip
CAME = f"/oidc/back?state={CANARY}-state&code={CANARY}-code"
ADDRESS, PHONE = "wilma.canary9c@acme.example", "+4930987654321"
PEOPLE = f"name,email,phone,company\nWilma Weiss,{ADDRESS},{PHONE},Acme\n"


def with_canaries(site: Site) -> Site:
    """The site with a secret in every setting that takes one."""
    settings = site.desk.ctx.settings.model_copy(
        update={
            "mail": Mail(host="relay.example", user="us", password=SecretStr(f"{CANARY}-mail")),
            "webhooks": Webhooks(secret=SecretStr("whsec_" + "Y2FuYXJ5N2YzYQ==")),
            "oidc": Oidc(issuer="http://127.0.0.1:9", client_id="abm",
                         client_secret=SecretStr(f"{CANARY}-oidc")),
        }
    )  # fmt: skip
    site.desk.ctx = replace(site.desk.ctx, settings=settings)
    return Site(make(App(site.desk.ctx)), site.desk)


@contextmanager
def logged(ctx: Context) -> Iterator[io.StringIO]:
    """All that is logged meanwhile, by whomever, down to what only developers read."""
    veil.draw(ctx.settings)
    said, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(said), root.level
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield said
    root.removeHandler(handler)
    root.setLevel(level)


def broken(what: str) -> NoReturn:
    """A mistake of ours that tells what it was given."""
    raise RuntimeError(what)


def test_a_day_of_the_desk_lets_no_secret_out_again(site: Site, monkeypatch: pytest.MonkeyPatch):
    site = with_canaries(site)
    ctx = site.desk.ctx
    access.set_password(ctx, "ops", PASSWORD)
    with logged(ctx) as log:
        told, secrets = sign_in(site)
        visitor = site.visit("ops")
        pages, made = work(visitor)
        importing.commit(ctx, importing.draft(ctx, "contacts", PEOPLE.encode()))
        burnt = burn(site, visitor, monkeypatch, made)
        told += [*pages, *burnt, send(ctx, monkeypatch)]
    told += [repr(ctx), str(ctx.settings), ctx.settings.model_dump_json()]
    told += [str(one) for one in auditing.everything(ctx)]
    told.append(log.getvalue())
    files = ctx.settings.project.glob("abm.db*")  # what was just written is in the file beside it
    kept = "".join(file.read_bytes().decode("latin-1") for file in files)
    secrets |= made | {visitor.client.cookies["abm"], CANARY, "Y2FuYXJ5N2YzYQ"}
    for secret in secrets:
        assert len(secret) > 8
        assert not [text for text in (*told, kept) if secret in text], secret
    for way in (ADDRESS, PHONE, "wilma.canary9c", PHONE[1:]):
        assert way not in "".join(told)
    assert ADDRESS in kept


def sign_in(site: Site) -> tuple[list[str], set[str]]:
    """(what is told, what was secret) by a wrong password, a right one, a link and a provider."""
    client, link = site.client(), access.link(site.desk.ctx, "ops")
    tries = ({"name": PASSWORD, "password": PASSWORD[:-1]}, {"name": "ops", "password": PASSWORD})
    _, *told = [client.post("/sign-in", data=one).text for one in tries]  # the first shows its name
    assert client.cookies["abm"]
    told += [client.post(f"/sign-in/{link}").text, client.post(f"/sign-in/{link}").text]
    told.append(client.get(CAME).text)
    return told, {link, client.cookies["abm"]}


def work(visitor: Visitor) -> tuple[list[str], set[str]]:
    """(every page, what is secret) of a token and a feed, which one answer each shows."""
    made = visitor.post("/me/tokens", label="form", may="work", days="9")[1]
    token = made.split("abm_")[1].split("<")[0]
    feed = visitor.post("/me/calendar")[1].split("/feeds/")[1].split(".ics")[0]
    told = [visitor.client.get(page).text for page in PAGES]
    bearer = {"Authorization": f"Bearer abm_{token}"}
    told.append(visitor.client.get("/api/v1/tasks", headers=bearer).text)
    told.append(visitor.client.get(f"/feeds/{feed}.ics").text)
    return told, {token, feed}


def burn(
    site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, secrets: set[str]
) -> list[str]:
    """What pages say that break, one of them at an address that is a secret."""
    said = f"GET {' '.join(f'/feeds/{one}' for one in secrets)} {PASSWORD} {ADDRESS} {PHONE}"
    monkeypatch.setattr(watching, "watch", lambda *_: broken(f"password='{said}' {PHONE}"))
    monkeypatch.setattr(agenda, "feed", lambda *_: broken(f"no mail to {ADDRESS} or {PHONE}"))
    burning = TestClient(site.app, base_url=US, raise_server_exceptions=False)
    burning.cookies.update(visitor.client.cookies)
    told = [burning.get(page).text for page in ("/ops", *(f"/feeds/{one}.ics" for one in secrets))]
    assert ["Something broke here" in page for page in told] == [True] * 3
    monkeypatch.undo()
    return told


def send(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is kept of a pass of mail whose relay tells too much."""
    relay = f"535 password={CANARY}-mail refused; 550 <{ADDRESS}> unknown, call {PHONE}"
    monkeypatch.setattr(ticking, "due", lambda _: set(ticking.CONCERNS["deliver"]))
    done = ticking.tick(ctx, "deliver", run=lambda _: broken(relay))
    assert isinstance(done, Tick)
    assert "535 password=*** refused; 550 <***@acme.example>" in done.error
    return done.error
