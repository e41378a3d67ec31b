"""Ops sees how it stands, and settles what nobody knows."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.records import Contact
from orchestrator.engine import inbox
from orchestrator.records import Activity, Enrollment, MailboxDay, Touch
from orchestrator.terms import RawEvent
from orchestrator.web.permissions import May
from tests.support import cast
from tests.support.cast import NOW
from tests.support.program import program
from tests.support.site import US, Site


def unknown(site: Site) -> int:
    desk = site.desk
    with desk.ctx.db.writing() as session:
        return touch(session, desk.play, desk.ann)


def touch(session: Session, play: int, contact: int) -> int:
    row = cast.touch(
        session, session.get_one(Enrollment, play), session.get_one(Contact, contact), "insight",
        status="unknown", intent_at=NOW,
    )  # fmt: skip
    assert row.id
    return row.id


def test_ops_sees_what_is_unknown_and_settles_it_with_proof(site: Site):
    id_ = unknown(site)
    visitor = site.visit("ops")
    assert "1 touch of which nobody knows" in visitor.get("/ops")
    status, page = visitor.post(f"/ops/unknown/{id_}", verdict="sent", proof="")
    assert (status, "a verdict needs its proof" in page) == (400, True)
    assert visitor.post(f"/ops/unknown/{id_}", verdict="sent", proof="they answered")[0] == 303
    assert site.desk.get(Touch, id_).status == "sent"
    settled = [one for one in site.desk.all(Activity) if one.kind == "touch.settled"]
    assert [one.actor_id for one in settled] == [site.desk.users["ops"]]


@pytest.mark.parametrize("verdict", ["", "maybe", "SENT"])
def test_a_verdict_is_one_of_three(site: Site, verdict: str):
    id_ = unknown(site)
    assert site.visit("ops").post(f"/ops/unknown/{id_}", verdict=verdict, proof="x")[0] == 400
    assert site.desk.get(Touch, id_).status == "unknown"


def test_what_is_settled_already_is_said(site: Site):
    status, page = site.visit("ops").post("/ops/unknown/77", verdict="sent", proof="x")
    assert (status, "is not unknown" in page) == (400, True)


def test_ops_sees_what_nothing_was_done_with_and_what_left_each_mailbox(site: Site):
    inbox.receive(site.desk.ctx, [RawEvent("form", "1", "sang", NOW, {})])
    bad = site.desk.ctx.settings.drop / "bad"
    bad.mkdir(parents=True)
    (bad / "monday.csv.rejects.csv").write_text("x")
    with site.desk.ctx.db.writing() as session:
        session.add(MailboxDay(mailbox="dana@us.example", day="2026-03-02", sent=41))
    page = site.visit("ops").get("/ops")
    assert "unknown kind" in page
    assert "monday.csv.rejects.csv" in page
    assert "dana@us.example" in page


def test_probes_answer_without_signing_in(site: Site):
    client = site.client()
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ok"


# ---------------------------------------------------------------- figures, and Prefect


def test_figures_are_for_this_machine_and_for_tokens_that_may_operate(site: Site):
    unknown(site)
    assert site.client().get("/metrics").status_code == 404  # another machine, without a token
    assert program(site, "ops", [May.WORK]).client.get("/metrics").status_code == 404
    assert program(site, "sales").client.get("/metrics").status_code == 404
    found = program(site, "ops", [May.OPERATE]).client.get("/metrics").text
    assert 'abm_touches{status="unknown"} 1.0' in found
    assert 'abm_enrollments{status="active"} 1.0' in found
    assert 'abm_lag_seconds{concern="deliver"}' in found
    here = TestClient(site.app, base_url=US, client=("127.0.0.1", 1)).get("/metrics")
    assert here.text == found


class _Prefect(BaseHTTPRequestHandler):
    """Answers as Prefect's API does, or as `broken` says."""

    broken = ""
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        type(self).asked.append(self.headers.get("Authorization", ""))
        runs = [{"id": "r1", "flow_id": "f1", "name": "calm-otter", "state_name": "Completed",
                 "state_type": "COMPLETED", "start_time": "2026-03-03T10:59:00Z",
                 "total_run_time": 1.25}]  # fmt: skip
        said = runs if "flow_runs" in self.path else [{"id": "f1", "name": "deliver"}]
        body = (type(self).broken or json.dumps(said)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The pages' address of something that answers as Prefect does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Prefect)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("PREFECT_API_URL", f"{address}/api")
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "abm:secret")
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_ops_sees_the_last_flow_runs_with_links_into_prefect(site: Site, prefect: str):
    page = site.visit("ops").get("/ops")
    assert f'<a href="{prefect}/runs/flow-run/r1">calm-otter</a>' in page
    assert "deliver" in page
    assert "1.2 s" in page
    assert _Prefect.asked[-1].startswith("Basic ")


@pytest.mark.parametrize("answer", ["no JSON", "{}", "[1]", '[{"id": 1}]', "null"])
def test_what_is_no_answer_of_prefect_is_said_and_the_rest_is_shown(
    site: Site, prefect: str, answer: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(_Prefect, "broken", answer)
    page = site.visit("ops").get("/ops")
    assert "Prefect cannot be reached" in page
    assert "Concerns" in page


def test_a_prefect_that_is_not_there_is_said_so(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert "address is not known" in html.unescape(site.visit("ops").get("/ops"))
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert "Prefect cannot be reached" in site.visit("ops").get("/ops")
