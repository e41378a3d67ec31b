"""`abm up` and `abm worker` as an operator runs them: real processes, real signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Abm
from tests.support.prefect_server import PrefectServer
from tests.support.processes import free_port, wait_until

ABM = Path(sys.executable).with_name("abm")
# Whoever runs the tests under nohup, or in the background, has not asked us to ignore signals.
HEEDING = ("env", "--default-signal=HUP,INT,TERM")


class Running:
    """`abm up` or `abm worker` in a project, started from a shell's point of view."""

    def __init__(
        self, project: Path, command: str = "up", *, terminal: int | None = None, **environment: str
    ) -> None:
        self.project = project
        self.output = project / f"{command}.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*HEEDING, ABM, command], cwd=project, env={**os.environ, **environment},
                stdin=subprocess.DEVNULL, stdout=terminal or output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8")

    def says(self, words: str, times: int = 1) -> None:
        """Wait until it has said so."""
        wait_until(
            lambda: self.said.count(words) >= times, f"{words!r}",
            process=self.process, log=self.output, timeout=180,
        )  # fmt: skip

    def ends(self, signum: signal.Signals, *, within: float = 75) -> int:
        """Send the signal and wait for the end; `abm up` gives a runner 60 s, a server 10 s."""
        self.process.send_signal(signum)
        try:
            return self.process.wait(within)
        except subprocess.TimeoutExpired:
            logs = (self.project / ".abm" / "log").glob("*.log")
            told = [f"{log.name}:\n{log.read_text('utf-8', 'replace')[-3000:]}" for log in logs]
            pytest.fail("\n".join([f"no end within {within} s", self.said, *told]))

    def family(self) -> dict[int, str]:
        """Its children and theirs: their command lines by process id."""
        parents = {pid: _parent(pid) for pid in _processes()}
        found, more = {self.process.pid}, {self.process.pid}
        while more:
            more = {pid for pid, parent in parents.items() if parent in more} - found
            found |= more
        return {pid: _command(pid) for pid in found - {self.process.pid}}

    def child(self, words: str) -> int:
        return next(pid for pid, command in self.family().items() if words in command)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _command(pid: int) -> str:
    """Empty for what has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def heeds(pid: int, signum: signal.Signals) -> bool:
    """Whether the process has a handler of its own for the signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signum - 1) & 1)


def all_gone(pids: dict[int, str]) -> None:
    wait_until(lambda: not any(map(_command, pids)), f"the end of {pids}", timeout=15)


@pytest.fixture
def start(abm: Abm) -> Iterator[Callable[..., Running]]:
    """Starts `abm up` in the project; whatever still runs at the end is killed with its family."""
    with ExitStack() as ends:

        def make(command: str = "up", **more: Any) -> Running:
            running = Running(abm.project, command, **more)
            ends.callback(kill, running)
            return running

        yield make


def kill(running: Running) -> None:
    for pid in [*running.family(), running.process.pid]:
        if _command(pid):
            os.kill(pid, signal.SIGKILL)
    running.process.wait()


@pytest.fixture
def shared(prefect_server: PrefectServer) -> dict[str, str]:
    """Settings with which only the runner has to start."""
    return {"ABM_PREFECT_URL": prefect_server.url}


def drop(project: Path, name: str) -> None:
    folder = project / ".abm" / "drop"
    folder.mkdir(exist_ok=True)
    (project / name).write_text(json.dumps({"kind": "visit", "id": name}), "utf-8")
    os.utime(project / name, (0, 0))  # written long ago, and so whole
    (project / name).rename(folder / name)


def taken(project: Path, name: str) -> Callable[[], bool]:
    return (project / ".abm" / "drop" / "done" / name).exists


# ---------------------------------------------------------------- with a server of its own


def migrated(project: Path, server: PrefectServer) -> None:
    """Spare Prefect's server ten seconds of migrations: give it the tables of one that runs."""
    home = project / ".abm" / "prefect"
    home.mkdir()
    source = sqlite3.connect(Path(server.environment["PREFECT_HOME"]) / "prefect.db")
    target = sqlite3.connect(home / "prefect.db")
    source.backup(target)
    source.close()
    target.close()


def test_it_runs_all_brings_back_what_dies_and_leaves_nothing(start, prefect_server, abm: Abm):
    """One long story, because Prefect's server takes its time to start."""
    migrated(abm.project, prefect_server)
    up = start()
    up.says("Ctrl-C stops it all")
    assert "Prefect's page: http://127.0.0.1:" in up.said
    assert f"asks for what is in {abm.project / '.abm' / 'prefect' / 'auth'}" in up.said
    drop(abm.project, "one.json")
    wait_until(taken(abm.project, "one.json"), "the first event", timeout=60)

    second = subprocess.run(
        [ABM, "up"], cwd=abm.project, capture_output=True, text=True, check=False, timeout=30
    )
    assert second.returncode == 1
    assert f"error: this project is up already (process {up.process.pid})" in second.stderr

    os.kill(up.child("flows.runner"), signal.SIGKILL)
    up.says("the runner ended; starts again in 1 s")
    drop(abm.project, "two.json")
    wait_until(taken(abm.project, "two.json"), "an event after the runner's death", timeout=60)

    family = up.family()
    assert any("server start" in command for command in family.values())
    assert up.ends(signal.SIGINT) == 0
    assert up.said.endswith("stopped\n")
    all_gone(family)
    assert abm.json("status")["concerns"]


@pytest.mark.slow
def test_killed_itself_it_takes_its_children_along(start, prefect_server, abm: Abm):
    migrated(abm.project, prefect_server)
    up = start()
    up.says("Ctrl-C stops it all")
    family = up.family()
    assert len(family) >= 2
    up.ends(signal.SIGKILL)
    all_gone(family)


# ---------------------------------------------------------------- with a server that is there


def test_it_uses_the_server_that_is_there_and_never_outlives_itself(start, shared):
    up = start(**shared)
    up.says("Ctrl-C stops it all")
    family = up.family()
    assert [command for command in family.values() if "flows.runner" in command]
    assert not [command for command in family.values() if "server start" in command]
    up.ends(signal.SIGKILL)
    all_gone(family)


def test_it_can_be_stopped_while_it_starts(start):
    up = start()
    up.says("starting Prefect's server")
    family = up.family()
    assert up.ends(signal.SIGTERM) == 0
    all_gone(family)


@pytest.mark.slow
def test_it_can_be_stopped_while_a_frozen_server_starts(start):
    up = start()
    up.says("starting Prefect's server")
    family = up.family()
    os.kill(up.child("server start"), signal.SIGSTOP)
    assert up.ends(signal.SIGTERM, within=40) == 0
    all_gone(family)


@pytest.mark.slow
def test_it_ends_although_its_server_froze(start, prefect_server, abm: Abm):
    migrated(abm.project, prefect_server)
    up = start()
    up.says("Ctrl-C stops it all")
    family = up.family()
    drop(abm.project, "one.json")
    wait_until(taken(abm.project, "one.json"), "an event", timeout=60)
    os.kill(up.child("server start"), signal.SIGSTOP)
    assert up.ends(signal.SIGINT) == 0
    assert up.said.endswith("stopped\n")
    all_gone(family)


def test_it_ends_with_its_terminal(start, shared):
    """A window is closed: SIGHUP comes, and nobody reads what is said from then on."""
    screen, terminal = pty.openpty()
    up = start(terminal=terminal, **shared)
    os.close(terminal)
    seen = b""
    while b"Ctrl-C stops it all" not in seen:
        seen += os.read(screen, 4096)
    family = up.family()
    os.close(screen)
    up.ends(signal.SIGHUP)
    all_gone(family)


def test_a_worker_runs_the_flows_alone(start, shared, abm: Abm):
    worker = start("worker", **shared)
    drop(abm.project, "one.json")
    wait_until(taken(abm.project, "one.json"), "the event", process=worker.process, timeout=60)
    assert worker.ends(signal.SIGHUP) == 0
    took = [one for one in abm.json("status")["concerns"] if one["counts"].get("files")]
    assert [one["error"] for one in took] == [""]  # ingest or react, whichever came first
    assert took[0]["flow_run_id"]


def test_a_worker_ends_although_prefect_never_answers(
    start, shared, prefect_server: PrefectServer, abm: Abm
):
    """The server freezes while it should hear how the flow run ended."""
    worker = start("worker", **shared)
    drop(abm.project, "one.json")
    wait_until(taken(abm.project, "one.json"), "the event", process=worker.process, timeout=60)
    with prefect_server.frozen():
        assert worker.ends(signal.SIGTERM, within=30) == 0
    took = [one for one in abm.json("status")["concerns"] if one["counts"].get("files")]
    assert took, "what was done is known"


def test_a_worker_can_be_stopped_while_it_starts(start, shared):
    """Importing Prefect takes seconds; whoever asks meanwhile is heard."""
    worker = start("worker", **shared)
    wait_until(lambda: heeds(worker.process.pid, signal.SIGTERM), "its first moment", timeout=60)
    assert worker.ends(signal.SIGTERM, within=30) == 0


# ---------------------------------------------------------------- when it cannot


def test_a_taken_port_is_said_before_anything_starts(start, prefect_server: PrefectServer):
    port = prefect_server.url.split(":")[2].removesuffix("/api")
    up = start(PREFECT_SERVER_API_PORT=port)
    assert up.process.wait(30) == 1
    assert f"error: port {port} is taken" in up.said


def test_a_child_that_cannot_start_ends_it_all(start, abm: Abm):
    url = f"http://127.0.0.1:{free_port()}/api"
    up = start(ABM_PREFECT_URL=url, PREFECT_CLIENT_RETRY_JITTER_FACTOR="-1")
    assert up.process.wait(60) == 1
    assert "error: the runner could not start" in up.said
    assert "runner.log" in up.said
    assert not up.family()
