"""The port that the pages take, and how others learn of it."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from accounts.errors import AbmError, Problems
from orchestrator.address import address, fall_silent, is_up, listen, tell, told
from orchestrator.settings import Settings, Web, load
from tests.support.processes import spawn, stop, wait_until


def settings(folder: Path, **web: object) -> Settings:
    return Settings(project=folder, web=Web(**web))  # type: ignore[arg-type]


def test_two_projects_never_get_one_port(tmp_path: Path):
    ours = settings(tmp_path)
    with closing(listen(ours)) as one, closing(listen(ours)) as other:
        assert one.getsockname() != other.getsockname()


def test_a_port_that_was_asked_for_and_is_taken_is_said_so(tmp_path: Path):
    with closing(listen(settings(tmp_path))) as one:
        port = one.getsockname()[1]
        with pytest.raises(AbmError, match=f"127.0.0.1:{port} cannot be had"):
            listen(settings(tmp_path, port=port))


def test_others_learn_where_the_pages_are_as_long_as_they_are_there(tmp_path: Path):
    ours = settings(tmp_path)
    with closing(listen(ours)) as one:
        tell(ours, one)
        assert is_up(tmp_path, os.getpid())
        assert address(ours) == f"http://127.0.0.1:{one.getsockname()[1]}"
        told(tmp_path).write_text("1 http://127.0.0.1:1")
        fall_silent(tmp_path)
        assert told(tmp_path).exists()  # another server's word is not ours to take back
        tell(ours, one)
    fall_silent(tmp_path)
    assert address(ours) == "http://127.0.0.1:8400"


def test_the_address_that_people_type_goes_before(tmp_path: Path):
    assert address(settings(tmp_path, address="https://abm.example.com/")) == (
        "https://abm.example.com"
    )


@pytest.mark.parametrize(
    "lines", ['host = "0.0.0.0"', 'host = "::"\naddress = "http://abm.example.com"',
              'address = "abm.example.com"', "port = 70000", 'address = "http://abm.example.com"',
              'address = "http://127.0.0.1.example"', 'address = "http://127.0.0.1@evil.example"']
)  # fmt: skip
def test_what_would_be_reached_without_https_is_refused(tmp_path: Path, lines: str):
    (tmp_path / "abm.toml").write_text(f"[web]\n{lines}\n")
    with pytest.raises(Problems):
        load(tmp_path)


def test_whoever_serves_the_pages_reads_where_they_are(migrated_sqlite: Path, tmp_path: Path):
    (tmp_path / ".abm").mkdir()
    (tmp_path / "abm.toml").write_text("")
    shutil.copyfile(migrated_sqlite, tmp_path / ".abm/abm.db")
    log = tmp_path / "said"
    command = "import sys; from orchestrator.cli import main; sys.exit(main(['web']))"
    served = spawn([sys.executable, "-c", command], log=log, cwd=tmp_path)
    says = lambda: "the pages: " in log.read_text()  # noqa: E731
    wait_until(says, "its address", process=served, log=log, timeout=60)
    where = log.read_text().partition("the pages: ")[2].strip()
    assert httpx.get(f"{where}/healthz").status_code == 200
    stop(served, signal.SIGINT)
    assert "Traceback" not in log.read_text()
