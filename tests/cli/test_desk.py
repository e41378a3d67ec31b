"""A rep's day on the command line: the queue, one task, its end, and the account's story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from accounts.records import Contact
from orchestrator.records import Enrollment
from orchestrator.settings import load
from orchestrator.store.database import Database
from tests.cli.conftest import Abm
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import the_plan

CLOCK = "clock = 'file:now.txt'\n[workspace]\nzone = 'Europe/Berlin'\n"
SCRIPT = "Good morning {{ contact.first_name }}, I read about {{ account.name }}.\n"


@pytest.fixture
def day(abm: Abm) -> Abm:
    """Acme in a play, a call to Ann on Dana's desk, at noon in Berlin."""
    (abm.project / "abm.toml").write_text(CLOCK, "utf-8")
    (abm.project / "now.txt").write_text(NOW.isoformat(), "utf-8")
    script = abm.project / "templates" / "call" / "hello.j2"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(SCRIPT, "utf-8")
    database = Database(load(abm.project).database_url)
    with database.writing() as session:
        for name, team in (("dana", "sales"), ("sam", "sales")):
            cast.user(session, name, team)
        acme = cast.company(session, "Acme", tier=1)
        ann = cast.person(session, acme, "Ann Archer", role="champion", phone="+49301234567")
        play = cast.enrolled(session, acme, cast.version(session, the_plan()))
        cast.task(
            session, play, ann, assignee_id=1, title="Call about onboarding",
            template="call/hello", due_at=NOW, reason="she read the study",
        )  # fmt: skip
        cast.task(session, play, ann, step="b", title="Write to her", kind="personal_mail")
    database.dispose()
    return abm


def test_the_queue_is_a_table_with_the_next_best_on_top(day: Abm):
    lines = day("tasks", "--user", "dana").splitlines()
    assert "Call about onboarding" in lines[1]
    assert "2026-03-03 12:00" in lines[1]
    assert "dana" in lines[1]
    assert "any of sales" in lines[2]
    assert [one["title"] for one in day.json("tasks", "--user", "sam")] == ["Write to her"]
    assert len(day.json("tasks", "--limit", "1")) == 1


def test_an_empty_queue_says_when_the_plays_go_on(day: Abm, abm: Abm):
    for task in (1, 2):
        day("tasks", "skip", task, "--by", "sam", "--reason", "on the road")
    assert "nothing to do; the plays go on 2026-03-03 12:00" in day("tasks")
    assert "; the plays go on 2026-03-03 12:00" in day("status").splitlines()[0]


def test_nobody_s_queue_names_the_nearest(day: Abm):
    assert "did you mean 'dana'?" in day("tasks", "--user", "danna", code=1)


def test_a_task_shows_what_to_say_to_whom_and_why(day: Abm):
    shown = day("tasks", "show", 1)
    for part in (
        "Good morning Ann, I read about Acme.",
        "+49301234567",
        "ann.archer@acme.example",
        "she read the study",
        "ends as:",
        "meeting_booked",
    ):
        assert part in shown
    told = day.json("tasks", "show", 1)
    assert told["script"].startswith("Good morning Ann")
    assert "token" not in json.dumps(told)


def test_a_script_with_a_hole_says_what_is_missing(day: Abm):
    (day.project / "templates/call/hello.j2").write_text("Hi {{ contact.title }}", "utf-8")
    assert "contact.title has no value" in day("tasks", "show", 1)


def test_a_task_is_closed_once_and_the_log_tells_it(day: Abm):
    said = day("tasks", "done", 1, "--disposition", "meeting_booked", "--by", "dana",
               "--note", "Tuesday at ten")  # fmt: skip
    assert "outreach to Acme stops" in said
    assert "abm tasks undo 1 --by dana" in said
    late = day("tasks", "done", 1, "--disposition", "connected", "--by", "sam", code=1)
    assert "dana closed 'Call about onboarding' as meeting_booked" in late
    story = day("log", "acme")
    assert "Ann Archer booked a meeting" in story
    assert "Tuesday at ten" in story
    assert "2026-03-03 12:00" in story
    assert day.json("tasks", "--user", "dana")[0]["title"] == "Take over Acme"


def test_the_same_token_gets_the_same_answer(day: Abm):
    words = ("tasks", "done", 1, "--disposition", "connected", "--by", "dana", "--token", "x1")
    first, again = day.json(*words), day.json(*words)
    assert (again["repeated"], again["at"]) == (True, first["at"])


def test_a_slip_is_taken_back(day: Abm):
    day("tasks", "done", 1, "--disposition", "do_not_contact", "--by", "dana")
    assert "is open again" in day("tasks", "undo", 1, "--by", "dana")
    assert "nobody closed it" in day("tasks", "undo", 1, "--by", "dana", code=1)
    database = Database(load(day.project).database_url)
    with database.reading() as session:
        assert session.get_one(Contact, 1).consent == "granted"
        assert session.get_one(Enrollment, 1).stop_reason == ""
    database.dispose()


def test_a_wrong_disposition_offers_the_nearest(day: Abm):
    said = day("tasks", "done", 1, "--disposition", "no_anwser", "--by", "dana", code=1)
    assert "did you mean 'no_answer'?" in said


def test_not_now_until_a_day_of_the_workspace(day: Abm):
    said = day("tasks", "done", 1, "--disposition", "not_now", "--by", "dana",
               "--until", "2026-04-01")  # fmt: skip
    assert "Acme rests until" in said
    assert day.json("log", "acme")["paused_until"] == "2026-03-31T22:00:00+00:00"
    wrong = day("tasks", "done", 2, "--disposition", "not_now", "--by", "dana", "--until", "soon",
                code=1)  # fmt: skip
    assert "'soon' is no time" in wrong


def test_a_task_is_skipped_and_given(day: Abm):
    assert "already met" in day("tasks", "skip", 1, "--by", "dana", "--reason", "already met")
    assert "is with sam" in day("tasks", "give", 2, "--by", "dana", "--to", "sam")
    assert "is with the queue of sales" in day("tasks", "give", 2, "--by", "sam")
    assert "is not open" not in day("tasks")


def test_the_log_pages_back(day: Abm):
    day("tasks", "skip", 1, "--by", "dana", "--reason", "first")
    (day.project / "now.txt").write_text("2026-03-04T11:00:00+00:00", "utf-8")
    day("tasks", "skip", 2, "--by", "dana", "--reason", "second")
    newest = day("log", "acme", "--limit", "1")
    assert "second" in newest
    assert "first" not in newest
    assert "(earlier entries: --before 2026-03-04T11:00:00+00:00)" in newest
    assert "first" in day("log", "acme", "--before", "2026-03-04")


def test_what_comes_from_outside_steers_no_terminal(day: Abm, tmp_path: Path):
    day("tasks", "skip", 1, "--by", "dana", "--reason", "\x1b]0;pwned\x07\x1b[2J\tx")
    day("log", "acme")
    day("tasks", "show", 1)
