"""Signing in by an OpenID provider, a real one in a process of its own."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from accounts.errors import Problems
from accounts.records import User
from orchestrator.app import App
from orchestrator.engine.staff import access, auditing, vouching
from orchestrator.records import OutsideIdentity, WebSession
from orchestrator.settings import Oidc, Settings, load
from orchestrator.store.database import Database
from orchestrator.web.site import make
from tests.support.cast import NOW
from tests.support.desk import furnish
from tests.support.openid import Provider
from tests.support.openid_provider import ALICE, CLIENT, SECRET
from tests.support.processes import free_port
from tests.support.site import US, Site, open_site

US_BACK = f"{US}/oidc/back"


def sent_back(address: str) -> str:
    """Where the provider sends whoever comes to that address."""
    url = urlsplit(address)
    there = HTTPConnection(url.netloc, timeout=20)
    there.request("GET", f"{url.path}?{url.query}")
    found = there.getresponse().headers["Location"]
    there.close()
    return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    found = Provider(tmp_path_factory.mktemp("provider"))
    yield found
    found.stop()


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.be()
    return running


@dataclass
class Door:
    """The site of one that may sign in by the provider, and a browser before it."""

    site: Site
    browser: TestClient

    def go(self, **asked: str) -> str:
        """Begin; the address at which the provider sends the browser back."""
        there = self.browser.get("/oidc", params=asked)
        assert there.status_code == 303, there.text
        return sent_back(there.headers["location"])

    def come_back(self, address: str) -> tuple[int, str]:
        """(status, where to go next, or what the page says)."""
        answer = self.browser.get(address)
        return answer.status_code, answer.headers.get("location") or answer.text

    def sign_in(self, **asked: str) -> tuple[int, str]:
        return self.come_back(self.go(**asked))

    def refused(self, **asked: str) -> bool:
        """Whether somebody is not let in, and no session began."""
        status, _ = self.sign_in(**asked)
        assert not any(one.ended_at is None for one in self.site.desk.all(WebSession))
        return status == 400

    def lines(self) -> list[tuple[str, str, str]]:
        """(who, what, detail) of the audit log, the oldest first."""
        found = reversed(auditing.entries(self.site.desk.ctx))
        return [(one.actor, one.action, one.detail) for one in found]

    def told(self) -> str:
        return self.browser.get("/me").text


def settings(folder: Path, provider: Provider) -> Settings:
    oidc = Oidc(issuer=provider.issuer, client_id=CLIENT, client_secret=SecretStr(SECRET),
                name="Us & Co")  # fmt: skip
    return Settings(project=folder, oidc=oidc)


@pytest.fixture
def door(migrated_sqlite: Path, tmp_path: Path, provider: Provider) -> Iterator[Door]:
    shutil.copyfile(migrated_sqlite, tmp_path / "abm.db")
    database = Database(f"sqlite:///{tmp_path / 'abm.db'}")
    yield opened(database, settings(tmp_path, provider))
    database.dispose()


def opened(database: Database, settings: Settings) -> Door:
    desk = furnish(database, settings.project)
    desk.ctx = replace(desk.ctx, settings=settings)
    site = open_site(desk)
    return Door(site, site.client())


# ---------------------------------------------------------------- the good path


def test_whoever_was_added_is_linked_once_and_let_in_from_then_on(door: Door, provider: Provider):
    assert "Sign in with Us &amp; Co" in door.browser.get("/sign-in").text
    assert door.sign_in(next="/accounts?tier=1") == (303, "/accounts?tier=1")
    assert "<dd>dana</dd>" in door.told()
    assert door.lines() == [("dana", "oidc.link", ""), ("dana", "oidc.back", "")]
    provider.be(claims={"email": "married@elsewhere.example"})
    assert door.sign_in() == (303, "/queue")
    assert "<dd>dana</dd>" in door.told()
    assert door.lines()[2:] == [("dana", "oidc.back", "")]
    assert len(door.site.desk.all(OutsideIdentity)) == 1
    one, two = door.site.desk.all(WebSession)
    assert (one.ended_at is None, two.ended_at is None) == (False, True)


def test_the_provider_is_asked_for_a_code_by_the_book(door: Door, provider: Provider):
    door.sign_in()
    asked, sent = provider.asked("authorize")[-1], provider.asked("token")[-1]
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["redirect_uri"], asked["scope"]) == (US_BACK, "openid email")
    assert "prompt" not in asked
    assert len(sent["code_verifier"]) >= 43
    assert len({asked["state"], asked["nonce"], sent["code_verifier"]}) == 3
    assert "client_secret" not in asked | sent


def test_no_secret_of_the_way_reaches_log_or_database(
    door: Door, provider: Provider, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    where = door.go()
    kept = door.browser.cookies["abm-oidc"].split(".")[0]
    door.come_back(where)
    provider.be(status=500)
    door.browser.get("/oidc")
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("httpx2")]
    told = " ".join(ours) + repr(door.site.desk.ctx.settings)
    told += (door.site.desk.ctx.settings.project / "abm.db").read_bytes().decode("latin-1")
    for secret in (SECRET, kept, parse_qs(urlsplit(where).query)["code"][0]):
        assert secret not in told


def test_the_way_there_is_forgotten_after_the_way_back(door: Door):
    where = door.go()
    assert "abm-oidc" in door.browser.cookies
    door.come_back(where)
    assert "abm-oidc" not in door.browser.cookies


# ---------------------------------------------------------------- what is not believed

LIES: dict[str, dict[str, dict[str, Any]]] = {
    "of whom it is for": {
        "wrong issuer": {"claims": {"iss": "https://evil.example"}},
        "no issuer": {"claims": {"iss": None}},
        "issuer with a slash": {"claims": {"iss": "ISSUER/"}},
        "wrong audience": {"claims": {"aud": "another"}},
        "no audience": {"claims": {"aud": None}},
        "audience among others, for another": {"claims": {"aud": [CLIENT, "x"], "azp": "x"}},
        "audience among others": {"claims": {"aud": [CLIENT, "x"]}},
        "wrong nonce": {"claims": {"nonce": "n"}},
        "no nonce": {"claims": {"nonce": None}},
    },
    "of time": {
        "expired": {"claims": {"exp": 1_000_000_000}},
        "no end": {"claims": {"exp": None}},
        "not yet": {"claims": {"nbf": 4_000_000_000}},
        "issued tomorrow": {"claims": {"iat": 4_000_000_000}},
        "an impossible proof": {"claims": {"auth_time": 1e300}},
        "words for a proof": {"claims": {"auth_time": "now"}},
    },
    "of who says so": {
        "alg none": {"alg": "none"},
        "HS256 with the public key": {"alg": "HS256"},
        "another key": {"key": "other"},
        "another access token": {"claims": {"at_hash": "AAAA"}},
        "another issuer's discovery": {"issuer": "https://evil.example"},
        "a token from inside our network": {"token_endpoint": "http://10.0.0.1/token"},
        "a token from a file": {"token_endpoint": "file:///etc/passwd"},
    },
    "of who it is": {
        "unverified mail": {"claims": {"email_verified": False}},
        "mail verified by a word": {"claims": {"email_verified": "true"}},
        "nothing said of the mail": {"claims": {"email_verified": None}},
        "unknown user": {"claims": {"email": "stranger@us.example"}},
        "two users in one": {"claims": {"email": "dana@us.example,sam@us.example"}},
        "no mail": {"claims": {"email": None}},
        "no subject": {"claims": {"sub": None}},
        "an empty subject": {"claims": {"sub": ""}},
        "a number for a subject": {"claims": {"sub": 7}},
    },
}


@pytest.mark.parametrize("about", LIES)
def test_a_lie_lets_nobody_in(door: Door, provider: Provider, about: str):
    for lie, mood in LIES[about].items():
        provider.be()
        where = door.go()
        provider.be(**json.loads(json.dumps(mood).replace("ISSUER", provider.issuer)))
        assert door.come_back(where)[0] == 400, lie
        assert door.site.desk.all(WebSession) == [], lie
    assert door.site.desk.all(OutsideIdentity) == []
    assert door.lines() == [("", "oidc.back", "refused=True")] * len(LIES[about])


def test_a_clock_that_is_a_little_off_is_no_lie(door: Door, provider: Provider):
    now = int(door.site.desk.ctx.clock.lease_now().timestamp())
    provider.be(claims={"exp": now - 20, "iat": now + 20})
    assert door.sign_in()[0] == 303
    provider.be(claims={"exp": now - 90})
    assert door.sign_in()[0] == 400


def test_a_state_is_good_once_and_in_its_own_browser(door: Door):
    where = door.go()
    kept = dict(door.browser.cookies)
    stranger = Door(door.site, door.site.client())
    assert stranger.come_back(where)[0] == 400
    stranger.go()
    assert stranger.come_back(where)[0] == 400
    assert door.come_back(where)[0] == 303
    again = Door(door.site, door.site.client())
    again.browser.cookies.update(kept)
    status, page = again.come_back(where)
    assert (status, "this sign-in has been used" in page) == (400, True)


@pytest.mark.parametrize(
    "change",
    [("state=", "state=x"), ("code=", "code=x"), ("code=", "none="), ("iss=http", "iss=https")],
)
def test_what_came_back_otherwise_lets_nobody_in(door: Door, change: tuple[str, str]):
    assert door.come_back(door.go().replace(*change))[0] == 400
    assert door.site.desk.all(WebSession) == []


def test_a_code_of_another_trip_does_not_fit(door: Door):
    """Injected into the browser of a victim, whose verifier is another one."""
    theirs = parse_qs(urlsplit(Door(door.site, door.site.client()).go()).query)["code"][0]
    mine = door.go()
    own = parse_qs(urlsplit(mine).query)["code"][0]
    assert door.come_back(mine.replace(own, theirs))[0] == 400


def test_whoever_left_is_not_let_in_by_the_provider_either(door: Door):
    door.sign_in()
    with door.site.desk.ctx.db.writing() as session:
        session.get_one(User, door.site.desk.dana).active = False
    assert "sign-in" in door.browser.get("/me").headers["location"]
    assert door.sign_in()[0] == 400


def test_an_address_that_another_has_now_does_not_let_them_in_as_the_first(
    door: Door, provider: Provider
):
    door.sign_in()
    provider.be(claims={"sub": "the next dana"})
    assert door.sign_in()[0] == 400
    assert [one.subject for one in door.site.desk.all(OutsideIdentity)] == [ALICE["sub"]]


def test_one_address_of_two_users_is_nobodys(door: Door):
    with door.site.desk.ctx.db.writing() as session:
        session.get_one(User, door.site.desk.users["sam"]).email = "dana@us.example"
    assert door.refused()


def test_a_user_may_be_linked_by_hand_and_parted(door: Door, provider: Provider):
    ctx = door.site.desk.ctx
    provider.be(claims={"email": None})
    vouching.link_by_hand(ctx, "sam", str(ALICE["sub"]))
    assert door.sign_in()[0] == 303
    assert "<dd>sam</dd>" in door.told()
    assert vouching.unlink(ctx, "sam")
    assert door.browser.get("/me").status_code == 303
    assert door.sign_in()[0] == 400


# ---------------------------------------------------------------- down, again, out


@pytest.mark.parametrize("mood", [{"status": 503}, {"issuer": "https://evil.example"}])
def test_a_provider_that_is_down_says_so_and_a_password_goes_on(
    door: Door, provider: Provider, mood: dict[str, Any]
):
    provider.be(**mood)
    answer = door.browser.get("/oidc")
    assert (answer.status_code, "it cannot be reached" in answer.text) == (502, True)
    access.set_password(door.site.desk.ctx, "dana", "four stray badgers sing")
    form = {"name": "dana", "password": "four stray badgers sing"}
    assert door.browser.post("/sign-in", data=form).status_code == 303


def test_nobody_listens_there(door: Door):
    ctx = door.site.desk.ctx
    dead = ctx.settings.oidc.model_copy(update={"issuer": f"http://127.0.0.1:{free_port()}/us"})
    app = make(App(replace(ctx, settings=ctx.settings.model_copy(update={"oidc": dead}))))
    assert Site(app, door.site.desk).client().get("/oidc").status_code == 502


def test_what_is_dangerous_wants_a_new_proof_from_the_provider(door: Door, provider: Provider):
    """Whom the provider let in without asking is not believed to sit there."""
    door.sign_in()
    csrf = door.told().split('name="csrf" value="')[1].partition('"')[0]
    token = {"csrf": csrf, "label": "form", "may": "work", "days": "9"}
    answer = door.browser.post("/me/tokens", data=token)
    assert (answer.status_code, "/oidc?fresh=true" in answer.text) == (403, True)
    assert door.sign_in(fresh="true") == (303, "/queue")
    asked = provider.asked("authorize")[-1]
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    token["csrf"] = door.told().split('name="csrf" value="')[1].partition('"')[0]
    assert door.browser.post("/me/tokens", data=token).status_code == 200


@pytest.mark.parametrize("proved", [None, 1_000_000_000])
def test_an_old_proof_is_no_new_one(door: Door, provider: Provider, proved: int | None):
    provider.be(claims={"auth_time": proved})
    status, page = door.sign_in(fresh="true")
    assert (status, "did not ask you again" in page) == (400, True)


def test_signing_out_here_offers_to_sign_out_there(door: Door, provider: Provider):
    door.sign_in()
    csrf = door.told().split('name="csrf" value="')[1].partition('"')[0]
    left = door.browser.post("/sign-out", data={"csrf": csrf}).headers["location"]
    assert 'href="/oidc/leave"' in door.browser.get(left).text
    where = door.browser.get("/oidc/leave").headers["location"]
    assert where.startswith(f"{provider.issuer}/logout?client_id={CLIENT}&post_logout_redirect")


def test_without_a_provider_there_is_no_button_and_no_way(site: Site):
    client = site.client()
    assert "/oidc" not in client.get("/sign-in").text
    for path in ("/oidc", "/oidc/back?state=x&code=y", "/oidc/leave"):
        assert client.get(path).status_code == 404


def test_an_office_may_begin_its_day_but_nobody_guesses_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(access, "lease_now", lambda *_: NOW)
    codes = [door.browser.get("/oidc/back?state=x&code=y").text for _ in range(61)]
    assert ["too many tries" in one for one in codes] == [False] * 60 + [True]


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "lines",
    [
        'issuer = "http://login.example.com"\nclient_id = "x"',
        'issuer = "login.example.com"\nclient_id = "x"',
        'issuer = "https://login.example.com/?a=b"\nclient_id = "x"',
        'issuer = "https://"\nclient_id = "x"',
        'issuer = "https://login.example.com"',
        'issuer = "https://login.example.com"\nclient_id = "x"\nleeway = 3600',
    ],
)
def test_a_provider_that_anybody_could_play_is_refused(tmp_path: Path, lines: str):
    (tmp_path / "abm.toml").write_text(f"[oidc]\n{lines}\n")
    with pytest.raises(Problems):
        load(tmp_path)


def test_the_secret_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lines = '[oidc]\nissuer = "https://login.example.com"\nclient_id = "x"\n'
    (tmp_path / "abm.toml").write_text(lines)
    monkeypatch.setenv("ABM_OIDC__CLIENT_SECRET", "from outside")
    assert load(tmp_path).oidc_secret == "from outside"
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "abm.toml").write_text(lines + 'client_secret_file = "secret"\n')
    assert load(tmp_path).oidc_secret == "from a file"
