"""What nobody knows arrived: listed, settled with proof, sent once more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestrator.records import Touch
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import the_plan

PROOF = ("--proof", "the provider's log of 11:02")


@pytest.fixture
def doubtful(abm: Abm) -> Abm:
    """One mail to Ann that may or may not have left, and Dana."""
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        cast.user(session, "dana", "sales")
        acme = cast.company(session, "Acme")
        ann = cast.person(session, acme, "Ann Archer")
        play = cast.enrolled(session, acme, cast.version(session, the_plan()))
        cast.touch(
            session, play, ann, "insight", status="unknown", intent_at=NOW,
            lease_until=datetime(2020, 1, 1, tzinfo=UTC), reply="the connection was lost",
        )  # fmt: skip
    database.dispose()
    return abm


def touches(abm: Abm) -> list[tuple[int, str, str]]:
    """(resend, status, outcome) of every touch."""
    database = Database(load(abm.project).database_url)
    with database.reading() as session:
        rows = [session.get(Touch, number) for number in (1, 2)]
    database.dispose()
    return [(one.resend, one.status, one.outcome) for one in rows if one]


def test_it_is_listed_until_somebody_settles_it(doubtful: Abm):
    assert "Acme" in doubtful("unknown")
    (one,) = doubtful.json("unknown")
    assert (one["id"], one["reply"], one["contact"]) == (1, "the connection was lost", "Ann Archer")
    doubtful("unknown", "settle", 1, "sent", "--by", "dana", *PROOF)
    assert touches(doubtful) == [(0, "sent", "reached")]
    assert "nothing is unknown" in doubtful("unknown")
    assert "is not unknown" in doubtful(
        "unknown", "settle", 1, "sent", "--by", "dana", *PROOF, code=1
    )
    assert "settled as arrived (the provider's log of 11:02)" in doubtful("log", "acme")


def test_what_did_not_arrive_failed_for_that_reason(doubtful: Abm):
    doubtful("unknown", "settle", 1, "not_sent", "--by", "dana", *PROOF)
    assert touches(doubtful) == [(0, "failed", "not_reached")]


def test_it_is_sent_once_more_under_a_number_of_its_own(doubtful: Abm):
    doubtful("unknown", "settle", 1, "resend", "--by", "dana", *PROOF)
    assert touches(doubtful) == [(0, "unknown", ""), (1, "ready", "")]
    assert "is not unknown" in doubtful(
        "unknown", "settle", 1, "resend", "--by", "dana", *PROOF, code=1
    )


def test_a_verdict_needs_somebody_proof_and_a_known_word(doubtful: Abm):
    wrong = doubtful("unknown", "settle", 1, "sent", "--by", "dana", "--proof", " ", code=1)
    assert "a verdict needs its proof" in wrong
    assert "did you mean 'dana'?" in doubtful(
        "unknown", "settle", 1, "sent", "--by", "dan", *PROOF, code=1
    )
    doubtful("unknown", "settle", 1, "perhaps", "--by", "dana", *PROOF, code=2)
    assert "is not unknown" in doubtful(
        "unknown", "settle", 99, "sent", "--by", "dana", *PROOF, code=1
    )
    assert touches(doubtful) == [(0, "unknown", "")]
