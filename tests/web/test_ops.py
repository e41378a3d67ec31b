"""Ops sees how it stands, and settles what nobody knows."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from accounts.records import Contact
from orchestrator.engine.events import inbox
from orchestrator.engine.pages import senders, watching
from orchestrator.engine.pages.senders import Share, Span
from orchestrator.engine.reading import ConcernStatus
from orchestrator.engine.ticking import tick_once
from orchestrator.records import Activity, Audit, Enrollment, MailboxDay, Touch
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


# ---------------------------------------------------------------- what needs somebody


def test_the_page_begins_with_what_needs_a_person(site: Site):
    visitor = site.visit("ops")
    tick_once(site.desk.ctx)
    assert "Nothing needs you." in visitor.get("/ops")
    unknown(site)
    site.desk.clock.advance(timedelta(hours=1))
    page = visitor.get("/ops")
    assert "things need you:</b>" in page
    assert '<a href="#unknown">1 touch to settle</a>' in page
    assert '<a href="#concerns">deliver is down</a>' in page
    assert "30 s, 2 min grace" in page


def put_off(site: Site, **fields: Any) -> int:
    """The id of a mail that its server has put off three times."""
    with site.desk.ctx.db.writing() as session:
        play, ann = (session.get_one(Enrollment, site.desk.play),
                     session.get_one(Contact, site.desk.ann))  # fmt: skip
        known: dict[str, Any] = {"attempt": 3, "due_at": NOW + timedelta(hours=1),
                                 "reply": "451 <later>"}  # fmt: skip
        return cast.touch(session, play, ann, "insight", **(known | fields)).id or 0


def test_ops_tries_at_once_what_was_put_off(site: Site):
    id_ = put_off(site)
    visitor = site.visit("ops")
    page = visitor.get("/ops")
    assert "1 to be tried again" in page
    assert "451 &lt;later&gt;" in page
    assert "3×" in page
    assert visitor.post(f"/ops/retries/{id_}", deed="now")[0] == 303
    touch = site.desk.get(Touch, id_)
    assert (touch.due_at, touch.attempt, touch.status) == (NOW, 3, "ready")
    told = site.desk.all(Audit)[-1]
    assert (told.action, told.object, told.detail) == ("ops.retry", f"touch {id_}", "deed=now")


@pytest.mark.parametrize(
    ("fields", "ended", "reason"),
    [
        ({}, "cancelled", "given up after 3 tries"),
        ({"attempt": 0, "swept": 1}, "cancelled", "given up after 1 try"),
        ({"status": "sending", "intent_at": NOW}, "unknown",
         "it may or may not have arrived; it does not go again: given up after 3 tries"),
    ],
)  # fmt: skip
def test_what_is_given_up_ends_and_wakes_its_play(
    site: Site, fields: dict[str, Any], ended: str, reason: str
):
    """What may have left is unknown, never something that did not leave."""
    id_ = put_off(site, **fields)
    assert site.visit("ops").post(f"/ops/retries/{id_}", deed="give_up")[0] == 303
    touch = site.desk.get(Touch, id_)
    assert (touch.status, touch.reason, touch.ended_at) == (ended, reason, NOW)
    line = next(one for one in site.desk.all(Activity) if one.kind == f"touch.{ended}")
    assert line.actor_id == site.desk.users["ops"]
    assert site.desk.play_now().next_due_at == NOW


@pytest.mark.parametrize("deed", ["now", "give_up"])
@pytest.mark.parametrize(
    "fields", [{"attempt": 0}, {"status": "sent"}, {"status": "claimed", "owner": "a:1:x"}]
)
def test_what_does_not_wait_for_another_try_is_left_alone(
    site: Site, deed: str, fields: dict[str, Any]
):
    id_ = put_off(site, **fields)
    status, page = site.visit("ops").post(f"/ops/retries/{id_}", deed=deed)
    assert (status, "does not wait to be tried again" in page) == (400, True)
    assert site.desk.get(Touch, id_).status == fields.get("status", "ready")


def test_ops_sees_who_has_what_in_hand_and_which_of_it_is_stale(site: Site):
    real = site.desk.clock.lease_now()
    soon = real + timedelta(minutes=1)
    for number, (owner, until) in enumerate(
        [("live", soon), ("live", soon), ("dead", real - timedelta(hours=1))]
    ):
        put_off(site, occurrence=number + 1, status="claimed", owner=owner, lease_until=until)
    found = watching.watch(site.desk.ctx).leases
    assert [(one.owner, one.number, one.stale) for one in found] == [
        ("dead", 1, True), ("live", 2, False),
    ]  # fmt: skip
    assert found[1].since == soon - timedelta(minutes=5)
    page = site.visit("ops").get("/ops")
    assert "2 touches" in page
    assert "it died or hangs" in page


def test_ops_sees_how_each_mailbox_fares(site: Site):
    with site.desk.ctx.db.writing() as session:
        play, ann = (session.get_one(Enrollment, site.desk.play),
                     session.get_one(Contact, site.desk.ann))  # fmt: skip
        for number in range(60):
            came_back = NOW if number < 4 else None
            refused = {"status": "failed", "reply": "550 blocked", "intent_at": None}
            cast.touch(
                session, play, ann, "insight", occurrence=number + 1,
                **{"sender_id": site.desk.dana, "status": "sent", "ended_at": NOW,
                   "bounced_at": came_back, "intent_at": NOW - timedelta(days=number // 4),
                   **(refused if number == 59 else {})},
            )  # fmt: skip
    [box] = senders.health(site.desk.ctx)
    week, month = box.spans
    assert (box.mailbox, box.today, box.limit) == ("dana@us.example", 4, None)
    assert week.bounced == (4, 33)  # 32 of the week's days, and the one refused today
    assert (month.bounced, month.refused) == ((4, 60), (1, 60))
    assert box.failure is not None
    assert box.kind == "bad"
    assert "4 of 60 mails came back in 30 days (6.7 %" in box.words
    page = site.visit("ops").get("/ops")
    assert "dana@us.example is losing its good name" in page
    assert "check the list before more goes out" in page


def share(bounced: int, complained: int, of: int) -> tuple[Span, ...]:
    return (Span(7, Share(bounced, of), Share(0, of), Share(complained, of)),)


@pytest.mark.parametrize(
    ("spans", "kind"),
    [
        (share(0, 0, 0), "ok"),
        (share(9, 9, 49), "ok"),  # of so few a share says nothing
        (share(1, 0, 100), "ok"),
        (share(2, 0, 100), "warn"),
        (share(5, 0, 100), "bad"),
        (share(0, 1, 1_000), "warn"),
        (share(0, 3, 1_000), "bad"),
        (share(30, 3, 1_000), "bad"),
    ],
)
def test_a_mailbox_is_judged_by_its_shares(spans: tuple[Span, ...], kind: str):
    assert senders.judge(spans)[0] == kind


def concern(**fields: Any) -> ConcernStatus:
    known: dict[str, Any] = {
        "name": "deliver", "started_at": NOW, "ended_at": NOW, "counts": {}, "error": "",
        "due": 0, "lag": 0.0, "flow_run_id": "",
    }  # fmt: skip
    return ConcernStatus(**(known | fields))


@pytest.mark.parametrize(
    ("fields", "silent", "at_work", "state"),
    [
        ({"started_at": None, "ended_at": None}, 0, False, "New"),
        ({}, 30, False, "Up"),
        ({}, 31, False, "Late"),
        ({}, 150, False, "Late"),
        ({}, 151, False, "Down"),
        ({}, 600, True, "Up"),  # a long pass: its leases are fresh
        ({"error": "ConnectionError: no"}, 0, False, "Down"),
        ({"error": "ran without Prefect: no answer"}, 0, False, "Up"),
        ({"name": "react"}, 9_999, False, "Up"),  # it waits for events, which do not come
        ({"name": "react", "due": 1, "lag": 30.0}, 0, False, "Late"),
        ({"name": "react", "due": 1, "lag": 130.0}, 0, False, "Down"),
        ({"started_at": None, "ended_at": None, "due": 1, "lag": 200.0}, 0, False, "Down"),
    ],
)
def test_a_concern_is_up_late_or_down(
    fields: dict[str, Any], silent: int, at_work: bool, state: str
):
    now = NOW + timedelta(seconds=silent)
    found = watching.judge(concern(**fields), now, timedelta(seconds=30), at_work=at_work)
    assert found.state == state


def test_probes_answer_without_signing_in(site: Site):
    client = site.client()
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ok"


# ---------------------------------------------------------------- figures, and Prefect


def test_figures_are_for_this_machine_and_for_tokens_that_may_operate(site: Site):
    unknown(site)
    site.desk.task(purpose="reply", due_at=NOW - timedelta(hours=1))
    assert site.client().get("/metrics").status_code == 404  # another machine, without a token
    assert program(site, "ops", [May.WORK]).client.get("/metrics").status_code == 404
    assert program(site, "sales").client.get("/metrics").status_code == 404
    found = program(site, "ops", [May.OPERATE]).client.get("/metrics").text
    assert 'abm_touches{status="unknown"} 1.0' in found
    assert 'abm_enrollments{status="active"} 1.0' in found
    assert 'abm_promises{state="broken",team="sales"} 1.0' in found
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
