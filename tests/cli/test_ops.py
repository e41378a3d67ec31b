"""The commands of whoever keeps it running: one pass by hand, how it stands, what is unknown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlmodel import Session

from orchestrator.clock import SystemClock
from orchestrator.engine import ticking
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.planner.plans import plan, step
from tests.support import cast

ADA = "ada.archer@acme.example"


@contextmanager
def written(abm: Abm) -> Iterator[Session]:
    """The project's database, to write to."""
    database = Database(f"sqlite:///{abm.project / '.abm' / 'abm.db'}")
    with database.writing() as session:
        yield session
    database.dispose()


def drop(abm: Abm, name: str, *events: dict[str, str]) -> None:
    """Put a file of events into the drop folder, whole at once."""
    folder = abm.project / ".abm" / "drop"
    folder.mkdir(exist_ok=True)
    (abm.project / name).write_text("\n".join(map(json.dumps, events)), "utf-8")
    os.utime(abm.project / name, (0, 0))  # written long ago, and so whole
    (abm.project / name).rename(folder / name)


def test_a_pass_over_an_empty_project_does_nothing(abm: Abm):
    did = abm.json("tick", "--once")
    assert {one["concern"] for one in did} == {"sweep", "ingest", "advance", "deliver"}
    assert not any(one["counts"] or one["error"] for one in did)
    assert "nothing" in abm("tick", "--once")


def test_a_pass_needs_neither_prefect_nor_what_only_webhooks_want(abm: Abm):
    code = (
        "import sys; from orchestrator.cli import main; ended = main(sys.argv[1:]); "
        "print({'prefect', 'httpx', 'httpcore'} & set(sys.modules), ended)"
    )
    words = ["--project", str(abm.project), "tick", "--once"]
    environment = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:1/api"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set() 0"
    assert not done.stderr


def test_a_pass_reads_the_drop_folder_and_status_tells(abm: Abm):
    with written(abm) as session:
        cast.person(session, cast.company(session, "Acme"), "Ada Archer")
    drop(abm, "visits.jsonl", {"kind": "visit", "id": "1", "email": ADA}, {"kind": "wisit"})
    ingested = next(one for one in abm.json("tick", "--once") if one["concern"] == "ingest")
    assert ingested["counts"] == {"files": 1, "stored": 2, "applied": 1, "unknown_kind": 1}
    again = next(one for one in abm.json("tick", "--once") if one["concern"] == "ingest")
    assert again["counts"] == {}
    assert "visit" in abm("log", "Acme")


def test_status_shows_the_last_pass_of_each_concern(abm: Abm):
    drop(abm, "visits.jsonl", {"kind": "visit", "id": "1", "domain": "nobody.example"})
    abm("tick", "--once")
    told = {one["name"]: one for one in abm.json("status")["concerns"]}
    for concern in ("advance", "deliver", "sweep"):
        assert told[concern]["started_at"]
        assert (told[concern]["due"], told[concern]["lag"]) == (0, 0)
    assert told["ingest"]["counts"]["unmatched"] == 1
    text = abm("status")
    assert "no playbook yet" in text
    assert "unmatched 1" in text


def test_a_pass_that_fails_is_told_and_hinders_no_other(abm: Abm, monkeypatch: pytest.MonkeyPatch):
    def broken(_ctx: object) -> None:
        raise ValueError("the sweeper broke\nand here it would name people")

    monkeypatch.setitem(ticking.BATCHES, "sweep", broken)
    monkeypatch.setattr(ticking, "due", lambda _ctx: frozenset({"sweep"}))
    said = abm("tick", "--once", code=1)
    assert "error: sweep failed: ValueError: the sweeper broke\n" in said
    assert "name people" not in said
    told = {one["name"]: one for one in abm.json("status")["concerns"]}
    assert told["sweep"]["error"] == "ValueError: the sweeper broke"
    assert told["deliver"]["started_at"]
    assert "failed: ValueError: the sweeper broke" in abm("status")


def test_unknown_touches_are_listed_and_settled_once(abm: Abm):
    with written(abm) as session:
        acme = cast.company(session, "Acme")
        ada = cast.person(session, acme, "Ada Archer")
        play = cast.enrolled(
            session, acme, cast.version(session, plan(step("insight", "email", "champion")))
        )
        sent = SystemClock().now() - timedelta(days=1)
        touch = cast.touch(
            session, play, ada, "insight", status="unknown", intent_at=sent, ended_at=sent,
            reply="451 try later",
        ).id  # fmt: skip
        cast.user(session, "dana", "sales")

    (listed,) = abm.json("unknown")
    assert (listed["id"], listed["account"], listed["contact"]) == (touch, "Acme", "Ada Archer")
    assert "451 try later" in abm("unknown", "list")
    assert "see `abm unknown`" in abm("status")
    assert "did you mean 'dana'" in settle(abm, touch, "dna", code=1)
    assert f"touch {touch}: sent" in settle(abm, touch, "dana")
    assert "is not unknown" in settle(abm, touch, "dana", code=1)
    assert "nothing is unknown" in abm("unknown")
    assert "settled as arrived (the log of mx1)" in abm("log", "Acme")


def settle(abm: Abm, touch: int | None, user: str, code: int = 0) -> str:
    words = ("unknown", "settle", touch, "sent", "--by", user, "--proof", "the log of mx1")
    return abm(*words, code=code)


def test_a_verdict_that_is_none_is_wrong_usage(abm: Abm):
    said = abm("unknown", "settle", 1, "maybe", "--by", "dana", "--proof", "x", code=2)
    assert "not_sent" in said


def test_a_worker_without_a_server_says_how_to_get_one(abm: Abm, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    assert "set prefect_url or PREFECT_API_URL" in abm("worker", code=1)
