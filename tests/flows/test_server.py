"""Prefect's server as we start it: on loopback, behind a password, quiet, apart from the user's."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from accounts.errors import AbmError
from flows import server
from flows.server import auth_file, client_environment, healthy
from flows.server import prefect_server as prepare
from tests.support.prefect_server import PrefectServer
from tests.support.processes import free_port


@pytest.fixture(autouse=True)
def nobodys_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_it_listens_on_loopback_and_says_nothing_to_others(tmp_path: Path):
    child, url = prepare(tmp_path / "home", tmp_path / "log")
    assert url.startswith("http://127.0.0.1:")
    assert "--host=127.0.0.1" in child.argv
    said = child.environment
    assert said["DO_NOT_TRACK"] == "1"
    assert said["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert "*" not in said["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"]


def test_the_password_is_made_once_and_is_the_owner_s(tmp_path: Path):
    first, url = prepare(tmp_path / "home", tmp_path / "log")
    again, _ = prepare(tmp_path / "home", tmp_path / "log")
    other, _ = prepare(tmp_path / "other", tmp_path / "log")
    secret = first.environment["PREFECT_SERVER_API_AUTH_STRING"]
    assert len(secret.partition(":")[2]) >= 20
    assert secret not in " ".join(first.argv)
    assert secret == again.environment["PREFECT_SERVER_API_AUTH_STRING"]
    assert secret != other.environment["PREFECT_SERVER_API_AUTH_STRING"]
    assert stat.S_IMODE(auth_file(tmp_path / "home").stat().st_mode) == 0o600
    assert client_environment(tmp_path / "home", url)["PREFECT_API_AUTH_STRING"] == secret


def test_the_user_s_own_password_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "ops:mine")
    child, url = prepare(tmp_path / "home", tmp_path / "log")
    assert child.environment["PREFECT_SERVER_API_AUTH_STRING"] == "ops:mine"
    assert client_environment(tmp_path / "home", url)["PREFECT_API_AUTH_STRING"] == "ops:mine"


def test_our_password_goes_to_no_other_server(tmp_path: Path):
    prepare(tmp_path / "home", tmp_path / "log")
    for url in (
        "https://prefect.example/api",
        "http://127.0.0.1.evil.example/api",
        "http://127.0.0.1:4200@evil.example/api",
    ):
        assert "PREFECT_API_AUTH_STRING" not in client_environment(tmp_path / "home", url)


def test_a_company_s_proxy_is_not_asked_about_this_machine(
    prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    assert healthy(prefect_server.url)


def test_a_taken_default_port_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(server, "DEFAULT_PORT", port)
        _, url = prepare(tmp_path / "home", tmp_path / "log")
        assert f":{port}/" not in url
        monkeypatch.setenv("PREFECT_SERVER_API_PORT", str(port))
        with pytest.raises(AbmError, match=f"port {port} is taken"):
            prepare(tmp_path / "home", tmp_path / "log")


@pytest.mark.parametrize("port", ["0", "-1", "65536", "http", "4200.5", "٤٢٠٠٠٠"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, monkeypatch, port: str):
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", port)
    with pytest.raises(AbmError, match="name a port"):
        prepare(tmp_path / "home", tmp_path / "log")


def test_a_port_asked_for_is_taken_as_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    port = free_port()
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", str(port))
    assert prepare(tmp_path / "home", tmp_path / "log")[1] == f"http://127.0.0.1:{port}/api"


def test_nobody_there_is_not_healthy():
    assert not healthy(f"http://127.0.0.1:{free_port()}/api")
    assert not healthy("no url at all")
    assert not healthy("http://[never closed/api")


def test_somebody_who_never_answers_is_not_healthy_soon():
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert not healthy(f"http://127.0.0.1:{mute.getsockname()[1]}/api")
