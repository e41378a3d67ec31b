"""What Prefect tells of the last flow runs. Its history is no memory of ours: a page that cannot
reach it says so, soon, and shows everything else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from accounts.errors import AbmError
from orchestrator.settings import Settings

SHOWN = 15  # runs
TIMEOUT = 1.0  # seconds, for each of two questions
LOOPBACK = ("127.0.0.1", "::1", "localhost")
KINDS = {"COMPLETED": "ok", "FAILED": "bad", "CRASHED": "bad", "RUNNING": "info"}


class FlowRun(NamedTuple):
    """One run of a flow. `link` leads to Prefect's own page of it."""

    id: str
    flow: str
    name: str
    state: str
    kind: str  # of its tag: ok, bad, info, wait
    at: datetime | None  # when it began, or is to begin
    seconds: float
    link: str


def recent(settings: Settings) -> list[FlowRun]:
    """The last runs, the newest first. AbmError where Prefect's address is unknown, or where
    nothing that can be read comes from there within two seconds."""
    url = (settings.prefect_url or os.environ.get("PREFECT_API_URL", "")).rstrip("/")
    if not url:
        raise AbmError("Prefect's address is not known here", "`abm up` tells it, or prefect_url")
    user, _, password = os.environ.get("PREFECT_API_AUTH_STRING", "").partition(":")
    try:
        with httpx.Client(
            base_url=url, timeout=TIMEOUT, auth=(user, password) if user else None,
            trust_env=urlsplit(url).hostname not in LOOPBACK,
        ) as client:  # fmt: skip
            return _read(client, url)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise AbmError("Prefect cannot be reached", type(error).__name__) from error


def _read(client: httpx.Client, url: str) -> list[FlowRun]:
    asked = {"sort": "EXPECTED_START_TIME_DESC", "limit": SHOWN, "flow_runs": {
        "state": {"type": {"not_any_": ["SCHEDULED"]}}}}  # fmt: skip
    runs = _ask(client, "/flow_runs/filter", asked)
    flows = {one["flow_id"] for one in runs}
    names = _ask(client, "/flows/filter", {"flows": {"id": {"any_": sorted(flows)}}})
    named = {one["id"]: str(one["name"]) for one in names}
    return [_run(one, named, url.removesuffix("/api")) for one in runs]


def _ask(client: httpx.Client, path: str, what: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = client.post(path, json=what)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, list):
        raise TypeError("no list")
    return found


def _run(one: Mapping[str, Any], flows: Mapping[str, str], pages: str) -> FlowRun:
    at = one.get("start_time") or one.get("expected_start_time")
    return FlowRun(
        str(one["id"]), flows.get(one["flow_id"], ""), str(one["name"]),
        str(one.get("state_name") or "unknown"), KINDS.get(str(one.get("state_type")), "wait"),
        datetime.fromisoformat(at) if at else None, float(one.get("total_run_time") or 0),
        f"{pages}/runs/flow-run/{one['id']}",
    )  # fmt: skip
