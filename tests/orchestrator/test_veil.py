"""What logs do not say."""

from __future__ import annotations

import ast
import io
import logging
import resource
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from orchestrator import veil
from orchestrator.engine.ticking import told
from orchestrator.settings import Mail, Oidc, Settings
from orchestrator.veil import Secret, mask

CANARY = "canary7f3aQx-kP_93jd02"
FLOWS = Path(__file__).parents[2] / "flows"

HIDDEN = [
    f"Authorization: Bearer {CANARY}",
    f"authorization: Basic {CANARY}==",
    f"{{'authorization': 'Bearer {CANARY}', 'accept': '*/*'}}",
    f"[(b'authorization', b'Bearer {CANARY}')]",
    f"[(b'cookie', b'a=b; abm={CANARY}')]",
    f"Cookie: theme=dark; __Host-abm={CANARY}",
    f"set-cookie: abm-oidc={CANARY}; Path=/",
    f"abm={CANARY}; Path=/",
    f"token abm_{CANARY} was used",
    f"secret whsec_{CANARY}=",
    f"eyJhbGciOiJIUzI1NiJ9.{CANARY}.{CANARY}",
    f"postgresql+psycopg://abm:{CANARY}@db.example/abm",
    f"GET /feeds/{CANARY}.ics failed",
    f"POST /sign-in/{CANARY} failed",
    f"https://hooks.slack.example/services/T0/B0/{CANARY}",
    f"GET /oidc/back?state={CANARY}&code={CANARY}",
    f"password={CANARY}",
    f"connection to server: password='{CANARY}' host=db",
    f'{{"client_secret": "{CANARY}", "grant": 1}}',
    f"PREFECT_API_AUTH_STRING={CANARY}",
    f"access_token: {CANARY}",
    f"550 <{CANARY}@acme.example> unknown",
    f"mailto:{CANARY.upper()}@acme.example?subject=x",
    "call +49 30 1234567 (mobile)",
    "call +493012345678",
    "tel:+49-30-1234567",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_is_secret_is_hidden_by_its_looks(text: str):
    said = mask(text)
    assert veil.HIDDEN in said
    for secret in (CANARY, CANARY.upper(), "1234567", "12345678"):
        assert secret not in said
    assert mask(said) == said


@pytest.mark.parametrize(
    "text",
    [
        "enrollment 12 cannot be decided", "GET /queue/12 failed", "deliver failed: KeyError: 'x'",
        "2026-11-29 11:35:00.123456+00:00", "2026-11-29T11:35:00+0100", "state: ready, code 550",
        "https://acme.example/a?page=2#top", "/accounts/12/links", "a + b = 12345678901",
        "File \"/srv/abm/orchestrator/web/site.py\", line 12, in make", "@pytest.fixture", "1+1@2",
        "step ring of play fintech-opener", "12 @ 3.5", "abm_orchestrator.web", "/sign-in",
    ],
)  # fmt: skip
def test_what_people_need_for_finding_out_stays(text: str):
    assert mask(text) == text


@given(st.text())
def test_no_text_breaks_it_and_twice_is_once(text: str):
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize(
    "part",
    ["a", "a.", "@", "://", "://a", "eyJ", "eyJaaaaaaaa-", "+1 ", "password ", "token=", "Bearer ",
     "cookie:", "abm=", "a@a.", "'", "?code=", "tel:", "/feeds/a", " ", "_token", "hooks.a"],
)  # fmt: skip
def test_no_text_makes_it_slow(part: str):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    mask(part * (40_000 // len(part)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 2


@pytest.fixture
def log(tmp_path: Path) -> io.StringIO:
    """What this process logs under the veil, as a plain handler writes it."""
    veil.draw(
        Settings(
            project=tmp_path,
            mail=Mail(host="relay.example", password=SecretStr("tea for two")),
            oidc=Oidc(issuer="https://login.example", client_id="abm",
                      client_secret=SecretStr(f"{CANARY}-oidc")),
        )
    )  # fmt: skip
    said = io.StringIO()
    logger = logging.getLogger("veiled")
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel("DEBUG")
    return said


def test_messages_arguments_and_traces_are_veiled(log: io.StringIO):
    logger = logging.getLogger("veiled")
    logger.info("they said %s to %r", "tea for two", {"password": CANARY})
    logger.warning("plain %s and %d%%", "words", 7)
    try:
        raise ValueError(f"no mailbox ann@acme.example, {CANARY}-oidc")
    except ValueError:
        logger.exception("%s failed", "it")
    logger.info("not enough %s %s", f"Bearer {CANARY}")  # noqa: PLE1206
    said = log.getvalue()
    assert "WARNING plain words and 7%" in said
    assert "ValueError: no mailbox ***@acme.example" in said
    assert "they said *** to {'password': '***'}" in said
    assert "not enough %s %s ('Bearer ***',)" in said
    for secret in (CANARY, "tea for two", "ann@", f"{CANARY}-oidc"):
        assert secret not in said


def test_drawn_twice_it_lies_once_and_last_words_are_veiled(
    log: io.StringIO, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    veil.draw(Settings(project=tmp_path))
    veil.draw(Settings(project=tmp_path))
    assert not isinstance(logging.getLogRecordFactory().make, veil._Veiled)  # type: ignore[attr-defined]
    error = RuntimeError(f"Bearer {CANARY}")
    sys.excepthook(RuntimeError, error, None)
    assert capsys.readouterr().err == "RuntimeError: Bearer ***\n"
    thread = threading.Thread(target=lambda: int(f"whsec_{CANARY}"))
    thread.start()
    thread.join()
    assert "literal for int() with base 10: 'whsec_***'" in capsys.readouterr().err


def test_a_secret_is_a_text_that_no_dump_shows():
    one = Secret(CANARY)
    assert repr([one, {"x": one}]) == "['***', {'x': '***'}]"
    assert f"{one}" == CANARY == one
    assert "a" + one == f"a{CANARY}"


def test_what_is_kept_and_shown_of_a_failed_tick_is_veiled():
    assert told(ValueError(f"password={CANARY} ann@acme.example\nmore")) == (
        "ValueError: password=*** ***@acme.example"
    )


def test_flows_take_no_parameters_so_that_prefect_shows_none():
    """A task is told a concern's name, and nothing else."""
    found = {}
    for file in FLOWS.glob("*.py"):
        for one in ast.walk(ast.parse(file.read_text("utf-8"))):
            kinds = {getattr(d.func, "id", "") for d in getattr(one, "decorator_list", ())
                     if isinstance(d, ast.Call)}  # fmt: skip
            if isinstance(one, ast.FunctionDef) and kinds & {"flow", "task"}:
                found[one.name] = [
                    arg.arg for arg in ast.walk(one.args) if isinstance(arg, ast.arg)
                ]
    assert len(found) >= 5
    assert {name: takes for name, takes in found.items() if takes} == {"batch": ["name"]}
