"""Ops sees how it stands, and settles what nobody knows."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from accounts.records import Contact
from orchestrator.records import Activity, Enrollment, Touch
from tests.support import cast
from tests.support.cast import NOW
from tests.support.site import Site


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


def test_probes_answer_without_signing_in(site: Site):
    client = site.client()
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ok"
