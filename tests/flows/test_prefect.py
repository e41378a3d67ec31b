"""The real flows against a real Prefect server: what it shows to whoever watches, and what not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from orchestrator.clock import FileClock
from orchestrator.records import Activity, Task, Tick, Touch
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.ledger import seed
from tests.support.cast import NOW
from tests.support.prefect_server import PrefectServer
from tests.support.processes import wait_until

ROOT = Path(__file__).parents[2]
PASSWORD = "hunter2-of-the-mail-host"
SECRETS = ("@", PASSWORD, "archer", "Archer", "Dear Ann")


class Story:
    """A project with one play on one company, and flows that run on it."""

    def __init__(self, project: Path, server: PrefectServer) -> None:
        self.project, self.server = seed.project(project), server
        (project / "abm.toml").write_text("", "utf-8")
        self.db = Database(load(project).database_url)
        self.db.upgrade()
        seed.play(self.db)
        FileClock(project / "clock").set(NOW)
        self.teller = self._start()

    def _start(self) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            **self.server.environment,
            "ABM_PROJECT": str(self.project),
            "ABM_CLOCK": "file:clock",
            "ABM_MAIL__SENDER": "team@us.example",
            "ABM_MAIL__PASSWORD": PASSWORD,
            "PYTHONPATH": str(ROOT),
        }
        with (self.project / "teller.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.flows.teller"], env=environment, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            )  # fmt: skip

    def close(self) -> None:
        self.teller.communicate(timeout=30)
        self.db.dispose()

    def run(self, *words: str) -> dict[str, Any]:
        """What the flows returned."""
        assert self.teller.stdin
        assert self.teller.stdout
        self.teller.stdin.write(" ".join(words) + "\n")
        self.teller.stdin.flush()
        line = self.teller.stdout.readline()
        assert line, (self.project / "teller.log").read_text("utf-8")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def drop(self, **event: str) -> None:
        folder = self.project / ".abm" / "drop"
        folder.mkdir(exist_ok=True)
        file = folder / f"{event['id']}.json"
        file.write_text(json.dumps(event), "utf-8")
        os.utime(file, (0, 0))
        file.rename(folder / f"whole-{file.name}")

    def rows(self, table: Any) -> list[Any]:
        with self.db.reading() as session:
            return list(session.exec(select(table)).all())

    # ------------------------------------------------------------ what the server tells

    def asks(self, what: str) -> list[dict[str, Any]]:
        """All flow_runs, task_runs, artifacts or logs that it knows, the flow runs with names."""
        request = urllib.request.Request(
            f"{self.server.url}/{what}/filter",
            json.dumps({"limit": 200}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    def run_of(self, concern: str) -> dict[str, Any]:
        """The flow run that the concern's last pass names."""
        (tick,) = (one for one in self.rows(Tick) if one.concern == concern)
        (found,) = (one for one in self.asks("flow_runs") if one["id"] == tick.flow_run_id)
        return found

    def page(self, concern: str) -> str:
        """The artifact of the concern's last flow run."""
        run = self.run_of(concern)["id"]
        found = {one["key"]: one for one in self.asks("artifacts") if one["flow_run_id"] == run}
        return str(found[f"abm-{concern}"]["data"])


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory, prefect_server: PrefectServer
) -> Iterator[Story]:
    """What one morning brings: a mail, a call, a webhook that may not go, and an answer."""
    story = Story(tmp_path_factory.mktemp("story"), prefect_server)
    returned = story.run("sweep", "advance", "deliver")
    assert returned["advance"] == {"decided": 1, "touches": 2, "tasks": 1}
    assert returned["deliver"] == {"sent": 1, "failed": 1}
    story.drop(id="1", kind="reply.interested", email="ann.archer@company-0.example")
    returned = story.run("react")
    assert returned["react"]["applied"] == returned["react"]["ended"] == 1
    yield story
    story.close()


def test_each_tick_is_a_completed_flow_run_without_parameters(story: Story):
    for concern in ("sweep", "advance", "deliver", "react"):
        run = story.run_of(concern)
        assert (run["state_type"], run["parameters"]) == ("COMPLETED", {})


def test_each_batch_is_a_task_run(story: Story):
    def batches(concern: str) -> list[str]:
        run = story.run_of(concern)["id"]
        found = [one for one in story.asks("task_runs") if one["flow_run_id"] == run]
        return [one["name"] for one in found if one["state_type"] == "COMPLETED"]

    # Prefect records task runs a second or two after they ended.
    wait_until(lambda: sorted(batches("react")) == ["ingest", "woken"], "react's batches")
    wait_until(lambda: batches("deliver") == ["deliver"], "deliver's batch")
    assert not batches("sweep")


def test_each_page_tells_by_playbook_what_was_done_and_what_was_not(story: Story):
    assert "/playbooks/play) | 1 |" in story.page("advance")
    page = story.page("deliver")
    assert "## deliver: 1 failed, 1 sent" in page
    assert "| playbook | sent | failed |" in page
    assert "| 1 | failed | play | hook: failed, the other side refused it |" in page
    assert "| playbook | tasks opened | ended |" in story.page("react")


def test_a_tick_that_found_nothing_leaves_no_page(story: Story):
    run = story.run_of("sweep")["id"]
    assert not [one for one in story.asks("artifacts") if one["flow_run_id"] == run]


def test_our_rows_name_the_flow_run_that_wrote_them(story: Story):
    runs = {concern: story.run_of(concern)["id"] for concern in ("advance", "deliver", "react")}
    opened = {one.purpose: one.flow_run_id for one in story.rows(Task)}
    assert opened == {"step": runs["advance"], "reply": runs["react"]}
    assert {one.flow_run_id for one in story.rows(Touch)} == {runs["deliver"]}
    told = {one.kind: one.flow_run_id for one in story.rows(Activity)}
    assert told["touch.sent"] == runs["deliver"]
    assert told["reply.interested"] == told["ended"] == runs["react"]


def test_a_failed_batch_is_a_failed_flow_run_and_the_next_one_takes_its_work(story: Story):
    story.drop(id="2", kind="visit", email="ann.archer@company-0.example")
    said = story.run("broken=ingest", "ingest")["ingest"]
    assert said == "TickFailed: ingest: a key is there already"
    run = story.run_of("ingest")
    assert run["state_type"] == "FAILED"
    assert "a key is there already" in story.page("ingest")
    assert story.run("ingest")["ingest"]["applied"] == 1


def test_prefect_learns_no_address_and_no_secret(story: Story):
    """Last, so that it sees all that the others left."""
    time.sleep(2)  # task runs and logs come late
    for what in ("flow_runs", "task_runs", "artifacts", "logs"):
        told = json.dumps(story.asks(what))
        assert not [secret for secret in SECRETS if secret in told], what
    assert story.asks("flow_runs")
