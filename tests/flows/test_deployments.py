"""`prefect.yaml` deploys the flows that there are, and a worker of a pool runs them."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.runner import flow_of
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.support.prefect_server import PREFECT, PrefectServer

ROOT = Path(__file__).parents[2]
CONCERNS = ["advance", "deliver", "ingest", "react", "sweep"]


def deployments() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))[
        "deployments"
    ]
    return found


def test_every_flow_is_deployed_from_where_it_is():
    found = {}
    for one in deployments():
        module, _, name = one["entrypoint"].rpartition(".")
        found[name] = getattr(importlib.import_module(module), name)
    assert sorted(found) == CONCERNS
    for name, flow in found.items():
        assert flow.name == name
        assert not flow.parameters.properties
        assert flow is flow_of(name)


def test_ticks_never_pile_up():
    for one in deployments():
        assert one["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        assert all(schedule["interval"] >= 10 for schedule in one["schedules"])


class Server:
    """Prefect's command line and API at a server."""

    def __init__(self, server: PrefectServer, folder: Path) -> None:
        self.url, self.folder = server.url, folder
        self.environment = {**os.environ, **server.environment, "ABM_PROJECT": str(folder)}

    def prefect(self, *words: str, cwd: Path = ROOT) -> str:
        done = subprocess.run(
            [*PREFECT, "--no-prompt", *words], cwd=cwd, env=self.environment,
            capture_output=True, text=True, check=False, timeout=180,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asks(self, what: str, **query: Any) -> list[dict[str, Any]]:
        request = urllib.request.Request(
            f"{self.url}/{what}/filter",
            json.dumps(query).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found


@pytest.mark.slow
def test_a_process_worker_runs_what_prefect_yaml_deploys(
    prefect_server: PrefectServer, tmp_path: Path
):
    (tmp_path / "abm.toml").write_text("", "utf-8")
    database = Database(load(tmp_path).database_url)
    database.upgrade()
    database.dispose()
    server = Server(prefect_server, tmp_path)
    server.prefect("work-pool", "create", "abm", "--type", "process")
    try:
        server.prefect("deploy", "--all")
        deployed = {one["entrypoint"]: one["id"] for one in server.asks("deployments")}
        assert sorted(deployed) == [f"flows.{name}.{name}" for name in CONCERNS]
        # Its worker takes the scheduled ones, too; this one is ours.
        server.prefect("deployment", "run", "advance/tick")
        server.prefect(
            "worker", "start", "--pool", "abm", "--type", "process", "--run-once", cwd=tmp_path
        )
        runs = server.asks(
            "flow_runs",
            deployments={"id": {"any_": [deployed["flows.advance.advance"]]}},
            flow_runs={"state": {"type": {"any_": ["COMPLETED"]}}},
        )
        assert runs, server.asks("logs", limit=50)
    finally:
        server.prefect("work-pool", "delete", "abm")
        for name in CONCERNS:
            server.prefect("deployment", "delete", f"{name}/tick")


@pytest.mark.slow
def test_a_worker_without_a_project_says_what_is_missing(prefect_server, tmp_path: Path):
    code = "from flows.advance import advance; advance()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, **prefect_server.environment, "ABM_PROJECT": str(tmp_path / "none"),
             "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1
    assert "set ABM_PROJECT to the project" in done.stderr
